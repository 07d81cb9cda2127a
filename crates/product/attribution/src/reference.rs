//! Honest groups of the log that a campaign is compared with.
//!
//! The other accounts of the log are cut into groups of one size, those of one customer side by side, so that a firm's seats
//! are a group or several, and not spread evenly over all. The campaign is represented by as many of its accounts. This is
//! done several times over, each time in another order; what is computed of each is averaged. An average of e-values is an
//! e-value (Vovk and Wang 2021), and subsampling a group before it is ranked keeps it one (Lee and Ren, arXiv 2501.02514).

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sketch::hash::mix;
use sketch::hash::value_hash;

use crate::observed::Account;
use crate::observed::MAX_OTHERS;
use crate::observed::Observed;

/// How many times the log is cut.
pub const CUTS: u64 = 8;
/// How many groups a cut should give, if there are accounts enough: with these, the largest e-value is 28.
const GROUPS: usize = 39;
/// The least accounts of a group.
const LEAST: usize = 5;

/// The accounts of a campaign and those that it is compared with.
#[derive(Debug)]
pub struct Compared<'o> {
    /// All accounts: first those of the campaign, then the others.
    pub accounts: Vec<&'o Account>,
    /// How many are the campaign's.
    pub members: usize,
    /// The ways in which it is cut.
    pub cuts: Vec<Cut>,
}

/// One way of cutting a log into groups. Accounts by their places.
#[derive(Debug)]
pub struct Cut {
    /// Accounts that stand for the campaign.
    pub campaign: Vec<usize>,
    /// The honest groups.
    pub groups: Vec<Vec<usize>>,
}

impl<'o> Compared<'o> {
    /// Cuts a log. `accused` are all accounts that are in any campaign or watched: they are compared with nobody.
    #[must_use]
    pub fn new(observed: &'o Observed, campaign: &BTreeSet<String>, accused: &BTreeSet<String>) -> Self {
        let is_active = |account: &Account| !account.hours.is_empty();
        let customers = observed.customers();
        let mut members: Vec<(&str, &Account)> = Vec::new();
        let mut others: Vec<(&str, &Account)> = Vec::new();
        for (name, account) in observed.accounts.iter().filter(|(_, account)| is_active(account)) {
            if campaign.contains(name) {
                members.push((name, account));
            } else if !accused.contains(name) {
                others.push((name, account));
            }
        }
        if others.len() > MAX_OTHERS {
            // Whole customers are kept or left out.
            let customer = |name: &str| customers.get(name).map_or(0, |customer| value_hash(customer));
            others.sort_by_key(|(name, _)| (mix(customer(name)), *name));
            others.truncate(MAX_OTHERS);
        }
        let size = members.len().min((others.len() / GROUPS).max(LEAST)).max(1);
        let cuts = (0..CUTS).map(|number| cut(&members, &others, &customers, size, number)).collect();
        let count = members.len();
        let accounts = members.into_iter().chain(others).map(|(_, account)| account).collect();
        Self { accounts, members: count, cuts }
    }

    /// The honest groups of a cut.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.cuts.first().map_or(0, |cut| cut.groups.len())
    }

    /// The accounts that stand for the campaign in a cut.
    #[must_use]
    pub fn size(&self) -> usize {
        self.cuts.first().map_or(0, |cut| cut.campaign.len())
    }
}

fn cut(
    members: &[(&str, &Account)],
    others: &[(&str, &Account)],
    customers: &BTreeMap<&str, String>,
    size: usize,
    number: u64,
) -> Cut {
    // A fixed order that no name can be chosen for beforehand in all cuts alike.
    let place = |text: &str| mix(value_hash(text) ^ mix(number + 1));
    let mut campaign: Vec<usize> = (0..members.len()).collect();
    campaign.sort_by_key(|at| members.get(*at).map_or(0, |(name, _)| place(name)));
    campaign.truncate(size);
    let mut rest: Vec<usize> = (0..others.len()).collect();
    rest.sort_by_key(|at| {
        let name = others.get(*at).map_or("", |(name, _)| *name);
        (customers.get(name).map_or(0, |customer| place(customer)), name)
    });
    let groups = rest.chunks_exact(size).map(|group| group.iter().map(|at| members.len() + at).collect()).collect();
    Cut { campaign, groups }
}
