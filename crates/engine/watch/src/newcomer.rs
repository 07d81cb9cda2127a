//! A new account's first day: what its registration has in common with the implicated accounts of the last sweep.
//!
//! The mark of a registration is the most that it has in common with one campaign: its address alone, one of card, device, telephone
//! and mailbox, or one of these and another value. A mark makes nobody part of anything: the answer says whether to look or to ask
//! for verification, and never to refuse.
//!
//! # How often an honest newcomer is so marked
//! Null: the account is honest. Reference: the account records of accounts that are in no campaign, `n` of them, of which `o` have
//! the mark or a higher one by the same rule. Where an honest newcomer is exchangeable with them, the chance that it has that mark or
//! a higher one is at most `(o + 1) / (n + 1)` in expectation, as in [`crate::matcher`], and from the same source. There is one
//! mark over all campaigns, so that nothing is added up. Accounts outside that belong to a campaign make the figure larger, which is
//! safe.
//!
//! What breaks it: honest accounts that a campaign took in by mistake, for such values among others, are not in the reference, so
//! that the figure says less than it should by as many as they are; records in the reference that leave out values which newcomers
//! give, and so can share less; newcomers who differ from those who are there in other ways, as where an address has become that
//! of a school; a value that is used again by somebody else, as telephone numbers are; and honest people
//! whose values were stolen, who have the mark for it.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use campaign::AccountVerdict;
use cohort::Identity;
use record::Account;
use record::ObservableKind;
use sketch::HashKey;
use verdict::Family;
use verdict::Standing;

use crate::items::Item;

/// Accounts whose records are counted; further ones are not.
const MAX_COUNTED: usize = 5_000_000;

/// How much a registration has in common with a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Nothing.
    Nothing,
    /// The address that it was registered from.
    Address,
    /// Its card, device, telephone or mailbox.
    Personal,
    /// One of these, and another value.
    Several,
}

impl Mark {
    const ALL: [Self; 4] = [Self::Nothing, Self::Address, Self::Personal, Self::Several];

    fn of(kinds: &[ObservableKind]) -> Self {
        let personal = kinds.iter().any(|kind| *kind != ObservableKind::Ip);
        match (personal, kinds.len()) {
            (true, 2..) => Self::Several,
            (true, _) => Self::Personal,
            (false, 0) => Self::Nothing,
            (false, _) => Self::Address,
        }
    }
}

/// What the answer recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewTier {
    /// Nothing sets it apart.
    Ordinary,
    /// A person may want to look.
    Look,
    /// Ask for verification before it uses much.
    Verify,
}

impl NewTier {
    /// Its name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Look => "look",
            Self::Verify => "verify",
        }
    }
}

/// A value that a registration shares with a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shared {
    /// The kind of value.
    pub kind: ObservableKind,
    /// The family of evidence in which it counts in the campaign.
    pub family: Family,
    /// The campaign.
    pub campaign: String,
    /// Implicated accounts of the campaign that have it.
    pub accounts: u32,
}

/// What is said of a registration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub tier: NewTier,
    /// The values that it shares, by campaign.
    pub shared: Vec<Shared>,
    /// At most how often an honest newcomer has the mark or a higher one; one where it has none.
    pub chance: f64,
    /// Account records that this was counted among.
    pub reference: u64,
}

/// The values of registrations of the implicated accounts of a sweep.
#[derive(Debug, Default)]
pub(crate) struct Newcomers {
    campaigns: Vec<String>,
    items: HashMap<Item, BTreeMap<u32, (u32, Family)>>,
    members: HashSet<Box<str>>,
    /// Hashes of the accounts that were counted.
    seen: HashSet<u64>,
    /// Accounts with each mark or a higher one, of those in no campaign.
    counted: [u64; 4],
}

impl Newcomers {
    /// Of the accounts of a sweep.
    pub fn of(accounts: &[AccountVerdict]) -> Self {
        let mut found = Self::default();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for verdict in accounts {
            found.members.insert(verdict.account.as_str().into());
            if verdict.verdict != Standing::Implicated {
                continue;
            }
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(&verdict.campaign).or_insert(next);
            if number == next {
                found.campaigns.push(verdict.campaign.clone());
            }
            for evidence in &verdict.evidence {
                let kind = REGISTERED.into_iter().find(|kind| kind.as_str() == evidence.kind);
                let Some(item) = kind.zip(u64::from_str_radix(&evidence.item, 16).ok()) else { continue };
                found.items.entry(item).or_default().entry(number).or_insert((0, evidence.family)).0 += 1;
            }
        }
        found
    }

    /// Counts which of the accounts in no campaign have each mark. Of two records of an account the first counts.
    pub fn count(&mut self, records: impl IntoIterator<Item = Account>, key: &HashKey) {
        for account in records {
            let name = account.account.as_str();
            if self.members.contains(name)
                || self.seen.len() >= MAX_COUNTED
                || !self.seen.insert(xxhash_rust::xxh3::xxh3_64(name.as_bytes()))
            {
                continue;
            }
            let mark = self.mark(&account, key).0;
            for (lower, counted) in Mark::ALL.into_iter().zip(&mut self.counted) {
                *counted += u64::from(lower <= mark);
            }
        }
    }

    /// The mark of a registration, with the values that it shares.
    fn mark(&self, account: &Account, key: &HashKey) -> (Mark, Vec<Shared>) {
        let identity = Identity::new(account, key);
        let values = identity.personal().into_iter().chain([(ObservableKind::Ip, identity.signup_ip)]);
        let mut of_campaign: BTreeMap<u32, Vec<ObservableKind>> = BTreeMap::new();
        let mut shared = Vec::new();
        for item in values.filter(|(_, hash)| *hash != 0) {
            for (number, (accounts, family)) in self.items.get(&item).into_iter().flatten() {
                of_campaign.entry(*number).or_default().push(item.0);
                let campaign = self.campaigns.get(*number as usize).cloned().unwrap_or_default();
                shared.push(Shared { kind: item.0, family: *family, campaign, accounts: *accounts });
            }
        }
        let mark = of_campaign.values().map(|kinds| Mark::of(kinds)).max().unwrap_or(Mark::Nothing);
        shared.sort_by(|one, other| (&one.campaign, one.kind).cmp(&(&other.campaign, other.kind)));
        (mark, shared)
    }

    /// What is said of a registration, where an honest newcomer may be asked for verification at most at a rate.
    pub fn answer(&self, account: &Account, key: &HashKey, rate: f64) -> Answer {
        let (mark, shared) = self.mark(account, key);
        let reference = self.counted.first().copied().unwrap_or(0);
        let counted = Mark::ALL.into_iter().zip(self.counted).find(|(of, _)| *of == mark).map_or(0, |(_, count)| count);
        let chance = ((counted + 1) as f64 / (reference + 1) as f64).min(1.0);
        let tier = match mark {
            Mark::Nothing => NewTier::Ordinary,
            Mark::Address => NewTier::Look,
            Mark::Personal | Mark::Several if chance <= rate => NewTier::Verify,
            Mark::Personal | Mark::Several => NewTier::Look,
        };
        Answer { tier, shared, chance, reference }
    }
}

/// The kinds of values that a registration has.
const REGISTERED: [ObservableKind; 5] = [
    ObservableKind::Payment,
    ObservableKind::Device,
    ObservableKind::Phone,
    ObservableKind::Mailbox,
    ObservableKind::Ip,
];

#[cfg(test)]
mod tests;
