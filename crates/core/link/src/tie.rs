//! Values held by accounts.

use record::ObservableKind;

/// A value that accounts can have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// What kind of value it is.
    pub kind: ObservableKind,
    /// Its hash.
    pub hash: u64,
}

/// One account holds one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tie {
    /// Index of the account in the population.
    pub account: u32,
    /// What it holds.
    pub value: Value,
}
