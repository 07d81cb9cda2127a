//! Shared identifiers: accounts that share a payment, device, telephone, mailbox or address are one actor, and so is
//! whoever is joined to them by a chain of such values.
//!
//! Source: streaming union-find over shared attributes, as in public account-linking tools (Glasswally's merging of
//! accounts; the "shared payment methods" of the incident reports). EvilCohort (USENIX Security 2015) does the same
//! with addresses alone.
//!
//! Adapted: plain union-find, with a cap on how many accounts a value may join (a value shared by more is passed
//! over), which the tools that snowball do not have. A group may first be accused when enough of its accounts have
//! asked something.
//!
//! Settings: payment alone; payment, device, telephone and mailbox; these and the address of registration; all of
//! these and the source addresses of requests. Caps of 10, 50 and none. Groups of at least 3 and at least 10 accounts.
//!
//! Cannot see: a pool whose accounts have cards, devices and addresses of their own. What it sees is as true of a firm
//! with seats, an agency or a class as of a pool.

use std::collections::BTreeMap;
use std::collections::HashSet;

use crate::graph::components;
use crate::method::Method;
use crate::method::Outcome;
use crate::world::World;

/// Name, kinds of [`crate::log::IDENTIFIERS`] by index, and whether source addresses count.
const SETS: [(&str, &[usize], bool); 4] = [
    ("payment", &[0], false),
    ("payment, device, phone, mailbox", &[0, 1, 2, 3], false),
    ("these and signup address", &[0, 1, 2, 3, 4], false),
    ("these and request addresses", &[0, 1, 2, 3, 4], true),
];
const CAPS: [usize; 3] = [10, 50, usize::MAX];
const LEAST: [u32; 2] = [3, 10];

pub(super) struct SharedIdentifiers;

impl Method for SharedIdentifiers {
    fn name(&self) -> &'static str {
        "identifiers"
    }

    fn source(&self) -> &'static str {
        "union-find on shared attributes (as Glasswally); EvilCohort, USENIX Security 2015"
    }

    fn grid(&self) -> &'static str {
        "payment | +device, phone, mailbox | +signup address | +request addresses; value cap 10, 50, none; at least 3, 10 accounts"
    }

    fn accuse(&self, world: &World) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for (name, kinds, addresses) in SETS {
            let shared = holders(world, kinds, addresses);
            for cap in CAPS {
                let ties = ties(world, &shared, cap);
                for least in LEAST {
                    let cap = if cap == usize::MAX { "no cap".to_owned() } else { format!("cap {cap}") };
                    outcomes.push(Outcome {
                        setting: format!("{name}; {cap}; >= {least} accounts"),
                        accusations: components(world.log.accounts.len(), ties.clone(), least),
                    });
                }
            }
        }
        outcomes
    }
}

/// When an account first asked something.
fn first_us(world: &World, account: u32) -> Option<i64> {
    world.log.queries_of(account).next().map(|query| query.at_us)
}

/// For each value the accounts that have it.
fn holders(world: &World, kinds: &[usize], addresses: bool) -> Vec<Vec<u32>> {
    let mut holders: BTreeMap<(usize, u32), HashSet<u32>> = BTreeMap::new();
    for (account, owner) in world.log.accounts.iter().enumerate() {
        for kind in kinds {
            if let Some(value) = owner.values.get(*kind).copied().flatten() {
                holders.entry((*kind, value)).or_default().insert(account as u32);
            }
        }
    }
    if addresses {
        for query in &world.log.queries {
            if let Some(ip) = query.ip {
                holders.entry((usize::MAX, ip)).or_default().insert(query.account);
            }
        }
    }
    let shared = holders.into_values().filter(|accounts| accounts.len() > 1);
    shared.map(|accounts| accounts.into_iter().collect()).collect()
}

/// A chain of ties through the accounts of each value, in the order in which they first asked.
fn ties(world: &World, shared: &[Vec<u32>], cap: usize) -> Vec<(u32, u32, i64)> {
    let mut ties = Vec::new();
    for accounts in shared.iter().filter(|accounts| accounts.len() <= cap) {
        let mut by_time: Vec<(i64, u32)> =
            accounts.iter().filter_map(|account| Some((first_us(world, *account)?, *account))).collect();
        by_time.sort_unstable();
        let pairs = by_time.iter().zip(by_time.iter().skip(1));
        ties.extend(pairs.map(|((_, before), (at_us, after))| (*before, *after, *at_us)));
    }
    ties
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::chatter;
    use crate::testing::planted;
    use crate::testing::scores;
    use crate::testing::with;

    #[test]
    fn a_shared_card_is_found_and_own_cards_are_not() {
        let (mut world, truth) = planted(30, 12, 4, |rng, _, number| (number as i64 * 60, chatter(rng, 9)));
        for (number, owner) in world.log.accounts.iter_mut().enumerate() {
            owner.values[0] = Some(if owner.name.starts_with("hostile") { 9_999 } else { number as u32 });
        }
        let found = scores(&SharedIdentifiers, &world, &truth);
        let score = with(&found, "payment; cap 50; >= 3");
        assert!(score.campaigns[0].found);
        assert_eq!(score.wronged, 0);
        assert!(!with(&found, "payment; cap 10; >= 3").campaigns[0].found);
    }

    #[test]
    fn a_firm_with_one_card_is_accused_too() {
        // The documented failure: its benign twin.
        let (mut world, truth) = planted(30, 0, 4, |rng, _, number| (number as i64, chatter(rng, 9)));
        for owner in world.log.accounts.iter_mut().take(20) {
            owner.values[0] = Some(7);
        }
        assert_eq!(with(&scores(&SharedIdentifiers, &world, &truth), "payment; no cap; >= 10").wronged, 20);
    }
}
