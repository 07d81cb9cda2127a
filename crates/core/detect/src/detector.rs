//! What a detector is, and what it says of a group.

use std::collections::BTreeMap;

use evidence::Counted;
use verdict::Family;

use crate::context::Context;

/// What a detector says of the members of a group, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Whether each member shows the property; `None` where it cannot be told.
    pub members: Vec<Option<bool>>,
    /// The rate at which benign members show it, where the detector knows better than random groups do.
    pub rate: Option<f64>,
}

/// A detector.
pub struct Detector {
    /// Its name: family and file.
    pub name: &'static str,
    /// Its family.
    pub family: Family,
    /// What members that show it do, in words that go after "members".
    pub what: &'static str,
    /// The fewest customers on which it says anything.
    pub least: usize,
    /// Where its null rate comes from.
    pub null: Null,
    /// What it says of a group.
    pub shows: fn(&Context<'_>, &[u32]) -> Shown,
}

/// The random groups whose rate is a detector's null, unless it knows a better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// Drawn from the reference without the tested group.
    WithoutGroup,
    /// The same for a property that an account shows or not whoever is with it: one large group says what many small ones
    /// do.
    OfAccounts,
    /// Drawn once for all groups of like size, from the whole reference: for detectors that compare members with each
    /// other, which is dear. Hostile groups in the reference make the rate larger than it should be, never smaller.
    BySize,
}

/// Counts units: one shows the property when at least half of its members on whom it can be told do.
pub fn count_by_unit(shown: &[Option<bool>], units: &[u32]) -> Counted {
    let mut votes: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for (shown, unit) in shown.iter().zip(units) {
        if let Some(shows) = shown {
            let (with, all) = votes.entry(*unit).or_default();
            *with += u32::from(*shows);
            *all += 1;
        }
    }
    let with = votes.values().filter(|(with, all)| with * 2 >= *all).count() as u64;
    Counted { with, members: votes.len() as u64 }
}
