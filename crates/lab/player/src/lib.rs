//! A world played through a gate: its accounts send what they send when they send it, and a model that is none answers them.
//!
//! [`Script`] holds the exchanges of a world in order of time, and who is who. [`play`] sends them through a gate at the time
//! of [`record::clock`], [`serve_model`] answers what the gate passes on, and [`Tally`] counts who was served. It knows the
//! truth, and nothing that is played against it does.

mod error;
mod line;
mod model;
mod script;
mod send;
mod tally;

pub use error::Error;
pub use model::Model;
pub use model::serve_model;
pub use script::Script;
pub use send::Settings;
pub use send::play;
pub use tally::CampaignTally;
pub use tally::Day;
pub use tally::Summary;
pub use tally::Tally;
