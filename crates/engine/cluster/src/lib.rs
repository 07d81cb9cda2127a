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
mod error;
mod executor;
mod functions;
mod gate;
mod greeting;
mod queries;
mod scheduler;
mod session;
mod sql;
mod tls;
mod tunnel;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use columns::Window;
use hunt::Folded;
use hunt::RemoteFold;
use workers::Progress;

pub use address::Address;
pub use engine::register_functions;
pub use error::Error;
pub use executor::ExecutorOptions;
pub use executor::run_executor;
pub use scheduler::SchedulerOptions;
pub use scheduler::run_scheduler;
pub use sql::RowFormat;
pub use sql::query;
pub use tls::TlsFiles;
pub use wire::Keys;
pub use wire::Token;

/// ConnectError after which an executor counts as dead. A busy one asks for work every five seconds all the same.
const EXECUTOR_SILENCE: Duration = Duration::from_secs(12);

/// How often the scheduler looks for dead executors.
const EXPIRY_CHECK: Duration = Duration::from_secs(2);

/// How long a job waits while there is no executor at all, so that one can be started anew.
const NO_EXECUTORS: Duration = Duration::from_secs(30);

/// The largest message between the parts. A batch of profiles is cut into messages far smaller than this; a plan over
/// many thousand files is one message.
const MESSAGE_BYTES: usize = 256 << 20;

/// The hunt's side of a cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Where the scheduler listens.
    pub scheduler: Address,
    /// What the cluster has in common.
    pub keys: Keys,
}

impl RemoteFold for Cluster {
    fn fold(
        &self,
        tables: &[PathBuf],
        window: Window,
        workers: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<Folded>, hunt::Error> {
        Ok(session::fold(self, tables, window, workers, progress)?)
    }
}
