//! What a detector is, and what it says of a group.

use std::collections::BTreeMap;

use cohort::Items;
use evidence::Counted;
use verdict::Family;

use crate::context::Context;

/// What a detector says of the members of a group, in their order; `None` where it cannot be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// Whether each member shows a property.
    Property {
        /// The members.
        members: Vec<Option<bool>>,
        /// The rate at which benign members show it, where the detector knows better than random groups do.
        rate: Option<f64>,
    },
    /// The conformal p-value of each member's score among accounts of like volume. A member shows the property in a tail
    /// where its p-value is at most that tail.
    Ranks(Vec<Option<f64>>),
}

/// The tails in which ranks are counted. A group may be plain in a narrow tail, or only in a wide one: where a campaign
/// with a stronger score fills the narrow tail, every member of a second one lies just behind it.
pub const TAILS: [f64; 4] = [0.02, 0.05, 0.1, 0.2];

impl Shown {
    /// Whether each member shows the property; of ranks, in a tail.
    #[must_use]
    pub fn members(&self, tail: f64) -> Vec<Option<bool>> {
        match self {
            Self::Property { members, .. } => members.clone(),
            Self::Ranks(p_values) => p_values.iter().map(|p| p.map(|p| p <= tail)).collect(),
        }
    }
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
    /// What it says of a group, from those of its items that are given.
    pub shows: fn(&Context<'_>, &[u32], Items) -> Shown,
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
