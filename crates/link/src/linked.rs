//! Groups among accounts that hand things over to each other.
//!
//! A conversation or an answer that moved is held by two accounts, seldom by more. Seen as a graph of accounts and
//! values every such value is as dense as any other, and the density of blocks tells nothing apart. So values become
//! links between accounts, and the group is the set of accounts with the most links an account: a pool that hands over
//! all day, without the few neighbours whom one shared text ties to it. Found by the same peeling (Charikar 2000), a part
//! at a time; then accounts are taken in that have at least a third of the usual number of links into the group, again
//! and again, because hand-overs are few and most pools are chains of them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::tie::Tie;
use crate::tie::Value;

/// Links between two accounts that count: two who share everything are a pair, not the heart of a pool.
const MOST_LINKS: u32 = 3;

/// Weighted links by account.
type Links = BTreeMap<u32, BTreeMap<u32, u32>>;

/// The groups among `ties`, whose values must be held by few, each of at least `least` accounts; the densest first.
pub fn linked_groups(ties: &[Tie], least: usize) -> Vec<BTreeSet<u32>> {
    let mut links = links_of(ties);
    let mut groups = Vec::new();
    loop {
        let mut core = densest(&links);
        if core.is_empty() {
            return groups;
        }
        let inside = |account: u32, core: &BTreeSet<u32>| -> u32 {
            let of = links.get(&account).into_iter().flatten();
            of.filter(|(other, _)| core.contains(other)).map(|(_, weight)| *weight).sum()
        };
        let mean = core.iter().map(|account| inside(*account, &core)).sum::<u32>() / core.len() as u32;
        loop {
            let edge: BTreeSet<u32> = core
                .iter()
                .filter_map(|account| links.get(account))
                .flat_map(|others| others.keys().copied())
                .filter(|other| !core.contains(other))
                .collect();
            let taken: Vec<u32> = edge.into_iter().filter(|other| inside(*other, &core) * 3 >= mean).collect();
            if taken.is_empty() {
                break;
            }
            core.extend(taken);
        }
        for account in &core {
            for other in links.remove(account).unwrap_or_default().into_keys() {
                if let Some(others) = links.get_mut(&other) {
                    others.remove(account);
                }
            }
        }
        links.retain(|_, others| !others.is_empty());
        if core.len() >= least {
            groups.push(core);
        }
    }
}

/// Links between accounts that hold a value in common.
fn links_of(ties: &[Tie]) -> Links {
    let mut holders: BTreeMap<Value, Vec<u32>> = BTreeMap::new();
    for tie in ties {
        holders.entry(tie.value).or_default().push(tie.account);
    }
    let mut links = Links::new();
    for held in holders.values() {
        for one in held {
            for other in held.iter().filter(|other| *other != one) {
                let weight = links.entry(*one).or_default().entry(*other).or_default();
                *weight = (*weight + 1).min(MOST_LINKS);
            }
        }
    }
    links
}

/// The accounts with the most links an account, by peeling; empty where there are no links.
fn densest(links: &Links) -> BTreeSet<u32> {
    let mut degree: BTreeMap<u32, u64> = links
        .iter()
        .map(|(account, others)| (*account, others.values().map(|weight| u64::from(*weight)).sum()))
        .collect();
    let mut queue: BTreeSet<(u64, u32)> = degree.iter().map(|(account, degree)| (*degree, *account)).collect();
    let mut total: u64 = degree.values().sum();
    let (mut best_total, mut best_left, mut best_gone) = (total, queue.len(), 0);
    let mut gone = Vec::with_capacity(queue.len());
    while let Some((own, account)) = queue.pop_first() {
        degree.remove(&account);
        gone.push(account);
        total -= 2 * own;
        for (other, weight) in links.get(&account).into_iter().flatten() {
            if let Some(left) = degree.get_mut(other) {
                queue.remove(&(*left, *other));
                *left -= u64::from(*weight);
                queue.insert((*left, *other));
            }
        }
        let left = queue.len();
        if left > 0 && u128::from(total) * best_left as u128 > u128::from(best_total) * left as u128 {
            (best_total, best_left, best_gone) = (total, left, gone.len());
        }
    }
    if best_total == 0 {
        return BTreeSet::new();
    }
    gone.into_iter().skip(best_gone).collect()
}
