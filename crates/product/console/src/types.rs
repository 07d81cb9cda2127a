//! What the API answers with. The names are those of the hunt's output.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

/// A campaign, without its accounts, which are a list of their own.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Campaign {
    /// Its id, which names its case.
    pub id: String,
    /// `discovered` or `suspected`.
    pub status: String,
    #[serde(skip_serializing, default)]
    #[schema(ignore)]
    pub(crate) accounts: Vec<String>,
    #[serde(skip_serializing, default)]
    #[schema(ignore)]
    pools: Vec<Pool>,
    /// How many accounts it has.
    #[serde(default)]
    #[schema(required = true)]
    pub account_count: u64,
    /// How many account pools it ran on.
    #[serde(default)]
    #[schema(required = true)]
    pub pool_count: u64,
    /// Exchanges of its accounts.
    pub exchanges: u64,
    /// Tokens its accounts sent.
    pub input_tokens: u64,
    /// Tokens its accounts were served.
    pub output_tokens: u64,
    /// First exchange, RFC 3339.
    pub first_seen: String,
    /// Last exchange, RFC 3339.
    pub last_seen: String,
    /// 0 to 100.
    pub confidence: u32,
    /// Families that corroborate it.
    pub corroboration: u32,
    /// 1 to 10.
    pub impact: u32,
    /// E-value over families.
    pub e_value: f64,
    /// The smallest false discovery rate, of those tried, at which it is a discovery.
    pub fdr_at: f64,
    /// What it was compared with.
    pub bank: Bank,
    /// The benign likeness at which it would fall.
    pub overturned_by: f64,
    /// The groups that were joined.
    pub parts: Vec<Part>,
    /// What each family says.
    pub families: Vec<FamilyEvidence>,
    /// What its accounts exercise, largest first.
    pub capabilities: Vec<CapabilityShare>,
    /// The strongest shared items.
    pub links: Vec<Link>,
    /// What was served to it.
    pub leak: Leak,
    /// Who else may be inside it.
    pub innocent: Innocent,
    /// What speaks for it.
    pub strengths: Vec<String>,
    /// What speaks against it.
    pub limitations: Vec<String>,
    /// What would change the verdict.
    pub would_change: Vec<String>,
}

impl Campaign {
    pub(crate) fn count(&mut self) {
        self.account_count = self.accounts.len() as u64;
        self.pool_count = self.pools.len() as u64;
        self.accounts.sort_unstable();
    }

    /// By which campaigns come: the most confident first, and then by id.
    pub(crate) fn key(&self) -> String {
        format!("{:03}{}", 999_u32.saturating_sub(self.confidence), self.id)
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Pool {}

/// What a campaign's strongest group was compared with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Bank {
    /// `own` or `built-in`.
    pub kind: String,
    /// Honest groups of its kind and size.
    pub size: u64,
    /// How many of them score as much or more.
    pub rank: u64,
    /// By how much its score was lowered to match the log's other groups.
    pub transport: Option<f64>,
}

/// A group that was joined into a campaign or lead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Part {
    /// The kind of its ties.
    pub ties: String,
    /// How many accounts it has.
    pub accounts: u64,
    /// Its score, as a decimal logarithm.
    pub score: f64,
    /// Its e-value.
    pub e_value: f64,
}

/// What one family says of a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FamilyEvidence {
    /// The family.
    pub family: String,
    /// Its e-value.
    pub e_value: f64,
    /// Its score, as a decimal logarithm.
    pub score: f64,
    /// What it was compared with, in words.
    pub null: String,
    /// Whether it formed one of the groups.
    pub formed: bool,
    /// Whether it was tested on the half of the items that did not form the group.
    pub half: bool,
    /// The most significant finding, in words.
    pub what: String,
    /// Detectors that spoke, the most significant first.
    pub detectors: Vec<DetectorEvidence>,
}

/// What one detector says of a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DetectorEvidence {
    /// The detector.
    pub name: String,
    /// Its score.
    pub score: f64,
    /// In words.
    pub what: String,
}

/// How much of a campaign's work exercises one capability.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CapabilityShare {
    /// The capability.
    pub name: String,
    /// Share of prompts, 0 to 1.
    pub share: f64,
}

/// An item that accounts of a campaign share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// The kind of item.
    pub kind: String,
    /// Accounts of the campaign's groups that hold it.
    pub accounts: u32,
    /// What sharing it weighs, in bits.
    pub bits: f64,
    /// Customers in the whole log that hold it.
    pub common_in: u32,
}

