//! The time of day, as the parts of a running system read it.

use std::sync::OnceLock;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Time that runs from another moment, at another speed.
static PLAYED: OnceLock<Played> = OnceLock::new();

#[derive(Debug, Clone, Copy)]
struct Played {
    began: Instant,
    from_us: i64,
    speed: u32,
}

/// Now: microseconds since 1970, by this machine's clock or by the time that is played.
#[must_use]
pub fn now_us() -> i64 {
    if let Some(Played { began, from_us, speed }) = PLAYED.get() {
        let passed = began.elapsed().as_micros().saturating_mul(u128::from(*speed));
        return from_us.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_micros()).unwrap_or(i64::MAX)
}

/// Lets time run from a moment on, so many times as fast as it does, in the whole program and until it ends: a demonstration plays
/// days in minutes. Timeouts and waits are not touched. Says whether it was done; it can be done once.
#[must_use]
pub fn play(from_us: i64, speed: u32) -> bool {
    PLAYED.set(Played { began: Instant::now(), from_us, speed }).is_ok()
}
