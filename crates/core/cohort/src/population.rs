//! All accounts that are looked at together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::entity::Entity;
use crate::rulings::Ruled;
use crate::rulings::Rulings;

/// All accounts of a hunt, sorted by id.
#[derive(Debug, Default)]
pub struct Population {
    entities: Vec<Entity>,
    customers: Vec<u32>,
    reference: Vec<u32>,
    banned_us: BTreeMap<u32, i64>,
    lists: Lists,
    ruled: Ruled,
}

/// Public lists that a user may give. They are data, never fetched, and say only what is common knowledge.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// Hashes of e-mail domains that give addresses away for minutes.
    pub disposable_domains: BTreeSet<u64>,
    /// Numbers of autonomous systems of hosting companies and proxies.
    pub hosting_asns: BTreeSet<u64>,
}

impl Population {
    /// Says when accounts were shut out, in microseconds since 1970; accounts that are not in the population are
    /// passed over.
    #[must_use]
    pub fn with_bans(mut self, bans: &BTreeMap<String, i64>) -> Self {
        let banned = bans.iter().filter_map(|(account, at_us)| Some((self.place_of(account)?, *at_us))).collect();
        self.banned_us = banned;
        self
    }

    /// Gives the public lists.
    #[must_use]
    pub fn with_lists(mut self, lists: Lists) -> Self {
        self.lists = lists;
        self
    }

    /// Says what people decided.
    #[must_use]
    pub fn with_rulings(mut self, rulings: &Rulings) -> Self {
        self.ruled = Ruled::of(rulings, |account| self.place_of(account));
        self
    }

    /// What people decided.
    #[must_use]
    pub const fn ruled(&self) -> &Ruled {
        &self.ruled
    }

    /// The place of an account.
    #[must_use]
    pub fn place_of(&self, account: &str) -> Option<u32> {
        self.entities.binary_search_by(|entity| entity.account.as_str().cmp(account)).ok().map(|at| at as u32)
    }

    /// When an account was shut out.
    #[must_use]
    pub fn banned_us(&self, at: u32) -> Option<i64> {
        self.banned_us.get(&at).copied()
    }

    /// How many accounts were shut out.
    #[must_use]
    pub fn shut_out(&self) -> usize {
        self.banned_us.len()
    }

    /// The public lists.
    #[must_use]
    pub const fn lists(&self) -> &Lists {
        &self.lists
    }

    /// Builds a population. Accounts are compared with all of it: a hostile account in it makes another look less unusual
    /// than it is, never more.
    #[must_use]
    pub fn new(mut entities: Vec<Entity>) -> Self {
        entities.sort_unstable_by(|a, b| a.account.cmp(&b.account));
        let mut first_of: BTreeMap<u64, u32> = BTreeMap::new();
        let customers = entities
            .iter()
            .zip(0_u32..)
            .map(|(entity, at)| match entity.identity.organization {
                0 => at,
                organization => *first_of.entry(organization).or_insert(at),
            })
            .collect();
        let reference = (0..entities.len() as u32).collect();
        Self { entities, customers, reference, ..Self::default() }
    }

    /// All accounts.
    #[must_use]
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The first and the last exchange of anybody, in microseconds since 1970; zeros without exchanges.
    #[must_use]
    pub fn log_us(&self) -> (i64, i64) {
        let seen = || self.entities.iter().filter_map(|entity| entity.profile.seen_us);
        let first = seen().map(|(first, _)| first).min();
        (first.unwrap_or(0), seen().map(|(_, last)| last).max().unwrap_or(0))
    }

    /// The end of the log: the last of these.
    #[must_use]
    pub fn log_end_us(&self) -> i64 {
        self.log_us().1
    }

    /// The account at an index.
    #[must_use]
    pub fn get(&self, at: u32) -> Option<&Entity> {
        self.entities.get(at as usize)
    }

    /// Each account's customer, as the index of the first account of the same verified organisation. Accounts of
    /// one verified organisation are one customer: what they share with each other is no evidence.
    #[must_use]
    pub fn customers(&self) -> &[u32] {
        &self.customers
    }

    /// How many customers there are.
    #[must_use]
    pub fn customer_count(&self) -> usize {
        self.customers.iter().zip(0_u32..).filter(|(customer, at)| **customer == *at).count()
    }

    /// The customer of one account.
    #[must_use]
    pub fn customer(&self, at: u32) -> u32 {
        self.customers.get(at as usize).copied().unwrap_or(at)
    }

    /// The accounts that others are compared with: all of them.
    #[must_use]
    pub fn reference(&self) -> &[u32] {
        &self.reference
    }

    /// The stratum of an account: the binary logarithm of its number of exchanges, so that accounts are compared
    /// with accounts of like volume.
    #[must_use]
    pub fn stratum(&self, at: u32) -> u32 {
        self.get(at).map_or(0, |entity| (64 - entity.profile.exchanges.leading_zeros()).min(14))
    }
}
