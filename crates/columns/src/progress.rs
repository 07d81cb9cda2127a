//! What long work says while it runs.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::error::Error;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading logs; units are bytes of the sources as stored.
    Read,
    /// Folding exchanges to profiles; units are profiles.
    Fold,
    /// Writing profile increments; units are parts.
    Increments,
    /// Finding what accounts share; no units.
    Link,
    /// Testing groups; units are groups.
    Test,
}

/// Listens to progress and may stop the work. Called from several threads.
pub trait Progress: Sync {
    /// A phase begins, of `total` units where that is known.
    fn begin(&self, _phase: Phase, _total: Option<u64>) {}

    /// `done` units of the current phase are done, with `records` records in all.
    fn advance(&self, _done: u64, _records: u64) {}

    /// Set to stop the work at the next good place.
    fn stop(&self) -> &AtomicBool;
}

/// Says nothing and never stops.
#[derive(Debug, Default)]
pub struct Silent(AtomicBool);

impl Progress for Silent {
    fn stop(&self) -> &AtomicBool {
        &self.0
    }
}

/// An error when the work was asked to stop.
pub fn check(progress: &dyn Progress) -> Result<(), Error> {
    if progress.stop().load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
}
