//! Was a model trained on answers that we served to a campaign?
//!
//! [`audit`] compares how much a suspect's answers have in common with answers of ours that the campaign was served, and with
//! answers of ours that it was not served. Which were served was drawn at random, or is declared to be as good as random; so
//! that a model which was not trained on them cannot tell the two apart, and a permutation of the labels gives an exact test.
//! [`read_case`], [`read_answers`] and [`read_decoys`] read the inputs. Nothing is asked of any model here. `docs/audit.md`
//! says what the result claims, what breaks it, and which methods were refused.

mod assignment;
mod audit;
mod decoy;
mod design;
mod error;
mod guard;
mod input;
mod permute;
mod report;
mod score;
mod shingle;

pub use assignment::is_assigned;
pub use audit::Inputs;
pub use audit::Options;
pub use audit::audit;
pub use decoy::Decoyed;
pub use design::Design;
pub use error::Error;
pub use error::ErrorKind;
pub use guard::Guard;
pub use input::Answer;
pub use input::Decoy;
pub use input::Ours;
pub use input::read_answers;
pub use input::read_case;
pub use input::read_decoys;
pub use report::Finding;
pub use report::Outcome;
pub use report::Power;
pub use report::Tested;
pub use report::text;
