//! A queue of nodes whose weights fall: the smallest weight first, of equals the smallest node.
//!
//! A binary heap that knows where each node stands, so that a weight that falls moves its node and leaves nothing behind:
//! peeling looks at each tie twice, and a heap that is pushed at each look is as large as the ties.

/// Nodes by weight.
#[derive(Debug)]
pub struct Queue {
    heap: Vec<u32>,
    /// Where each node stands in the heap; [`GONE`] once it was taken.
    places: Vec<u32>,
    weights: Vec<u64>,
}

const GONE: u32 = u32::MAX;

#[expect(clippy::indexing_slicing, reason = "INVARIANT (places)")]
impl Queue {
    // INVARIANT (places): the heap holds each node that is not gone once, `places` says where, and `places` and `weights`
    // have an entry for each node. Every place that is looked at was compared with the heap's length before.

    /// A queue of all nodes with their weights.
    pub fn new(weights: Vec<u64>) -> Self {
        let nodes = weights.len() as u32;
        let mut queue = Self { heap: (0..nodes).collect(), places: (0..nodes).collect(), weights };
        (0..queue.heap.len() / 2).rev().for_each(|place| queue.sink(place));
        queue
    }

    /// Number of nodes left.
    pub const fn len(&self) -> usize {
        self.heap.len()
    }

    /// The weight of a node, also of one that is gone: what it was when it went.
    pub fn weight(&self, node: u32) -> u64 {
        self.weights[node as usize]
    }

    /// Takes the node of least weight.
    pub fn pop(&mut self) -> Option<u32> {
        let last = self.heap.pop()?;
        let first = *self.heap.first().unwrap_or(&last);
        self.places[first as usize] = GONE;
        if first != last {
            self.put(0, last);
            self.sink(0);
        }
        Some(first)
    }

    /// Takes some weight off a node; nothing where it is gone.
    pub fn lessen(&mut self, node: u32, weight: u64) {
        let mut place = self.places[node as usize];
        if place == GONE {
            return;
        }
        self.weights[node as usize] -= weight;
        while place > 0 {
            let above = (place - 1) / 2;
            if self.rank(self.heap[above as usize]) < self.rank(node) {
                break;
            }
            self.put(place as usize, self.heap[above as usize]);
            place = above;
        }
        self.put(place as usize, node);
    }

    fn sink(&mut self, mut place: usize) {
        let node = self.heap[place];
        loop {
            let mut below = 2 * place + 1;
            if below >= self.heap.len() {
                break;
            }
            if below + 1 < self.heap.len() && self.rank(self.heap[below + 1]) < self.rank(self.heap[below]) {
                below += 1;
            }
            if self.rank(node) < self.rank(self.heap[below]) {
                break;
            }
            self.put(place, self.heap[below]);
            place = below;
        }
        self.put(place, node);
    }

    fn rank(&self, node: u32) -> (u64, u32) {
        (self.weights[node as usize], node)
    }

    fn put(&mut self, place: usize, node: u32) {
        self.heap[place] = node;
        self.places[node as usize] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_sorted_set(weights in vec(0_u64..50, 1..60), steps in vec((any::<bool>(), 0_u32..60, 0_u64..9), 0..200)) {
            let mut queue = Queue::new(weights.clone());
            let mut plain: BTreeSet<(u64, u32)> = weights.into_iter().zip(0..).collect();
            for (take, node, less) in steps {
                if take {
                    let first = plain.pop_first();
                    prop_assert_eq!(queue.pop(), first.map(|(_, node)| node));
                    prop_assert_eq!(first.map(|(_, node)| queue.weight(node)), first.map(|(weight, _)| weight));
                } else if let Some(&(weight, node)) = plain.iter().find(|(_, other)| *other == node) {
                    let less = less.min(weight);
                    plain.remove(&(weight, node));
                    plain.insert((weight - less, node));
                    queue.lessen(node, less);
                }
                prop_assert_eq!(queue.len(), plain.len());
            }
        }
    }
}
