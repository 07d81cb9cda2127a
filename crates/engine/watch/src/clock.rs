//! The time of this machine.

use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Microseconds since 1970.
pub(crate) fn now_us() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_micros()).unwrap_or(i64::MAX)
}
