//! A threshold on the volume of one account: what rate limits and most anomaly rules come down to.
//!
//! Source: common practice; the public gateway AegisGate alerts on more than 100 prompts an hour.
//!
//! Adapted: an account is accused when its exchanges of one UTC day reach the threshold, at that exchange. Trusted
//! accounts are not spared, because nothing is learned from them.
//!
//! Settings: 10 to 1,000 exchanges a day.
//!
//! Cannot see: a campaign whose accounts each ask as little as a customer. It accuses accounts and never a group.

use std::collections::HashMap;

use record::time::DAY_US;

use crate::method::Accusation;
use crate::method::Method;
use crate::method::Outcome;
use crate::world::World;

/// Exchanges an account a day.
const THRESHOLDS: [u32; 7] = [10, 20, 50, 100, 200, 500, 1000];

pub(super) struct Volume;

impl Method for Volume {
    fn name(&self) -> &'static str {
        "volume"
    }

    fn source(&self) -> &'static str {
        "common practice (rate rules)"
    }

    fn grid(&self) -> &'static str {
        "exchanges an account and UTC day: 10, 20, 50, 100, 200, 500, 1000"
    }

    fn accuse(&self, world: &World) -> Vec<Outcome> {
        THRESHOLDS
            .iter()
            .map(|threshold| Outcome { setting: format!(">= {threshold} a day"), accusations: over(world, *threshold) })
            .collect()
    }
}

fn over(world: &World, threshold: u32) -> Vec<Accusation> {
    let mut accused = Vec::new();
    for account in 0..world.log.accounts.len() as u32 {
        let mut days: HashMap<i64, u32> = HashMap::new();
        let reached = world.log.queries_of(account).find(|query| {
            let count = days.entry(query.at_us.div_euclid(DAY_US)).or_default();
            *count += 1;
            *count >= threshold
        });
        accused.extend(reached.map(|query| Accusation::new(vec![account], query.at_us)));
    }
    accused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::filled;
    use crate::testing::planted;
    use crate::testing::scores;
    use crate::testing::with;

    #[test]
    fn sees_a_loud_account_and_not_a_quiet_pool() {
        let (world, truth) = planted(20, 1, 60, |rng, _, number| (number as i64 * 5, filled(rng)));
        let loud = scores(&Volume, &world, &truth);
        // Everybody asks sixty times in ten hours here: only the day's threshold tells, and it tells of all alike.
        assert_eq!(with(&loud, ">= 50 ").wronged, 20);
        let (world, truth) = planted(20, 20, 8, |rng, _, number| (number as i64 * 600, filled(rng)));
        let quiet = scores(&Volume, &world, &truth);
        assert_eq!(with(&quiet, ">= 10 ").reached, 0);
        assert_eq!(with(&quiet, ">= 10 ").wronged, 0);
    }

    #[test]
    fn the_moment_is_the_exchange_that_reaches_the_threshold() {
        let (world, truth) = planted(0, 1, 60, |rng, _, number| (number as i64, filled(rng)));
        let scores = scores(&Volume, &world, &truth);
        assert_eq!(with(&scores, ">= 20 ").campaigns[0].before_first, Some(19));
    }
}
