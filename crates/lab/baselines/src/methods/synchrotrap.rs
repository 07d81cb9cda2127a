//! SynchroTrap: accounts that act on the same objects in the same time slots, again and again, are one operation.
//!
//! Source: Cao, Yang, Yu, Palow, "Uncovering large groups of active malicious accounts in online social networks",
//! ACM CCS 2014.
//!
//! Adapted: an action is an exchange; the object, a page or address there, is a template cell here (a hashed run of
//! five words, four a text), because prompts are nearly all different. Similarity of two accounts is Jaccard over
//! their sets of (cell, slot); accounts above the threshold are joined by single linkage, and groups of at least
//! three are accused. Slots are fixed, not sliding: two actions on both sides of a boundary do not match. A pair of
//! cell and slot that more than 2,000 accounts have is passed over, to bound the work. A tie is dated at the first
//! match of its two accounts, which is earlier than anyone could know, and favours the method.
//!
//! Settings: slots of 1, 6 and 24 hours; Jaccard of at least 0.02, 0.05, 0.1, 0.2 and 0.4.
//!
//! Cannot see: accounts that each get other parts of the work at other times, or whose own traffic is mostly cover
//! (every cell of the cover is in the union and none in the intersection).

use std::collections::HashMap;

use crate::graph::components;
use crate::method::Method;
use crate::method::Outcome;
use crate::world::World;

const SLOTS_H: [i64; 3] = [1, 6, 24];
const THRESHOLDS: [f64; 5] = [0.02, 0.05, 0.1, 0.2, 0.4];
const MAX_ACCOUNTS: usize = 2_000;
const MIN_ACCOUNTS: u32 = 3;

pub(super) struct SynchroTrap;

/// What two accounts have in common: how many pairs of cell and slot, and when first.
#[derive(Default, Clone, Copy)]
struct Match {
    common: u32,
    first_us: i64,
}

impl Method for SynchroTrap {
    fn name(&self) -> &'static str {
        "synchrotrap"
    }

    fn source(&self) -> &'static str {
        "SynchroTrap, ACM CCS 2014"
    }

    fn grid(&self) -> &'static str {
        "slot 1, 6, 24 h; Jaccard >= 0.02, 0.05, 0.1, 0.2, 0.4; at least 3 accounts"
    }

    fn accuse(&self, world: &World) -> Vec<Outcome> {
        let accounts = world.log.accounts.len();
        let mut outcomes = Vec::new();
        for hours in SLOTS_H {
            let (sizes, matches) = matches(world, hours);
            let size = |account: u32| sizes.get(account as usize).copied().unwrap_or(0);
            for threshold in THRESHOLDS {
                let alike = |(pair, found): &(&(u32, u32), &Match)| {
                    let either = size(pair.0) + size(pair.1) - found.common;
                    f64::from(found.common) >= threshold * f64::from(either)
                };
                let ties = matches.iter().filter(alike).map(|(pair, found)| (pair.0, pair.1, found.first_us));
                outcomes.push(Outcome {
                    setting: format!("slot {hours} h; Jaccard >= {threshold}"),
                    accusations: components(accounts, ties.collect(), MIN_ACCOUNTS),
                });
            }
        }
        outcomes
    }
}

/// Size of each account's set of (cell, slot), and what pairs of accounts have in common.
fn matches(world: &World, hours: i64) -> (Vec<u32>, HashMap<(u32, u32), Match>) {
    let slot_us = hours * 3_600_000_000;
    // Cell, slot, account, and when the account first did it.
    let mut actions: Vec<(u32, i64, u32, i64)> = world
        .cells
        .uses
        .iter()
        .filter_map(|(cell, index)| {
            let query = world.log.queries.get(*index as usize)?;
            Some((*cell, query.at_us.div_euclid(slot_us), query.account, query.at_us))
        })
        .collect();
    actions.sort_unstable();
    actions.dedup_by_key(|(cell, slot, account, _)| (*cell, *slot, *account));
    let mut sizes = vec![0; world.log.accounts.len()];
    for (_, _, account, _) in &actions {
        if let Some(size) = sizes.get_mut(*account as usize) {
            *size += 1;
        }
    }
    let mut matches: HashMap<(u32, u32), Match> = HashMap::new();
    let groups = actions.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    for group in groups.filter(|group| (2..=MAX_ACCOUNTS).contains(&group.len())) {
        for (number, (_, _, one, at_us)) in group.iter().enumerate() {
            for (_, _, other, other_us) in group.iter().skip(number + 1) {
                let seen_us = *at_us.max(other_us);
                let found = matches.entry((*one, *other)).or_insert(Match { common: 0, first_us: seen_us });
                found.common += 1;
                found.first_us = found.first_us.min(seen_us);
            }
        }
    }
    (sizes, matches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::chatter;
    use crate::testing::filled;
    use crate::testing::planted;
    use crate::testing::scores;
    use crate::testing::with;

    #[test]
    fn the_same_template_in_the_same_hours_is_found() {
        let (world, truth) =
            planted(20, 12, 8, |rng, account, number| ((number * 600 + account * 3) as i64, filled(rng)));
        let scores = scores(&SynchroTrap, &world, &truth);
        let score = with(&scores, "slot 1 h; Jaccard >= 0.2");
        assert!(score.campaigns[0].found);
        assert_eq!(score.wronged, 0);
    }

    #[test]
    fn own_words_and_other_hours_are_not() {
        let (world, truth) =
            planted(20, 12, 8, |rng, account, number| ((number * 600 + account * 3) as i64, chatter(rng, 14)));
        assert_eq!(with(&scores(&SynchroTrap, &world, &truth), "slot 1 h; Jaccard >= 0.05").reached, 0);
        // The documented failure: the same template, each account in an hour of its own.
        let (world, truth) = planted(0, 12, 8, |rng, account, number| ((account * 7200 + number) as i64, filled(rng)));
        assert_eq!(with(&scores(&SynchroTrap, &world, &truth), "slot 1 h; Jaccard >= 0.02").reached, 0);
    }
}