/// What was served to a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Leak {
    /// Best figure of exchanges.
    pub exchanges: u64,
    /// Tokens served in those.
    pub output_tokens: u64,
    /// Least.
    pub low: u64,
    /// Most.
    pub high: u64,
    /// End of the log of the run that first reported it, RFC 3339.
    pub first_alarm: String,
    /// When nine in ten of its accounts were shut out, RFC 3339.
    pub contained: Option<String>,
}

/// Who else may be inside a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Innocent {
    /// Accounts of its pools that are not held to be part of it.
    pub accounts_in_pools: u64,
    /// Share of its accounts' exchanges that do not look like its work, 0 to 1.
    pub other_traffic: f64,
}

/// What is held of an account, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountVerdict {
    /// The account.
    pub account: String,
    /// `implicated` or `watch`.
    pub verdict: String,
    /// The likeliest campaign.
    pub campaign: String,
    /// All campaigns it is part of.
    pub campaigns: Vec<String>,
    /// 0 to 100: the campaign's.
    pub confidence: u32,
    /// The campaign's.
    pub e_value: f64,
    /// In words that its owner can answer.
    pub reasons: Vec<String>,
    /// What the account itself did.
    pub evidence: Vec<AccountEvidence>,
}

/// An item that an account has in common with a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountEvidence {
    /// The family.
    pub family: String,
    /// The kind of ties.
    pub detector: String,
    /// The kind of item.
    pub kind: String,
    /// The item, as a keyed hash.
    pub item: String,
    /// Other accounts of the campaign that have it.
    pub accounts_in_common: u32,
    /// Exchanges in which it was seen.
    pub exchanges: Vec<String>,
}

/// An item that accounts share: a card, a device, an address, a wording, and what else ties accounts together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Entity {
    /// What it is.
    pub kind: String,
    /// The item, as a keyed hash or a value that may be shown.
    pub value: String,
    /// Families of evidence in which it counts.
    pub families: Vec<String>,
    /// Accounts that have it as evidence of their own.
    pub account_count: u64,
    /// Those of them that are implicated.
    pub implicated_count: u64,
    /// Accounts of the whole log that hold it; null where no list of shared items counts it.
    pub in_log: Option<u64>,
    /// How many campaigns hold it.
    pub campaign_count: u64,
    /// The first hundred of them, the most confident first.
    pub campaigns: Vec<EntityCampaign>,
}

/// A campaign that holds an item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntityCampaign {
    /// Its id.
    pub id: String,
    /// `discovered` or `suspected`; null where it is not in the results that are served.
    pub status: Option<String>,
    /// 0 to 100.
    pub confidence: Option<u32>,
    /// How many accounts it has.
    pub accounts: Option<u64>,
    /// Its accounts that have the item as evidence of their own.
    pub with_evidence: u64,
    /// Its accounts that hold the item at all; null where no list of shared items counts it.
    pub with_item: Option<u64>,
}

/// An account that has an item as evidence of its own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntityAccount {
    /// The account.
    pub account: String,
    /// `implicated` or `watch`.
    pub verdict: String,
    /// The likeliest campaign.
    pub campaign: String,
    /// 0 to 100: the campaign's.
    pub confidence: u32,
    /// The kind of tie.
    pub detector: String,
    /// Other accounts of the campaign that have the item.
    pub accounts_in_common: u32,
    /// Exchanges in which it was seen.
    pub exchanges: Vec<String>,
}

/// A group that scores and of which nothing is claimed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Lead {
    /// Its id.
    pub id: String,
    #[serde(skip_serializing, default)]
    #[schema(ignore)]
    accounts: Vec<String>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) place: usize,
    /// How many accounts it has.
    #[serde(default)]
    #[schema(required = true)]
    pub account_count: u64,
    /// The first of them.
    #[serde(default)]
    #[schema(required = true)]
    pub sample: Vec<String>,
    /// Its score, as a decimal logarithm.
    pub score: f64,
    /// Its e-value.
    pub e_value: f64,
    /// Exchanges at stake.
    pub exchanges_at_stake: f64,
    /// E-value of each family.
    pub families: BTreeMap<String, f64>,
    /// The groups that were joined.
    pub parts: Vec<Part>,
    /// The rule that set it aside.
    pub set_aside_by: String,
    /// What would make it a campaign.
    pub what_would_assert: String,
}

