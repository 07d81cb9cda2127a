//! The fold: what is kept of an entity's exchanges.
//!
//! A [`Profile`] is a commutative monoid: `default`, [`Profile::observe`], [`Profile::merge`]. Any order, any split
//! into parts and any number of machines give the same profile, to the byte. It is fed with
//! [`observation::Observation`]s.
//!
//! This crate measures. It judges nothing and compares nothing.

mod fold;

pub use fold::FORMAT_VERSION;
pub use fold::HOURS;
pub use fold::Profile;
