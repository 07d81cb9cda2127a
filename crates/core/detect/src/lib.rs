//! What groups of accounts show, one detector a file.
//!
//! A detector says of each member of a group whether it *shows* a property. What that is worth is decided in one
//! place, [`test_group`]: members are counted by customer, the count is compared with random groups of the same size
//! from the reference, and becomes an e-value with room for the likeness of benign groups. No detector has a weight.
//!
//! Each file opens with what the detector sees, what it needs, its null and reference, its benign twin and its
//! source.

mod detectors;
mod draw;
mod entity;
mod family;
mod frames;
mod holders;
mod pooled;
mod population;
mod shared;
mod test;

pub use detectors::ALL;
pub use entity::Entity;
pub use entity::Identity;
pub use family::Family;
pub use frames::conversations;
pub use frames::foreign_quotes;
pub use frames::frame_share;
pub use frames::frame_ties;
pub use population::Context;
pub use population::Lists;
pub use population::Population;
pub use test::Detector;
pub use test::Finding;
pub use test::Null;
pub use test::NullSource;
pub use test::Shown;
pub use test::count_group;
pub use test::test_group;
