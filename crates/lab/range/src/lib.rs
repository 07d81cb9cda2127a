//! Worlds with known truth: API logs and account records of invented people, products and adversaries, and the
//! scoring of what was found in them.
//!
//! A world is a TOML file that names populations and campaigns. [`generate`] writes its exchanges, its accounts and
//! its truth; [`score`] compares a hunt's output with that truth. The generator knows nothing of the detectors and
//! must stay so: what is tuned on these worlds is to be judged on others.

mod benign;
mod campaign;
mod cast;
mod client;
mod columnar;
mod dialect;
mod disguise;
mod emit;
mod error;
mod generate;
mod group;
mod identity;
mod network;
mod options;
mod partial;
mod plan;
mod pool;
mod profile;
mod rewrite;
mod rhythm;
mod rng;
mod score;
mod segment;
mod stage;
mod tell;
mod text;
mod time;
mod trace;
mod truth;
mod work;
mod world;

pub use error::Error;
pub use generate::Generated;
pub use generate::generate;
pub use options::Form;
pub use options::GenerateOptions;
pub use score::CampaignScore;
pub use score::KindScore;
pub use score::Score;
pub use score::score;
pub use world::TextVoice;
pub use world::World;
