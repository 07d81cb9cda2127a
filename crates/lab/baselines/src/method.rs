//! What every method is.

use crate::world::World;

/// Accounts that are accused together, and when that could first have been said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accusation {
    /// Indices of the accounts in the log, sorted.
    pub accounts: Vec<u32>,
    /// First moment at which it could have been raised: microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
}

impl Accusation {
    /// Sorts the accounts and drops repeats.
    #[must_use]
    pub fn new(mut accounts: Vec<u32>, at_us: i64) -> Self {
        accounts.sort_unstable();
        accounts.dedup();
        Self { accounts, at_us }
    }
}

/// What a method says with one of its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The setting, in words.
    pub setting: String,
    /// Its accusations.
    pub accusations: Vec<Accusation>,
}

/// A published way to detect, adapted to a log of accounts and prompts.
pub trait Method {
    /// Its short name, as `--methods` takes it.
    fn name(&self) -> &'static str;

    /// Where it comes from.
    fn source(&self) -> &'static str;

    /// The grid of settings that it is given, in words.
    fn grid(&self) -> &'static str;

    /// What it says with each setting of its grid.
    fn accuse(&self, world: &World) -> Vec<Outcome>;
}
