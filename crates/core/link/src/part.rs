//! Connected parts of the ties, with accounts and values numbered from zero.

use crate::bond::Bond;
use crate::bond::at;
use crate::bond::set;

/// Ties by the places of account and value.
pub type Edges = Vec<(u32, u32)>;

/// Some ties, their accounts and values numbered in their order.
#[derive(Debug)]
pub struct Part {
    /// The accounts, ascending.
    pub accounts: Vec<u32>,
    /// The values' numbers in the whole search, ascending.
    pub values: Vec<u32>,
    /// The ties, ascending.
    pub edges: Edges,
}

impl Part {
    /// Numbers the accounts and values of sorted ties. `places` is room for one entry a value of the whole search.
    pub fn new(bonds: &[Bond], places: &mut [u32]) -> Self {
        let mut values: Vec<u32> = bonds.iter().map(|bond| bond.value).collect();
        values.sort_unstable();
        values.dedup();
        values.iter().zip(0..).for_each(|(value, place)| set(places, *value, place));
        let mut accounts: Vec<u32> = Vec::new();
        let mut edges = Vec::with_capacity(bonds.len());
        for bond in bonds {
            if accounts.last() != Some(&bond.account) {
                accounts.push(bond.account);
            }
            edges.push((accounts.len() as u32 - 1, at(places, bond.value)));
        }
        Self { accounts, values, edges }
    }

    /// The tie of an edge.
    pub fn bond(&self, (account, value): (u32, u32)) -> Bond {
        Bond { account: at(&self.accounts, account), value: at(&self.values, value) }
    }

    /// The neighbours of every node: accounts first, then values, each list ascending.
    pub fn neighbours(&self) -> Neighbours {
        Neighbours::new(self.accounts.len(), self.values.len(), &self.edges)
    }
}

/// Compressed adjacency of both sides; nodes of the right side are numbered after those of the left.
#[derive(Debug)]
pub struct Neighbours {
    starts: Vec<u32>,
    entries: Vec<u32>,
}

impl Neighbours {
    /// The neighbours of sorted edges.
    pub fn new(left: usize, right: usize, edges: &[(u32, u32)]) -> Self {
        let split = left as u32;
        let mut starts = vec![0_u32; left + right + 2];
        let count = |node: u32, starts: &mut [u32]| {
            let before = at(starts, node + 2);
            set(starts, node + 2, before + 1);
        };
        for (one, other) in edges {
            count(*one, &mut starts);
            count(other + split, &mut starts);
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        // Each start is now one place behind, and moves to its own as its entries are written.
        let mut entries = vec![0_u32; edges.len() * 2];
        let put = |from: u32, to: u32, starts: &mut [u32], entries: &mut [u32]| {
            let place = at(starts, from + 1);
            set(entries, place, to);
            set(starts, from + 1, place + 1);
        };
        for (one, other) in edges {
            put(*one, other + split, &mut starts, &mut entries);
            put(other + split, *one, &mut starts, &mut entries);
        }
        Self { starts, entries }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.starts.len() - 2
    }

    /// A node's neighbours.
    pub fn of(&self, node: u32) -> &[u32] {
        let (start, end) = (at(&self.starts, node) as usize, at(&self.starts, node + 1) as usize);
        self.entries.get(start..end).unwrap_or_default()
    }
}

/// The connected parts of sorted ties, each sorted; the largest last, so that it is popped first.
pub fn components(bonds: &[Bond], places: &mut [u32]) -> Vec<Vec<Bond>> {
    let part = Part::new(bonds, places);
    let split = part.accounts.len() as u32;
    let mut sets = DisjointSets::new(part.accounts.len() + part.values.len());
    part.edges.iter().for_each(|(account, value)| sets.join(*account, split + value));
    let mut number_of = vec![u32::MAX; part.accounts.len()];
    let mut parts: Vec<Vec<Bond>> = Vec::new();
    for (edge, bond) in part.edges.iter().zip(bonds) {
        // The smallest node of a part is an account.
        let root = sets.root(edge.0);
        let mut number = at(&number_of, root);
        if number == u32::MAX {
            number = parts.len() as u32;
            set(&mut number_of, root, number);
            parts.push(Vec::new());
        }
        if let Some(part) = parts.get_mut(number as usize) {
            part.push(*bond);
        }
    }
    parts.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| b.cmp(a)));
    parts
}

/// Union-find with path halving; the smaller root wins, so that roots do not depend on the order of joins.
#[derive(Debug)]
pub struct DisjointSets {
    parent: Vec<u32>,
}

impl DisjointSets {
    /// So many sets of one.
    pub fn new(count: usize) -> Self {
        Self { parent: (0..count as u32).collect() }
    }

    /// The smallest member of a set.
    pub fn root(&mut self, mut id: u32) -> u32 {
        while let Some(parent) = self.parent.get(id as usize).copied() {
            if parent == id {
                break;
            }
            let grand = self.parent.get(parent as usize).copied().unwrap_or(parent);
            set(&mut self.parent, id, grand);
            id = grand;
        }
        id
    }

    /// Makes two sets one.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        set(&mut self.parent, a.max(b), a.min(b));
    }
}
