//! What groups of accounts show, one detector a file.
//!
//! A detector says of each member of a group whether it *shows* a property. What that is worth is decided in one
//! place, [`test_group`]: members are counted by customer, the count is compared with random groups of the same size
//! from the reference, and becomes a score with room for the likeness of benign groups. No detector has a weight.
//!
//! Each file opens with what the detector sees, what it needs, its null and reference, its benign twin and its
//! source.

mod client_pairs;
mod context;
mod detector;
mod detectors;
mod draw;
mod group_test;
mod pooled;
mod shared;
mod tables;

pub use context::Context;
pub use detector::Detector;
pub use detector::Null;
pub use detector::Shown;
pub use detectors::ALL;
pub use group_test::Finding;
pub use group_test::score_of;
pub use group_test::test_group;
