//! Published ways to detect extraction and coordinated accounts, written plainly, to compare Stillwatch with on the
//! same worlds.
//!
//! Nothing here is part of the product and nothing here knows its detectors. Each method is one file that says where
//! it comes from, how it is adapted, what settings it is given and what it cannot see. A method returns one outcome
//! for each setting of a small stated grid; the setting that is reported is chosen on the world itself, with the
//! truth in hand, which favours the baseline.

mod cells;
pub mod client;
mod embed;
mod error;
mod graph;
mod kernel;
mod log;
mod method;
mod methods;
mod rng;
mod score;
mod sift;
mod stat;
#[cfg(test)]
mod testing;
mod text;
mod truth;
pub mod window;
mod world;

pub use embed::Embedder;
pub use embed::Hashed;
pub use embed::Precomputed;
pub use embed::Vectors;
pub use error::Error;
pub use log::Log;
pub use log::Owner;
pub use log::Query;
pub use method::Accusation;
pub use method::Method;
pub use method::Outcome;
pub use methods::all;
pub use score::CampaignScore;
pub use score::KindScore;
pub use score::Score;
pub use score::best;
pub use score::careful;
pub use score::score;
pub use sift::Sifted;
pub use sift::sift;
pub use stat::shapiro_wilk;
pub use truth::TrueCampaign;
pub use truth::Truth;
pub use world::World;
