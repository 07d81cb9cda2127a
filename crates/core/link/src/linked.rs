//! Groups among accounts that hand things over to each other.
//!
//! A conversation or an answer that moved is held by two customers, seldom by more. Seen as a graph of accounts and
//! values every such value is as dense as any other, and the density of blocks tells nothing apart. So values become
//! links between customers, and the group is the set of customers with the most links each: a pool that hands over all
//! day, without the few neighbours whom one shared text ties to it. Found by peeling (Charikar 2000), one connected part
//! at a time; then customers are taken in that have links to two of the group at least, and a third of the usual number,
//! again and again. One text, which anybody can paste, takes nobody in.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Links between two customers that count: two who share everything are a pair, not the heart of a pool.
const MAX_LINKS: u64 = 3;

/// Weighted links by customer.
type Links = BTreeMap<u32, BTreeMap<u32, u64>>;

/// The groups among customers that hold values in common, each of at least `least`; and the links that were left
/// unsearched because the `budget` of work, in links looked at, was spent. `held` are the few holders of each value.
pub fn linked_groups<'a>(
    held: impl Iterator<Item = &'a BTreeSet<u32>>,
    least: usize,
    budget: &mut usize,
) -> (Vec<BTreeSet<u32>>, usize) {
    let mut parts = connected(links_of(held));
    let (mut groups, mut unsearched) = (Vec::new(), 0);
    while let Some(mut links) = parts.pop() {
        let size: usize = links.values().map(BTreeMap::len).sum();
        if links.len() < least {
            continue;
        }
        if size > *budget {
            unsearched += size;
            continue;
        }
        *budget -= size;
        let group = taken_in(densest(&links), &links);
        for one in &group {
            for other in links.remove(one).unwrap_or_default().into_keys() {
                if let Some(others) = links.get_mut(&other) {
                    others.remove(one);
                }
            }
        }
        links.retain(|_, others| !others.is_empty());
        parts.extend(connected(links));
        if group.len() >= least {
            groups.push(group);
        }
    }
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    (groups, unsearched)
}

/// A group with everybody who has enough links into it.
fn taken_in(mut group: BTreeSet<u32>, links: &Links) -> BTreeSet<u32> {
    let of = |one: u32| links.get(&one).into_iter().flatten().map(|(other, weight)| (*other, *weight));
    let total: u64 = group.iter().flat_map(|one| of(*one)).filter(|(o, _)| group.contains(o)).map(|(_, w)| w).sum();
    let mean = total / group.len().max(1) as u64;
    // How many of the group each outsider is linked to, and by how much.
    let mut edge: BTreeMap<u32, (u32, u64)> = BTreeMap::new();
    let mut fresh: Vec<u32> = group.iter().copied().collect();
    while !fresh.is_empty() {
        for (other, weight) in fresh.iter().flat_map(|one| of(*one)).filter(|(other, _)| !group.contains(other)) {
            let (known, sum) = edge.entry(other).or_default();
            *known += 1;
            *sum += weight;
        }
        fresh = edge.iter().filter(|(_, (known, sum))| *known >= 2 && sum * 3 >= mean).map(|(one, _)| *one).collect();
        for one in &fresh {
            edge.remove(one);
            group.insert(*one);
        }
    }
    group
}

/// Links between customers that hold a value in common.
fn links_of<'a>(held: impl Iterator<Item = &'a BTreeSet<u32>>) -> Links {
    let mut links = Links::new();
    for holders in held {
        for one in holders {
            for other in holders.iter().filter(|other| *other != one) {
                let weight = links.entry(*one).or_default().entry(*other).or_default();
                *weight = (*weight + 1).min(MAX_LINKS);
            }
        }
    }
    links
}

/// The connected parts, the one with the smallest customer last.
fn connected(mut links: Links) -> Vec<Links> {
    let mut parts = Vec::new();
    while let Some((first, others)) = links.pop_first() {
        let mut queue: Vec<u32> = others.keys().copied().collect();
        let mut part = Links::from([(first, others)]);
        while let Some(next) = queue.pop() {
            if let Some(others) = links.remove(&next) {
                queue.extend(others.keys());
                part.insert(next, others);
            }
        }
        parts.push(part);
    }
    parts.reverse();
    parts
}

/// The customers with the most links each, by peeling.
fn densest(links: &Links) -> BTreeSet<u32> {
    let mut degree: BTreeMap<u32, u64> = links.iter().map(|(one, others)| (*one, others.values().sum())).collect();
    let mut queue: BTreeSet<(u64, u32)> = degree.iter().map(|(one, degree)| (*degree, *one)).collect();
    let mut total: u64 = degree.values().sum();
    let (mut best_total, mut best_left, mut best_gone) = (total, queue.len(), 0);
    let mut gone = Vec::with_capacity(queue.len());
    while let Some((own, one)) = queue.pop_first() {
        degree.remove(&one);
        gone.push(one);
        total -= 2 * own;
        for (other, weight) in links.get(&one).into_iter().flatten() {
            if let Some(left) = degree.get_mut(other) {
                queue.remove(&(*left, *other));
                *left -= weight;
                queue.insert((*left, *other));
            }
        }
        let left = queue.len();
        if left > 0 && u128::from(total) * best_left as u128 > u128::from(best_total) * left as u128 {
            (best_total, best_left, best_gone) = (total, left, gone.len());
        }
    }
    gone.into_iter().skip(best_gone).collect()
}
