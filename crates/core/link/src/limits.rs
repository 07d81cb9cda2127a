//! What counts as a group.

/// What counts as a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Fewest customers in a group.
    pub min_customers: usize,
    /// Fewest bits that a value must weigh to tie anybody: rarer than one customer in `2^bits`.
    pub min_bits: f64,
    /// Fewest customers that must hold a value before it ties anybody. Values held by two make chains, not groups,
    /// unless holding one is telling in itself.
    pub min_holders: usize,
    /// Most customers that may hold a value that ties anybody.
    pub max_holders: usize,
    /// How groups are taken out of a connected part.
    pub shape: Shape,
}

/// How groups are taken out of a connected part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Bridges are cut, and the densest blocks are peeled out, parted where their values fall into clean sets: a chain of
    /// weak links is not a group.
    Dense,
    /// Blocks are peeled out likewise, and parted where their accounts fall into clean clusters: for values so faint that
    /// every body of work holds some of all of them.
    Clustered,
    /// Values are links between the few who hold them, and groups are the accounts with the most links: see
    /// `link/src/linked.rs`. Where each link is telling in itself, a chain is a group.
    Linked,
}

impl Limits {
    /// For values that a stranger holds only if somebody handed them over: two holders are telling, and many are a
    /// public text.
    #[must_use]
    pub fn transferred() -> Self {
        Self { min_holders: 2, max_holders: 8, shape: Shape::Linked, ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { min_customers: 5, min_bits: 2.0, min_holders: 3, max_holders: usize::MAX, shape: Shape::Dense }
    }
}
