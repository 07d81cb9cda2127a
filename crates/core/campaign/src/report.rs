//! What comes out, in the words of the contract.

use serde::Serialize;
use verdict::Family;
use verdict::Standing;
use verdict::Status;
use verdict::ViewKind;

/// One campaign, as an element of `campaigns.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Campaign {
    /// Stable id.
    pub id: String,
    /// What it is held to be.
    pub status: Status,
    /// Ids of its accounts, sorted.
    pub accounts: Vec<String>,
    /// The account pools it ran on.
    pub pools: Vec<Pool>,
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
    /// 0 to 100; see `docs/method.md`.
    pub confidence: u32,
    /// Families with an e-value of at least 20.
    pub corroboration: usize,
    /// 1 to 10; see `docs/method.md`.
    pub impact: u32,
    /// E-value over families.
    pub e_value: f64,
    /// What each family says.
    pub families: Vec<FamilyEvidence>,
    /// What its accounts exercise, largest first.
    pub capabilities: Vec<CapabilityShare>,
    /// The strongest shared observables.
    pub links: Vec<LinkSummary>,
    /// Who may be behind it.
    pub attribution: Vec<Attribution>,
    /// What was served to it.
    pub leak: Leak,
    /// Who else may be inside it.
    pub innocent: Innocent,
    /// The evidence for it.
    pub strengths: Vec<String>,
    /// The evidence against it, and what was not seen.
    pub limitations: Vec<String>,
    /// What would change the verdict.
    pub would_change: Vec<String>,
}

/// A set of accounts under one operator.
#[derive(Debug, Clone, Serialize)]
pub struct Pool {
    /// Id, from its accounts.
    pub id: String,
    /// Ids of its accounts, sorted.
    pub accounts: Vec<String>,
}

/// What one family says of a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct FamilyEvidence {
    /// The family.
    pub family: Family,
    /// Its e-value.
    pub e_value: f64,
    /// The most significant finding, in words.
    pub what: String,
    /// Detectors that spoke, the most significant first.
    pub detectors: Vec<DetectorEvidence>,
}

/// What one detector says of a group.
#[derive(Debug, Clone, Serialize)]
pub struct DetectorEvidence {
    /// The detector.
    pub name: &'static str,
    /// Its e-value on the group.
    pub e_value: f64,
    /// In words: how many members show it, of how many, and how many others do.
    pub what: String,
}

/// A group that was formed and tested, as a line of `groups.jsonl`: whatever came of it.
#[derive(Debug, Clone, Serialize)]
pub struct TestedGroup {
    /// The family whose ties formed it.
    pub formed_by: Family,
    /// The kind of those ties.
    pub ties: ViewKind,
    /// Ids of its accounts, sorted.
    pub accounts: Vec<String>,
    /// Mean bits that an account shares with the rest.
    pub bits_per_account: f64,
    /// E-value over the other families.
    pub e_value: f64,
    /// What each detector found.
    pub detectors: Vec<DetectorEvidence>,
}

/// How much of a campaign's work exercises one capability.
#[derive(Debug, Clone, Serialize)]
pub struct CapabilityShare {
    /// The capability.
    pub name: &'static str,
    /// Share of prompts, 0 to 1.
    pub share: f64,
}

/// A shared observable.
#[derive(Debug, Clone, Serialize)]
pub struct LinkSummary {
    /// Kind of observable.
    pub kind: &'static str,
    /// Accounts of the campaign's groups that hold it.
    pub accounts: u32,
    /// What sharing it weighs.
    pub bits: f64,
    /// Customers in the whole log that hold it.
    pub common_in: u32,
}

/// A hypothesis of who is behind a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Attribution {
    /// The entity, or `none of these`.
    pub entity: String,
    /// Likelihood in the words of ICD 203, or `not assessed`.
    pub likelihood: &'static str,
    /// Logarithm of the likelihood ratio against the next best.
    pub log10_lr: f64,
    /// What it rests on.
    pub evidence: Vec<String>,
}

/// What was served to a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Leak {
    /// Best figure: exchanges that hold the campaign's frames, or all where it was found without frames.
    pub exchanges: u64,
    /// Tokens served in those, in proportion.
    pub output_tokens: u64,
    /// Least: exchanges that certainly hold a frame of the campaign.
    pub low: u64,
    /// Most: all exchanges of its accounts.
    pub high: u64,
    /// Distinct prompts among the best figure: what an answer was new for.
    pub distinct_prompts: u64,
    /// The same by what was asked for.
    pub by_capability: Vec<CapabilityLeak>,
    /// End of the log of the run that first reported it, RFC 3339; this run's without a data directory.
    pub first_alarm: String,
    /// What was served up to the day of the first alarm, as it is known now.
    pub before_alarm: Interval,
    /// When nine in ten of its accounts were shut out, RFC 3339; null while they are not.
    pub contained: Option<String>,
    /// What was served up to that day, or so far.
    pub before_containment: Interval,
    /// What runs on this data directory said, oldest first.
    pub revisions: Vec<Revision>,
}

/// A number of exchanges between bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// Best figure.
    pub exchanges: u64,
    /// Least.
    pub low: u64,
    /// Most.
    pub high: u64,
}

/// What was served of one capability.
#[derive(Debug, Clone, Serialize)]
pub struct CapabilityLeak {
    /// The capability.
    pub name: &'static str,
    /// Best figure of exchanges.
    pub exchanges: u64,
    /// Least.
    pub low: u64,
    /// Most.
    pub high: u64,
}

/// What one run said of a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Revision {
    /// End of the log that was hunted, RFC 3339.
    pub log_end: String,
    /// Accounts it was held to have.
    pub accounts: u64,
    /// Best figure of exchanges.
    pub exchanges: u64,
    /// Least.
    pub low: u64,
    /// Most.
    pub high: u64,
}

/// Who else may be inside a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Innocent {
    /// Accounts of its pools that are not held to be part of it.
    pub accounts_in_pools: u64,
    /// Share of its accounts' exchanges that do not look like its work, 0 to 1.
    pub other_traffic: f64,
}

/// One account that is not clear, as a line of `accounts.jsonl`.
#[derive(Debug, Clone, Serialize)]
pub struct AccountVerdict {
    /// The account.
    pub account: String,
    /// What is held of it.
    pub verdict: Standing,
    /// The likeliest campaign.
    pub campaign: String,
    /// All campaigns it is part of, the likeliest first.
    pub campaigns: Vec<String>,
    /// 0 to 100: the campaign's, since it is the group that was tested.
    pub confidence: u32,
    /// E-value of the campaign.
    pub e_value: f64,
    /// In words a person can answer.
    pub reasons: Vec<String>,
}
