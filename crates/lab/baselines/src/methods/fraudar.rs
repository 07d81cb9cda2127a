//! Fraudar: the densest block of accounts and objects, where an object that many have weighs little.
//!
//! Source: Hooi, Song, Beutel, Shah, Shin, Faloutsos, "FRAUDAR: bounding graph fraud in the face of camouflage",
//! KDD 2016.
//!
//! Adapted: objects are template cells (a hashed run of five words, four a text) instead of products; an edge is an
//! account that used a cell; its weight is 1/ln(5 + accounts that have the cell), as in the paper. Nodes are taken
//! away, least weight first, and the densest set on the way is the block. Cells of one account are left out: they
//! join nobody. The block's edges are removed and the next block is sought, as the paper does for several.
//! A block is dated when half of its accounts have used one of its cells.
//!
//! Settings: the first 1, 2, 4, 8, 16 and 32 blocks; blocks of at least 3 accounts.
//!
//! Cannot see: whether a dense block is a crime. Everybody who uses one public template is a dense block, and no
//! threshold on density comes with the method.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::method::Accusation;
use crate::method::Method;
use crate::method::Outcome;
use crate::world::World;

const BLOCKS: [usize; 6] = [1, 2, 4, 8, 16, 32];
const MIN_ACCOUNTS: usize = 3;
/// Weights as whole numbers, so that sums do not depend on their order.
const SCALE: f64 = 1e6;

pub(super) struct Fraudar;

/// An account that used a cell, and when first.
#[derive(Clone, Copy)]
struct Edge {
    account: u32,
    cell: u32,
    at_us: i64,
}

impl Method for Fraudar {
    fn name(&self) -> &'static str {
        "fraudar"
    }

    fn source(&self) -> &'static str {
        "FRAUDAR, KDD 2016"
    }

    fn grid(&self) -> &'static str {
        "the first 1, 2, 4, 8, 16, 32 blocks; at least 3 accounts"
    }

    fn accuse(&self, world: &World) -> Vec<Outcome> {
        let mut edges = edges(world);
        let mut blocks = Vec::new();
        for _ in 0..BLOCKS.into_iter().max().unwrap_or(0) {
            let Some((accounts, cells)) = densest(world, &edges) else { break };
            let inside = |edge: &&Edge| accounts.contains(&edge.account) && cells.contains(&edge.cell);
            blocks.push(accusation(&accounts, edges.iter().filter(inside)));
            edges.retain(|edge| !inside(&edge));
        }
        let found = |count: usize| blocks.iter().take(count).filter(|one| one.accounts.len() >= MIN_ACCOUNTS);
        let outcome =
            |count: usize| Outcome { setting: format!("{count} blocks"), accusations: found(count).cloned().collect() };
        BLOCKS.into_iter().map(outcome).collect()
    }
}

/// Each account and cell that several accounts have, once.
fn edges(world: &World) -> Vec<Edge> {
    let mut first: HashMap<(u32, u32), i64> = HashMap::new();
    for (cell, index) in world.cells.uses.iter().filter(|(cell, _)| world.cells.accounts_of(*cell) > 1) {
        if let Some(query) = world.log.queries.get(*index as usize) {
            // Exchanges come in the order of time.
            first.entry((query.account, *cell)).or_insert(query.at_us);
        }
    }
    let mut edges: Vec<Edge> =
        first.into_iter().map(|((account, cell), at_us)| Edge { account, cell, at_us }).collect();
    edges.sort_unstable_by_key(|edge| (edge.account, edge.cell));
    edges
}

fn accusation<'a>(accounts: &HashSet<u32>, inside: impl Iterator<Item = &'a Edge>) -> Accusation {
    let mut first: HashMap<u32, i64> = HashMap::new();
    for edge in inside {
        let at = first.entry(edge.account).or_insert(edge.at_us);
        *at = (*at).min(edge.at_us);
    }
    let mut times: Vec<i64> = first.into_values().collect();
    times.sort_unstable();
    let half = times.get(times.len() / 2).copied().unwrap_or(i64::MAX);
    Accusation::new(accounts.iter().copied().collect(), half)
}

