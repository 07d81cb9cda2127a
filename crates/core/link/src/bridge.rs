//! Accounts that alone hold two groups together.
//!
//! Two pools that share one account (sold twice, or caught in both) are denser together than apart, so peeling
//! alone joins them. An account whose removal leaves two parts of group size is a *bridge*: it is a weak link
//! however many bits it carries, and groups are cut there before they are peeled. Found as articulation points of
//! the account–value graph in one depth-first search (Hopcroft and Tarjan 1973), in time linear in the ties.

use crate::part::Neighbours;
use crate::part::Part;

/// The accounts of one connected part whose removal leaves at least two parts with `least` accounts each, ascending.
pub fn bridges(part: &Part, least: usize) -> Vec<u32> {
    if part.accounts.len() < 2 * least + 1 {
        return Vec::new();
    }
    let neighbours = part.neighbours();
    let nodes = vec![Node::default(); neighbours.nodes()];
    let mut search = Search { accounts: part.accounts.len(), least, nodes, found: Vec::new() };
    search.run(&neighbours);
    let mut found: Vec<u32> = search.found.iter().filter_map(|at| part.accounts.get(*at).copied()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[derive(Clone, Copy, Default)]
struct Node {
    /// Order of discovery, from 1; 0 is not seen.
    order: u32,
    /// Earliest order reachable from the subtree without the edge to its parent.
    low: u32,
    parent: u32,
    /// Next neighbour to look at.
    next: u32,
    /// Accounts in the subtree.
    size: u32,
}

struct Search {
    accounts: usize,
    least: usize,
    nodes: Vec<Node>,
    found: Vec<usize>,
}

impl Search {
    #[expect(clippy::indexing_slicing, reason = "INVARIANT (ids in range)")]
    fn node(&mut self, at: usize) -> &mut Node {
        // INVARIANT (ids in range): `at` comes from the adjacency lists, which have one entry a node.
        &mut self.nodes[at]
    }

    /// Depth first from node 0, with a stack of our own: parts can be deeper than the thread's.
    fn run(&mut self, neighbours: &Neighbours) {
        let mut order = 1;
        *self.node(0) = Node { order, low: order, parent: u32::MAX, next: 0, size: 1 };
        let mut stack = vec![0_usize];
        let mut at_root = Vec::new();
        while let Some(&at) = stack.last() {
            let next = self.node(at).next as usize;
            self.node(at).next += 1;
            if let Some(to) = neighbours.of(at as u32).get(next).map(|to| *to as usize) {
                let seen = self.node(to).order;
                if seen == 0 {
                    order += 1;
                    let size = u32::from(to < self.accounts);
                    *self.node(to) = Node { order, low: order, parent: at as u32, next: 0, size };
                    stack.push(to);
                } else if self.node(at).parent != to as u32 {
                    let low = self.node(at).low.min(seen);
                    self.node(at).low = low;
                }
                continue;
            }
            stack.pop();
            let done = *self.node(at);
            let Some(&parent) = stack.last() else { break };
            let above = self.node(parent);
            above.low = above.low.min(done.low);
            above.size += done.size;
            let above = *above;
            if parent == 0 {
                at_root.push(done.size as usize);
            } else if done.low >= above.order && parent < self.accounts {
                let outside = self.accounts - 1 - done.size as usize;
                if done.size as usize >= self.least && outside >= self.least {
                    self.found.push(parent);
                }
            }
        }
        if at_root.iter().filter(|size| **size >= self.least).count() >= 2 {
            self.found.push(0);
        }
    }
}
