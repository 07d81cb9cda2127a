//! The query engine: hunts on a cluster of many machines by Ballista, and SQL on one by DataFusion.
//!
//! A *scheduler* takes plans from hunts and deals their tasks to *executors*; hunts fetch the results from the
//! executors. All three are this program with the same functions ([`register_functions`]), and refuse each other
//! when they are not of one build. Executors pull: each holds one port open, for the results that others fetch from it.
//!
//! This is the only crate that knows DataFusion. `docs/cluster.md` says for people how a cluster is run and what is
//! secured.

mod address;
mod buckets;
mod build;
mod engine;
mod entrance;
mod error;
mod executor;
mod functions;
mod gate;
mod greeting;
mod limits;
mod queries;
mod role;
mod scheduler;
mod session;
mod sql;
mod stages;
mod tls;
mod tunnel;
mod wire;

pub use address::Address;
pub use engine::register_functions;
pub use error::Error;
pub use executor::ExecutorOptions;
pub use executor::run_executor;
pub use scheduler::SchedulerOptions;
pub use scheduler::run_scheduler;
pub use session::Cluster;
pub use sql::RowFormat;
pub use sql::query;
pub use tls::TlsFiles;
pub use wire::Keys;
pub use wire::Token;
