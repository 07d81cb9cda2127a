//! What all threads of a gate have in common.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use budget::NodeBudgets;
use sketch::HashKey;

use crate::config::Config;
use crate::keys::KeyHash;
use crate::leases::Leases;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::room::Memory;
use crate::traffic::Traffic;
use crate::writer::Writer;

/// What all threads of a gate have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) hashes: HashKey,
    pub(crate) live: Live,
    pub(crate) budgets: Arc<NodeBudgets>,
    /// The asking for parts of them, where they are shared.
    pub(crate) leases: Option<Arc<Leases>>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) metrics: Metrics,
    pub(crate) writer: Writer,
    /// The word that each question at a door must show.
    pub(crate) door_token: Option<KeyHash>,
    /// Memory for what is kept until it is written.
    pub(crate) memory: Arc<Memory>,
    /// Whether the gate is being stopped.
    pub(crate) is_draining: AtomicBool,
    /// When the gate began and which one it is, in front of the numbers of its requests.
    pub(crate) id_prefix: String,
    pub(crate) next_id: AtomicU64,
}

impl Shared {
    /// An id that no other request has.
    pub(crate) fn new_id(&self) -> String {
        format!("{}{:x}", self.id_prefix, self.next_id.fetch_add(1, Ordering::Relaxed))
    }
}
