//! The accounts that are assessed together: what is known of each, who is a customer of whom, and who is the reference.
//!
//! A [`Population`] holds the accounts. [`Customers`] and [`Holders`] count the customers that hold a value.
//! [`ReferenceSample`] is the part of the reference with which groups are compared. This crate forms no groups and
//! accuses nobody.

mod entity;
mod frames;
mod holders;
mod items;
mod population;
mod rulings;
mod sample;

pub use entity::Entity;
pub use entity::Identity;
pub use frames::conversations;
pub use frames::foreign_quotes;
pub use frames::frame_share;
pub use frames::frame_ties;
pub use frames::repeated_frames;
pub use holders::Customers;
pub use holders::Holders;
pub use items::Items;
pub use population::Lists;
pub use population::Population;
pub use rulings::Ruled;
pub use rulings::Rulings;
pub use sample::MAX_COMPARED;
pub use sample::PhraseSums;
pub use sample::Place;
pub use sample::ReferenceSample;
