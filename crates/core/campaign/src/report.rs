//! What comes out, in the words of the contract.

use std::collections::BTreeMap;

use cohort::Items;
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
    /// The most families with an e-value of at least 20 in one of its groups, rhythm not among them. Where one family has, the others
    /// together count as a second if they say more than those of all but one in 160 honest groups.
    pub corroboration: usize,
    /// Whether the others together are one of these.
    pub corroborated_by_others: bool,
    /// 1 to 10; see `docs/method.md`.
    pub impact: u32,
    /// E-value over families.
    pub e_value: f64,
    /// The smallest false discovery rate, of those tried, at which it is a discovery.
    pub fdr_at: f64,
    /// What all looks at it say together; not there where the assessment stands by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<LooksEvidence>,
    /// What it was compared with.
    pub bank: BankEvidence,
    /// The likeness inside honest groups, as an intra-class correlation, at which its plainest finding would score less than
    /// twenty.
    pub overturned_by: f64,
    /// The share of ten runs, each without a tenth of its accounts, in which it stands. One that does not stand in all is
    /// suspected at most.
    pub survives: f64,
    /// The groups that were merged into it.
    pub parts: Vec<PartSummary>,
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

/// What all looks at a campaign say together.
#[derive(Debug, Clone, Serialize)]
pub struct LooksEvidence {
    /// Scheduled looks that were taken.
    pub taken: usize,
    /// Looks that the schedule has.
    pub of: usize,
    /// The sum of the e-values that were read, divided by `of`: what `fdr_at` is told from.
    pub e_value: f64,
    /// When it was first formed, or looked at anew; RFC 3339.
    pub since: String,
}

/// What holds over all looks at one data directory: [`crate::Looks`] says how.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LooksSummary {
    /// When looking began, in event time: RFC 3339.
    pub since: String,
    /// The shares of the weight that groups had, the largest of each, added up.
    pub stake: f64,
    /// At most the false discovery rate of those that are discovered, at whichever look one stops.
    pub fdr: f64,
    /// At most that of those that are suspected.
    pub fdr_suspected: f64,
}

/// What a campaign's strongest group was compared with.
#[derive(Debug, Clone, Serialize)]
pub struct BankEvidence {
    /// `own` where the deployment's own groups alone would do, else `built-in`.
    pub kind: &'static str,
    /// Honest groups of its kind of ties and its size.
    pub size: usize,
    /// How many of them score as much or more.
    pub rank: usize,
    /// By how much its score was lowered to match the log's other groups, as a decimal logarithm; null where the log has
    /// too few to tell.
    pub transport: Option<f64>,
}

/// A group that was merged into a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct PartSummary {
    /// The kind of its ties.
    pub ties: ViewKind,
    /// How many accounts it has.
    pub accounts: usize,
    /// Its score over families, as a decimal logarithm.
    pub score: f64,
    /// Its e-value.
    pub e_value: f64,
}

/// What one family says of a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct FamilyEvidence {
    /// The family.
    pub family: Family,
    /// Its e-value.
    pub e_value: f64,
    /// Its score in the strongest group, as a decimal logarithm.
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

/// What one detector says of a group.
#[derive(Debug, Clone, Serialize)]
pub struct DetectorEvidence {
    /// The detector.
    pub name: &'static str,
    /// Its score on the group: a likelihood ratio against random groups, and no e-value.
    pub score: f64,
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
    /// The half of the items that formed it.
    pub formed_on: Items,
    /// Ids of its accounts, sorted.
    pub accounts: Vec<String>,
    /// Mean bits that an account shares with the rest.
    pub bits_per_account: f64,
    /// Customers that its accounts are.
    pub customers: usize,
    /// Whether most of it is openly tied: by a domain, an address of registration, a referrer or a user agent.
    pub open: bool,
    /// Its score over families, as a decimal logarithm.
    pub score: f64,
    /// Its e-value: what that score is worth among honest groups.
    pub e_value: f64,
    /// Honest groups that it was compared with, and how many of them score as much or more.
    pub bank: (usize, usize),
    /// Each family's score.
    pub families: BTreeMap<Family, f64>,
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
    /// Probability after the evidence, 0.01 to 0.99; null where nothing was assessed.
    pub posterior: Option<f64>,
    /// Whether it is named: an organisation that is likely or more.
    pub named: bool,
    /// Why it is not named, or held to less than the numbers say.
    pub refused: Vec<String>,
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
    /// What the account itself did that ties it to the campaign. Nobody is implicated without.
    pub evidence: Vec<AccountEvidence>,
}

/// One item that an account has in common with a campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountEvidence {
    /// The family of evidence.
    pub family: Family,
    /// The kind of ties.
    pub detector: ViewKind,
    /// The kind of item.
    pub kind: &'static str,
    /// The item, as a hash.
    pub item: String,
    /// Other accounts of the campaign that have it.
    pub accounts_in_common: u32,
    /// Exchanges in which it was seen.
    pub exchanges: Vec<String>,
}

/// A group that scores and of which nothing is claimed, as an element of `leads.json`.
#[derive(Debug, Clone, Serialize)]
pub struct LeadReport {
    /// Id, from its accounts.
    pub id: String,
    /// Ids of its accounts, sorted.
    pub accounts: Vec<String>,
    /// Its score over families, as a decimal logarithm.
    pub score: f64,
    /// Honest groups of its kind and size that score as much or more, and how many there are.
    pub bank_rank: (usize, usize),
    /// E-value over families.
    pub e_value: f64,
    /// Its weight among all hypotheses: the exchanges of its accounts, shared out over the hypotheses that each is in.
    pub exchanges_at_stake: f64,
    /// E-value of each family.
    pub families: BTreeMap<Family, f64>,
    /// The groups that were merged into it.
    pub parts: Vec<PartSummary>,
    /// The rule that set it aside.
    pub set_aside_by: &'static str,
    /// What would make it a campaign.
    pub what_would_assert: String,
}
