//! Progress reports and the stop flag.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// The steps of long work, as a progress bar names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading logs; units are bytes of the sources as stored.
    Read,
    /// Folding exchanges into profiles; units are rows of the files where their number is known, else accounts.
    Fold,
    /// Writing profile increments; units are files.
    Increments,
    /// Reading a data directory to see whether it is whole; units are files.
    Check,
    /// Finding the values that accounts share; no units.
    Link,
    /// Testing groups; units are groups.
    Test,
}

/// Receives progress reports and can stop the work. Called from several threads.
pub trait Progress: Sync {
    /// A phase begins, of `total` units where that is known.
    fn begin(&self, _phase: Phase, _total: Option<u64>) {}
    /// `done` units of the current phase are done, with `records` records in all.
    fn advance(&self, _done: u64, _records: u64) {}
    /// The stop flag: the work ends with [`Interrupted`] soon after it is set.
    fn stop(&self) -> &AtomicBool;
}

/// Shows nothing and never stops.
#[derive(Debug, Default)]
pub struct Silent(AtomicBool);

impl Progress for Silent {
    fn stop(&self) -> &AtomicBool {
        &self.0
    }
}

/// The work was stopped by its [`Progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped; nothing was written")
    }
}

impl std::error::Error for Interrupted {}

/// Checks the stop flag.
///
/// # Errors
/// [`Interrupted`] when the flag is set.
pub fn check(progress: &dyn Progress) -> Result<(), Interrupted> {
    if progress.stop().load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
}
