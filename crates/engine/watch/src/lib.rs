//! The live engine: exchanges in as they happen, verdicts out while campaigns run.
//!
//! ```text
//! files, HTTP ─Intake─► rows ─Writer─► write-ahead log ─Flusher─► data directory ─sweep: hunt─► verdict snapshot
//! ```
//!
//! The state of the engine is its data directory and its log. What is acknowledged is in the log; what is in the log comes to
//! the data directory, each exchange once; a sweep is a hunt of the data directory. So a hunt of the same exchanges says the same.

mod engine;
mod error;
mod flush;
mod follow;
mod frame;
mod http;
mod intake;
mod items;
mod keep;
mod locks;
mod matcher;
mod metrics;
mod newcomer;
mod recover;
mod registrations;
mod registry;
mod request;
mod segment;
mod settings;
mod shared;
mod since;
mod state;
mod sweeps;
mod tick;
mod writer;

pub use engine::Engine;
pub use error::Error;
pub use error::ErrorKind;
pub use frame::Position;
pub use frame::Receipt;
pub use http::Listener;
pub use http::router;
pub use intake::Piece;
pub use intake::Taken;
pub use registry::accounts_of_sweep;
pub use settings::Durability;
pub use settings::Follow;
pub use settings::How;
pub use settings::Limits;
pub use settings::Settings;
pub use settings::Sweep;
pub use shared::Beside;
pub use shared::Decisions;
pub use shared::Notices;
