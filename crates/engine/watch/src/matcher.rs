//! Between two sweeps: which accounts do what a known campaign does.
//!
//! A sweep says of each implicated account what it did itself that ties it to its campaign. An account that is in no sweep yet
//! *matches* a campaign when it did such things of two families, of which rhythm is none. A match makes nobody implicated: the
//! account is watched until the next sweep has assessed it.
//!
//! # How often an honest account matches
//! Null: the account is honest. Reference: the accounts of the window that are not in the campaign, `n` of them, of which `o`
//! match it by the same rule, counted in the same rows. Where an honest newcomer is exchangeable with them, the chance that it
//! matches is at most `(o + 1) / (n + 1)` in expectation: it is as likely as any of the `n + 1` to be one that matches. The
//! campaigns that are matched against are those with the smallest chances whose sum is within the rate that was asked for; by the
//! union bound an honest newcomer matches any of them at most at that rate. Accounts outside that belong to the campaign make the
//! figure larger, which is safe.
//!
//! What breaks it: that the campaign is none (then its next honest members match it too: the claim is about strangers to it),
//! somebody who brings honest people to do what the campaign does (a prompt that spreads), and a window so short that honest
//! newcomers do in it what nobody did before.
//!
//! Source: conformal prediction's bound for one more exchangeable observation (Vovk, Gammerman and Shafer, Algorithmic Learning in
//! a Random World, chapter 2).

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use arrow_array::RecordBatch;
use campaign::AccountVerdict;
use record::ObservableKind;
use verdict::Families;
use verdict::Family;
use verdict::SnapshotAccount;
use verdict::SnapshotBuilder;
use verdict::Standing;
use verdict::Tier;
use verdict::VerdictSnapshot;

use crate::items::Item;
use crate::items::RowItems;

/// Items of one campaign that are compared with, those of the most accounts first.
const MAX_ITEMS: usize = 20_000;
/// Accounts that are remembered as having something in common with a campaign; further ones wait for the next sweep.
const MAX_ACCOUNTS: usize = 1_000_000;
/// Campaigns that an account is compared with at a time.
const MAX_OF_ACCOUNT: usize = 16;

/// A campaign that later rows are compared with.
#[derive(Debug)]
struct Known {
    id: String,
    /// Those that a sweep has assessed as part of it.
    members: HashSet<Box<str>>,
}

/// What the accounts of campaigns did, by item.
#[derive(Debug, Default)]
pub(crate) struct Index {
    campaigns: Vec<Known>,
    items: HashMap<Item, Vec<(u32, Family)>>,
}

/// What accounts have in common with campaigns that they are not in: by account, the families by the number of the campaign.
#[derive(Debug, Default)]
pub(crate) struct Common {
    of_account: HashMap<Box<str>, BTreeMap<u32, u8>>,
    /// Accounts that were left out for want of room.
    left_out: u64,
}

/// Which campaigns are matched against, with at most how often an honest account matches each.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    chances: BTreeMap<u32, f64>,
    /// Accounts that matched when it was counted: the sweep has seen them and said otherwise.
    before: HashSet<Box<str>>,
}

impl Index {
    /// An index of what the implicated accounts of a sweep did.
    pub fn of(accounts: &[AccountVerdict]) -> Self {
        let mut members: BTreeMap<&str, HashSet<Box<str>>> = BTreeMap::new();
        let mut holders: BTreeMap<&str, HashMap<Item, (u32, Family)>> = BTreeMap::new();
        for verdict in accounts {
            for id in &verdict.campaigns {
                members.entry(id).or_default().insert(verdict.account.as_str().into());
            }
            if verdict.verdict != Standing::Implicated {
                continue;
            }
            let items = holders.entry(&verdict.campaign).or_default();
            for evidence in verdict.evidence.iter().filter(|evidence| evidence.family != Family::Rhythm) {
                let kind = ObservableKind::ALL.into_iter().find(|kind| kind.as_str() == evidence.kind);
                let Some(item) = kind.zip(u64::from_str_radix(&evidence.item, 16).ok()) else { continue };
                items.entry(item).or_insert((0, evidence.family)).0 += 1;
            }
        }
        let mut index = Self::default();
        for ((id, held), number) in holders.into_iter().zip(0_u32..) {
            let mut items: Vec<(Item, (u32, Family))> = held.into_iter().collect();
            items.sort_unstable_by_key(|((kind, hash), (holders, _))| (u32::MAX - holders, *kind as u8, *hash));
            for (item, (_, family)) in items.into_iter().take(MAX_ITEMS) {
                index.items.entry(item).or_default().push((number, family));
            }
            index.campaigns.push(Known { id: id.to_owned(), members: members.remove(id).unwrap_or_default() });
        }
        index
    }

    /// Adds what the rows of a batch have in common with campaigns that their accounts are not in.
    pub fn see(&self, batch: &RecordBatch, common: &mut Common) {
        let Some(rows) = RowItems::of(batch).filter(|_| !self.items.is_empty()) else { return };
        for row in 0..rows.len() {
            let account = rows.account(row);
            rows.each(row, &mut |item| {
                for (number, family) in self.items.get(&item).into_iter().flatten() {
                    let known = self.campaigns.get(*number as usize);
                    if known.is_some_and(|known| !known.members.contains(account)) {
                        common.add(account, *number, Families::from_iter([*family]).bits());
                    }
                }
            });
        }
    }

