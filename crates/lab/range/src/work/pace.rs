//! How fast the turns of a conversation follow each other.

use crate::rng::{Rng, mix};
use crate::time::SECOND;

/// How fast turns follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A person reads and types.
    Person,
    /// A program calls its tools.
    Agent,
    /// A script goes on at once.
    Script,
}

/// Time from one turn to the next, the answer's own time included.
pub(crate) fn gap_us(pace: Pace, seed: u64, turn: u32) -> i64 {
    let mut rng = Rng::new(mix(seed, 0x6A70_0000 + u64::from(turn)));
    let seconds = match pace {
        // 3 / 17 / 82 s at the 10th, 50th and 90th percentile between people; now and then somebody is called away.
        Pace::Person if rng.chance(0.12) => rng.log_normal(420.0, 0.9),
        Pace::Person => 4.0 + rng.log_normal(17.0, 1.228),
        Pace::Agent => 2.0 + rng.log_normal(7.0, 0.8),
        Pace::Script => 1.0 + rng.log_normal(4.0, 0.5),
    };
    (seconds.min(14_400.0) * SECOND as f64) as i64
}
