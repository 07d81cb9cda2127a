//! The tick: accounts that match a campaign since the last sweep are published as watched.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use crate::shared::Shared;

/// A sweep comes early only so long after the one before.
const EARLIEST: Duration = Duration::from_secs(60);

/// Publishes those who match, again and again.
pub(crate) fn tick_loop(shared: &Shared) {
    while !shared.stop.load(Ordering::SeqCst) {
        shared.pause(Duration::from_secs(shared.settings.sweep.tick_s));
        let begun = Instant::now();
        let Some(since) = shared.since_last() else { continue };
        let published = match since.published() {
            None => continue,
            Some(published) => published.and_then(|(snapshot, matched)| shared.publish(Arc::new(snapshot), matched)),
        };
        match published {
            Ok(matched) => {
                shared.mend("tick");
                let is_many = matched as u64 >= shared.settings.sweep.early_after;
                if is_many && since.begun.elapsed() >= EARLIEST {
                    shared.sweeps.ask();
                }
            }
            Err(error) => {
                since.again();
                shared.degrade("tick", &error.to_string());
            }
        }
        shared.metrics.tick_seconds.observe(begun.elapsed().as_secs_f64());
    }
}