    /// The campaigns that are matched against, so that an honest newcomer matches any of them at most at a rate. `common` is
    /// what the accounts of the window have in common with campaigns, and `accounts` is how many there are.
    pub fn calibrate(&self, common: &Common, accounts: u64, rate: f64) -> Kept {
        let mut kept = Kept::default();
        let mut matching = vec![0_u64; self.campaigns.len()];
        for (account, of) in &common.of_account {
            for (number, _) in of.iter().filter(|(_, families)| matches(**families)) {
                kept.before.insert(account.clone());
                if let Some(count) = matching.get_mut(*number as usize) {
                    *count += 1;
                }
            }
        }
        let chance = |(known, matching): (&Known, &u64)| {
            let outside = accounts.saturating_sub(known.members.len() as u64);
            // Accounts that could not be remembered may match.
            let matching = matching + common.left_out;
            ((matching + 1) as f64 / (outside + 1) as f64).min(1.0)
        };
        let mut chances: Vec<(f64, u32)> = self.campaigns.iter().zip(&matching).map(chance).zip(0..).collect();
        chances.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut sum = 0.0;
        let within = chances.into_iter().take_while(|(chance, _)| {
            sum += chance;
            sum <= rate
        });
        kept.chances = within.map(|(chance, number)| (number, chance)).collect();
        kept
    }

    /// The accounts that match, and the campaigns that they match with the families.
    pub fn matched<'a>(&'a self, common: &'a Common, kept: &Kept) -> BTreeMap<&'a str, Vec<(&'a str, Families)>> {
        let mut matched = BTreeMap::new();
        for (account, of) in common.of_account.iter().filter(|(account, _)| !kept.before.contains(*account)) {
            let found: Vec<(&str, Families)> = of
                .iter()
                .filter(|(number, families)| matches(**families) && kept.chances.contains_key(number))
                .filter_map(|(number, families)| {
                    let known = self.campaigns.get(*number as usize)?;
                    Some((known.id.as_str(), Families::from_bits(u32::from(*families))))
                })
                .collect();
            if !found.is_empty() {
                matched.insert(account.as_ref(), found);
            }
        }
        matched
    }
}

impl Common {
    /// Adds families; says whether the account matches now and did not before.
    fn add(&mut self, account: &str, number: u32, added: u8) -> bool {
        if !self.of_account.contains_key(account) {
            if self.of_account.len() >= MAX_ACCOUNTS {
                self.left_out += 1;
                return false;
            }
            self.of_account.insert(account.into(), BTreeMap::new());
        }
        let Some(of) = self.of_account.get_mut(account) else { return false };
        if of.len() >= MAX_OF_ACCOUNT && !of.contains_key(&number) {
            return false;
        }
        let families = of.entry(number).or_default();
        let before = matches(*families);
        *families |= added;
        matches(*families) && !before
    }

    /// Whether nobody has anything in common with a campaign.
    pub fn is_empty(&self) -> bool {
        self.of_account.is_empty()
    }

    /// Adds what others saw; says whether an account matches that did not before.
    pub fn merge(&mut self, other: Self) -> bool {
        self.left_out += other.left_out;
        let mut is_new = false;
        for (account, of) in other.of_account {
            for (number, families) in of {
                is_new |= self.add(&account, number, families);
            }
        }
        is_new
    }
}

/// Whether families are enough for a match.
const fn matches(families: u8) -> bool {
    families.count_ones() >= 2
}

/// The snapshot of a sweep with the accounts that match a campaign of it since: each is watched. Beside it, how many they are.
///
/// # Errors
/// Of the snapshot: a bound of it is passed.
pub(crate) fn with_matches(
    swept: &VerdictSnapshot,
    matched: &BTreeMap<&str, Vec<(&str, Families)>>,
    now_us: i64,
) -> Result<(VerdictSnapshot, usize), verdict::Error> {
    let mut builder = SnapshotBuilder::new(now_us, swept.window());
    swept.campaigns().iter().cloned().for_each(|campaign| builder.campaign(campaign));
    for account in swept.accounts() {
        builder.account(SnapshotAccount {
            account: account.name().to_owned(),
            standing: account.standing(),
            tier: account.tier(),
            corroboration: account.corroboration(),
            families: account.families(),
            confidence: account.confidence(),
            campaigns: account.campaigns().map(|campaign| campaign.id.clone()).collect(),
        });
    }
    let mut added = 0;
    for (account, of) in matched {
        // Who is in the sweep keeps what it said.
        if swept.account(account).is_some() {
            continue;
        }
        let known = of.iter().filter_map(|(id, families)| Some((swept.campaign(id)?, *families)));
        let known: Vec<_> = known.filter(|(campaign, _)| campaign.tier != Tier::Lead).collect();
        let firmest = known.iter().max_by_key(|(campaign, _)| (campaign.tier, campaign.confidence));
        let Some((firmest, families)) = firmest else { continue };
        added += 1;
        builder.account(SnapshotAccount {
            account: (*account).to_owned(),
            standing: Some(Standing::Watch),
            tier: firmest.tier,
            corroboration: firmest.corroboration,
            families: *families,
            confidence: firmest.confidence,
            campaigns: known.iter().map(|(campaign, _)| campaign.id.clone()).collect(),
        });
    }
    Ok((builder.build()?, added))
}

#[cfg(test)]
mod tests;
