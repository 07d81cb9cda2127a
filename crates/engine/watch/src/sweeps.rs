//! Sweeps that are asked for and done.

use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::locks::locked;

/// Sweeps that are asked for and done.
#[derive(Debug, Default)]
pub(crate) struct Sweeps {
    asked: Mutex<SweepCounts>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct SweepCounts {
    /// The number of the sweep that is asked for.
    asked: u64,
    done: u64,
    is_running: bool,
}

impl Sweeps {
    /// Asks for a sweep of what was acknowledged until now; returns its number.
    pub fn ask(&self) -> u64 {
        let mut counts = locked(&self.asked);
        // One that runs may have begun before.
        counts.asked = counts.asked.max(counts.done + 1 + u64::from(counts.is_running));
        self.changed.notify_all();
        counts.asked
    }

    /// The number of sweeps that were done, whether they failed or not.
    pub fn count(&self) -> u64 {
        locked(&self.asked).done
    }

    /// A sweep begins.
    pub fn begin(&self) {
        locked(&self.asked).is_running = true;
    }

    /// Waits until a sweep is asked for, the engine ends, or it is time; says whether one is asked for.
    pub fn wait(&self, longest: Duration, stop: &AtomicBool) -> bool {
        let counts = locked(&self.asked);
        let is_quiet = |counts: &mut SweepCounts| counts.asked <= counts.done && !stop.load(Ordering::SeqCst);
        let waited = self.changed.wait_timeout_while(counts, longest, is_quiet);
        let (counts, _) = waited.unwrap_or_else(PoisonError::into_inner);
        counts.asked > counts.done
    }

    /// Wakes who waits, since the engine ends.
    pub fn wake(&self) {
        self.changed.notify_all();
    }

    /// A sweep was done.
    pub fn done(&self) {
        let mut counts = locked(&self.asked);
        (counts.done, counts.is_running) = (counts.done + 1, false);
        drop(counts);
        self.changed.notify_all();
    }
}