/// Accounts and cells of the densest block; `None` if no edge is left.
fn densest(world: &World, edges: &[Edge]) -> Option<(HashSet<u32>, HashSet<u32>)> {
    if edges.is_empty() {
        return None;
    }
    let owners = world.log.accounts.len();
    let weight = |cell: u32| (SCALE / (5.0 + f64::from(world.cells.accounts_of(cell))).ln()) as u64;
    // Accounts come first, cells after them.
    let mut near: Vec<Vec<(u32, u64)>> = vec![Vec::new(); owners + world.cells.accounts.len()];
    let mut degree = vec![0_u64; near.len()];
    let mut total = 0_u64;
    for edge in edges {
        let (account, cell, weight) = (edge.account, edge.cell + owners as u32, weight(edge.cell));
        for (one, other) in [(account, cell), (cell, account)] {
            if let (Some(near), Some(degree)) = (near.get_mut(one as usize), degree.get_mut(one as usize)) {
                near.push((other, weight));
                *degree += weight;
            }
        }
        total += weight;
    }
    let mut heap: BinaryHeap<Reverse<(u64, u32)>> = (0_u32..)
        .zip(&degree)
        .filter(|(_, degree)| **degree > 0)
        .map(|(node, degree)| Reverse((*degree, node)))
        .collect();
    let mut gone = vec![false; near.len()];
    let mut left = heap.len();
    let mut order = Vec::with_capacity(left);
    let mut best = (total as f64 / left as f64, 0);
    while let Some(Reverse((at, node))) = heap.pop() {
        // An entry that is not of the node's present degree is out of date.
        if gone.get(node as usize).copied().unwrap_or(true) || degree.get(node as usize) != Some(&at) {
            continue;
        }
        if let Some(gone) = gone.get_mut(node as usize) {
            *gone = true;
        }
        order.push(node);
        left -= 1;
        total = total.saturating_sub(at);
        for (other, weight) in near.get(node as usize).into_iter().flatten() {
            if !gone.get(*other as usize).copied().unwrap_or(true)
                && let Some(degree) = degree.get_mut(*other as usize)
            {
                *degree = degree.saturating_sub(*weight);
                heap.push(Reverse((*degree, *other)));
            }
        }
        let density = total as f64 / left.max(1) as f64;
        if left > 0 && density > best.0 {
            best = (density, order.len());
        }
    }
    let block = order.into_iter().skip(best.1);
    let (accounts, cells): (HashSet<u32>, HashSet<u32>) = block.partition(|node| (*node as usize) < owners);
    Some((accounts, cells.into_iter().map(|node| node - owners as u32).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::filled;
    use crate::testing::planted;
    use crate::testing::scores;
    use crate::testing::with;

    #[test]
    fn a_template_among_chatter_is_the_densest_block() {
        let (world, truth) = planted(40, 15, 6, |rng, _, number| (number as i64 * 600, filled(rng)));
        let scores = scores(&Fraudar, &world, &truth);
        let score = with(&scores, "1 blocks");
        assert!(score.campaigns[0].found);
        assert_eq!(score.wronged, 0);
    }

    #[test]
    fn asked_for_a_block_it_always_gives_one() {
        // The documented failure: without a campaign the densest block is somebody honest.
        let (world, truth) = planted(40, 15, 6, |rng, _, number| (number as i64 * 600, filled(rng)));
        let nobody = crate::truth::Truth {
            campaigns: Vec::new(),
            benign: [("crowd".to_owned(), truth.campaigns[0].accounts.clone())].into(),
        };
        assert!(with(&scores(&Fraudar, &world, &nobody), "1 blocks").wronged >= 13);
    }
}