impl Lead {
    pub(crate) fn count(&mut self, place: usize) {
        self.place = place;
        self.account_count = self.accounts.len() as u64;
        self.sample = std::mem::take(&mut self.accounts).into_iter().take(10).collect();
    }

    pub(crate) fn key(&self) -> String {
        format!("{:09}", self.place)
    }
}

/// An account of a campaign in one line: what of its own it has in common with the others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member<'a> {
    /// The account.
    pub account: &'a str,
    /// `implicated` or `watch`; null where nothing is held of it.
    pub verdict: Option<&'a str>,
    /// Families in which it has evidence of its own.
    pub families: Vec<&'a str>,
    /// Items of its own that it shares with the campaign.
    pub items: u64,
    /// The most accounts of the campaign that have one of these too.
    pub in_common: u32,
    /// Exchanges that are named as evidence.
    pub exchanges: u64,
    /// Other campaigns that it is part of.
    pub elsewhere: u64,
}

impl<'a> Member<'a> {
    pub(crate) fn of(account: &'a str, held: Option<&'a AccountVerdict>) -> Self {
        let evidence = held.map(|held| held.evidence.as_slice()).unwrap_or_default();
        let mut families: Vec<&str> = evidence.iter().map(|one| one.family.as_str()).collect();
        families.sort_unstable();
        families.dedup();
        Self {
            account,
            verdict: held.map(|held| held.verdict.as_str()),
            families,
            items: evidence.len() as u64,
            in_common: evidence.iter().map(|one| one.accounts_in_common).max().unwrap_or(0),
            exchanges: evidence.iter().map(|one| one.exchanges.len() as u64).sum(),
            elsewhere: held.map_or(0, |held| held.campaigns.len().saturating_sub(1) as u64),
        }
    }
}

/// What can be drawn of a campaign.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Charts {
    /// The campaign.
    pub campaign: String,
    /// Exchanges and accounts by day, ascending; days without an exchange are left out.
    pub days: Vec<Day>,
    /// Exchanges by hour of the day in UTC.
    pub hours: Vec<u64>,
    /// Items that its accounts share, the most telling first; at most twelve of a kind.
    pub shared: Vec<SharedItem>,
    /// How many items two or more of its accounts share.
    pub shared_in_all: u64,
}

/// One day of a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Day {
    /// Days since 1970 in UTC.
    pub day: i64,
    /// Exchanges of its accounts.
    pub exchanges: u64,
    /// Its accounts with an exchange on the day.
    pub active: u32,
    /// Its accounts whose first exchange is on the day.
    pub new: u32,
}

/// An item that accounts of a campaign share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SharedItem {
    /// Its family of evidence.
    pub family: String,
    /// What it is.
    pub kind: String,
    /// The item, as a keyed hash.
    pub item: String,
    /// Accounts of the campaign that hold it.
    pub accounts: u64,
    /// Accounts of the whole log that hold it, those of the campaign included.
    pub in_log: u64,
}

/// What a hunt read, and what it could not see. Fields of a version that did not write them are zero or empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Version of the program.
    pub version: String,
    /// Records met.
    pub read: u64,
    /// Records accepted.
    pub accepted: u64,
    /// Records refused.
    pub refused: u64,
    /// Records of an exchange seen before.
    pub duplicates: u64,
    /// Signals that tell of no exchange, by what they are.
    pub passed_over: BTreeMap<String, u64>,
    /// Files that could not be read, or not to their end.
    pub unread_files: u64,
    /// Accepted exchanges without a text of the caller.
    pub without_text: u64,
    /// Accounts of which no account record was given.
    pub without_account_records: u64,
    /// Accounts with exchanges in the window.
    pub accounts: u64,
    /// Exchanges in the window.
    pub exchanges: u64,
    /// Campaigns discovered.
    pub discovered: u64,
    /// Campaigns suspected.
    pub suspected: u64,
    /// Groups that score and of which nothing is claimed.
    pub leads: u64,
    /// Accounts implicated.
    pub implicated: u64,
    /// Groups that were formed and tested.
    pub groups_tested: u64,
    /// False discovery rate of those that are discovered.
    pub fdr: f64,
    /// False discovery rate of those that are suspected.
    pub fdr_suspected: f64,
    /// What groups were judged against.
    pub calibration: String,
    /// What this log is too poor to show, in words.
    pub cannot_see: Vec<String>,
    /// What the run could not do, in words.
    pub notes: Vec<String>,
    /// Wall time in seconds.
    pub wall_seconds: f64,
}
