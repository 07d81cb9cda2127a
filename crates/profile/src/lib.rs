//! The fold: what is kept of an entity's exchanges.
//!
//! A [`Profile`] is a commutative monoid: `default`, [`Profile::observe`], [`Profile::merge`]. Any order, any split
//! into parts and any number of machines give the same profile, to the byte. An [`Observation`] is one exchange as
//! the columnar form holds it: facts and hashes, no text. [`Observer`] makes one from an exchange, in one
//! pass over its text; that is the only place where text is read.
//!
//! This crate measures. It judges nothing and compares nothing.

mod cues;
mod features;
mod fold;
mod observation;

pub use cues::Capability;
pub use cues::Cue;
pub use cues::Cues;
pub use cues::read_cues;
pub use features::Features;
pub use features::MOST_FRAMES;
pub use features::Observer;
pub use fold::DAY_US;
pub use fold::Endings;
pub use fold::FORMAT_VERSION;
pub use fold::HOUR_US;
pub use fold::HOURS;
pub use fold::Profile;
pub use observation::Observation;
