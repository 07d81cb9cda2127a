//! What people decided about accounts, as data for whoever judges.

use std::collections::BTreeSet;

/// What people decided, by the names of accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulings {
    /// Sets of accounts that are not one operation with any others.
    pub cuts: Vec<BTreeSet<String>>,
    /// Sets of accounts that are one operation.
    pub pins: Vec<BTreeSet<String>>,
    /// Sets of accounts that were found to be honest.
    pub cleared: Vec<BTreeSet<String>>,
}

/// The same by the places of accounts in a population, ascending. Accounts that are not in it are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruled {
    cuts: Vec<Vec<u32>>,
    pins: Vec<Vec<u32>>,
    cleared: Vec<Vec<u32>>,
}

impl Ruled {
    /// Looks up each account's place.
    pub(crate) fn of(rulings: &Rulings, place_of: impl Fn(&str) -> Option<u32>) -> Self {
        let places = |accounts: &BTreeSet<String>| -> Vec<u32> {
            accounts.iter().filter_map(|account| place_of(account)).collect()
        };
        let all = |sets: &[BTreeSet<String>]| -> Vec<Vec<u32>> { sets.iter().map(places).collect() };
        Self { cuts: all(&rulings.cuts), pins: all(&rulings.pins), cleared: all(&rulings.cleared) }
    }

    /// The cuts that an account is inside of. Accounts for which this differs are not one operation.
    #[must_use]
    pub fn side(&self, account: u32) -> Vec<usize> {
        let inside = |(_, cut): &(usize, &Vec<u32>)| cut.binary_search(&account).is_ok();
        self.cuts.iter().enumerate().filter(inside).map(|(at, _)| at).collect()
    }

    /// Whether nothing was cut.
    #[must_use]
    pub const fn is_uncut(&self) -> bool {
        self.cuts.is_empty()
    }

    /// The pins that most of some accounts are in.
    pub fn pins_of<'a>(&'a self, accounts: &'a [u32]) -> impl Iterator<Item = usize> + 'a {
        self.pins.iter().enumerate().filter(|(_, pin)| holds_most(pin, accounts)).map(|(at, _)| at)
    }

    /// Whether most of some accounts were found to be honest together.
    #[must_use]
    pub fn is_cleared(&self, accounts: &[u32]) -> bool {
        self.cleared.iter().any(|cleared| holds_most(cleared, accounts))
    }
}

/// Whether more than half of some accounts are in a set.
fn holds_most(set: &[u32], accounts: &[u32]) -> bool {
    accounts.iter().filter(|account| set.binary_search(account).is_ok()).count() * 2 > accounts.len()
}
