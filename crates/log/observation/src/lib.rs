//! One exchange as numbers: what is computed from it once, before its text is left behind.
//!
//! An [`Observer`] reads an exchange in one pass and returns its [`Features`]. With the facts of the exchange they are
//! an [`Observation`]: times, counts and hashes, no text. This is the only crate in which text is read. The columnar
//! form stores observations, and profiles are folded from them.

mod cues;
mod features;
mod fields;
mod observation;

pub use cues::Capability;
pub use cues::Cue;
pub use cues::Cues;
pub use cues::read_cues;
pub use features::Features;
pub use features::MAX_FRAMES;
pub use features::Observer;
pub use observation::Observation;
