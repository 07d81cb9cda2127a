//! Greedy peeling of a weighted bipartite graph to its densest block.
//!
//! The density of a set of accounts and values is the total weight of the ties inside it over the number of its
//! nodes. Removing the node of least weight again and again, and keeping the densest set met on the way, finds at
//! least half of the greatest density (Charikar 2000); with value weights that fall with frequency the result
//! resists camouflage (Hooi et al., *FRAUDAR*, KDD 2016). Ties between nodes of equal weight break by index, and
//! indices come from sorted input, so the order of arrival never shows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A bipartite graph: `edges` join a left node to a right node, `weights` belong to right nodes, in fixed-point
/// sixteenths of a bit so that sums do not depend on their order.
#[derive(Debug)]
pub struct Graph<'a> {
    /// Number of left nodes.
    pub left: usize,
    /// Weight of each right node's edges.
    pub weights: &'a [u32],
    /// Pairs of left and right node.
    pub edges: &'a [(u32, u32)],
}

/// The densest block found.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// Left nodes, ascending.
    pub left: Vec<u32>,
    /// Right nodes, ascending.
    pub right: Vec<u32>,
    /// Total weight inside, in sixteenths of a bit.
    pub weight: u64,
}

/// Finds the densest block. Time is `E log V`, memory `E + V`.
pub fn densest_block(graph: &Graph<'_>) -> Block {
    let nodes = graph.left + graph.weights.len();
    let neighbours = Neighbours::new(graph, nodes);
    let mut weight_of: Vec<u64> = (0..nodes).map(|node| neighbours.of(node).map(|(_, weight)| weight).sum()).collect();
    let mut heap: BinaryHeap<Reverse<(u64, u32)>> =
        weight_of.iter().zip(0_u32..).map(|(weight, node)| Reverse((*weight, node))).collect();
    let mut gone = vec![false; nodes];
    let mut order = Vec::with_capacity(nodes);
    let mut total: u64 = graph.edges.iter().map(|(_, right)| weight_at(graph, *right)).sum();
    // Compared as total / nodes without division.
    let (mut best_total, mut best_nodes, mut best_removed) = (total, nodes, 0);
    while let Some(Reverse((weight, node))) = heap.pop() {
        let index = node as usize;
        let current = weight_of.get(index).copied().unwrap_or(0);
        if gone.get(index).copied().unwrap_or(true) || weight != current {
            continue;
        }
        if let Some(flag) = gone.get_mut(index) {
            *flag = true;
        }
        order.push(node);
        total -= current;
        for (neighbour, weight) in neighbours.of(index) {
            let alive = !gone.get(neighbour as usize).copied().unwrap_or(true);
            if let (true, Some(left)) = (alive, weight_of.get_mut(neighbour as usize)) {
                *left -= weight;
                heap.push(Reverse((*left, neighbour)));
            }
        }
        let remaining = nodes - order.len();
        if remaining > 0 && u128::from(total) * best_nodes as u128 > u128::from(best_total) * remaining as u128 {
            (best_total, best_nodes, best_removed) = (total, remaining, order.len());
        }
    }
    let mut inside = vec![true; nodes];
    for node in order.iter().take(best_removed) {
        if let Some(flag) = inside.get_mut(*node as usize) {
            *flag = false;
        }
    }
    let kept = || inside.iter().zip(0_u32..).filter(|(inside, _)| **inside).map(|(_, node)| node);
    let split = graph.left as u32;
    Block {
        left: kept().filter(|node| *node < split).collect(),
        right: kept().filter(|node| *node >= split).map(|node| node - split).collect(),
        weight: best_total,
    }
}

fn weight_at(graph: &Graph<'_>, right: u32) -> u64 {
    u64::from(graph.weights.get(right as usize).copied().unwrap_or(0))
}

/// Compressed adjacency of both sides.
struct Neighbours {
    starts: Vec<usize>,
    entries: Vec<(u32, u32)>,
}

impl Neighbours {
    fn new(graph: &Graph<'_>, nodes: usize) -> Self {
        let split = graph.left as u32;
        let ends = graph.edges.iter().flat_map(|(left, right)| {
            let weight = graph.weights.get(*right as usize).copied().unwrap_or(0);
            [(*left, right + split, weight), (right + split, *left, weight)]
        });
        let mut all: Vec<(u32, u32, u32)> = ends.collect();
        all.sort_unstable();
        let mut starts = Vec::with_capacity(nodes + 1);
        let mut at = 0;
        for node in 0..=nodes as u32 {
            while all.get(at).is_some_and(|(from, ..)| *from < node) {
                at += 1;
            }
            starts.push(at);
        }
        Self { starts, entries: all.into_iter().map(|(_, to, weight)| (to, weight)).collect() }
    }

    fn of(&self, node: usize) -> impl Iterator<Item = (u32, u64)> + '_ {
        let start = self.starts.get(node).copied().unwrap_or(0);
        let end = self.starts.get(node + 1).copied().unwrap_or(start);
        self.entries.get(start..end).unwrap_or_default().iter().map(|(to, weight)| (*to, u64::from(*weight)))
    }
}
