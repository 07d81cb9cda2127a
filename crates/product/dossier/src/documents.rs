//! What is read of the documents in the ledger.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A verdict: what a hunt held of one campaign.
#[derive(Debug, Clone, Deserialize)]
pub struct Verdict {
    /// The name of the document: `verdict`.
    pub document: String,
    /// Version of its form.
    pub version: u32,
    /// Version of the program.
    pub program: String,
    /// The case.
    pub case: String,
    /// The entry of the document with the accounts.
    pub accounts_entry: u64,
    /// The entries of the ledger that say what the exchange table was: those before this number.
    pub table_entries: u64,
    /// Data directories that were read and that the ledger knows nothing of.
    pub other_sources: u64,
    /// First moment that was looked at, in microseconds since 1970.
    pub since_us: Option<i64>,
    /// End of what was looked at.
    pub until_us: Option<i64>,
    /// The run.
    pub run: Run,
    /// The campaign.
    pub campaign: Campaign,
    /// What its e-value was computed from.
    pub judgement: Option<Judgement>,
}

/// The run that a verdict is of.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// Accounts in the log.
    pub accounts: u64,
    /// Their exchanges.
    pub exchanges: u64,
    /// Target false discovery rate.
    pub fdr: f64,
    /// That of the investigation tier.
    pub fdr_suspected: f64,
    /// Hypotheses that were searched.
    pub hypotheses: u64,
    /// Groups that were tested.
    pub groups_tested: u64,
    /// What groups were judged against, in words.
    pub calibration: String,
    /// What the log was too poor to show.
    pub cannot_see: Vec<String>,
}

/// A campaign, as in `campaigns.json`, without its accounts.
#[derive(Debug, Clone, Deserialize)]
pub struct Campaign {
    /// What it is held to be.
    pub status: String,
    /// How many accounts.
    pub accounts: u64,
    /// Exchanges of its accounts.
    pub exchanges: u64,
    /// Tokens that they sent.
    pub input_tokens: u64,
    /// Tokens that they were served.
    pub output_tokens: u64,
    /// First exchange.
    pub first_seen: String,
    /// Last exchange.
    pub last_seen: String,
    /// 0 to 100.
    pub confidence: u32,
    /// How many families corroborate it; the others together count as one.
    pub corroboration: usize,
    /// Whether the others together are one of these; not in verdicts of before.
    #[serde(default)]
    pub corroborated_by_others: bool,
    /// What several looks at it say together; only in verdicts of such.
    pub looks: Option<IgnoredAny>,
    /// 1 to 10.
    pub impact: u32,
    /// E-value over families.
    pub e_value: f64,
    /// The smallest false discovery rate, of those tried, at which it is a discovery.
    pub fdr_at: f64,
    /// What it was compared with.
    pub bank: BankEvidence,
    /// What each family says.
    pub families: Vec<FamilyEvidence>,
    /// What was served to it.
    pub leak: Leak,
    /// The evidence for it.
    pub strengths: Vec<String>,
    /// The evidence against it.
    pub limitations: Vec<String>,
    /// What would change the verdict.
    pub would_change: Vec<String>,
}

/// What a campaign's strongest group was compared with.
#[derive(Debug, Clone, Deserialize)]
pub struct BankEvidence {
    /// Honest groups of its kind.
    pub size: usize,
    /// How many of them score as much or more.
    pub rank: usize,
}

/// What one family says.
#[derive(Debug, Clone, Deserialize)]
pub struct FamilyEvidence {
    /// The family.
    pub family: String,
    /// Its e-value.
    pub e_value: f64,
    /// In words.
    pub what: String,
}

/// What was served.
#[derive(Debug, Clone, Deserialize)]
pub struct Leak {
    /// Best figure.
    pub exchanges: u64,
    /// Least.
    pub low: u64,
    /// Most.
    pub high: u64,
}

/// What an e-value was computed from.
#[derive(Debug, Clone, Deserialize)]
pub struct Judgement {
    /// The groups.
    pub parts: Vec<Part>,
    /// The one that says most.
    pub strongest: usize,
    /// Honest groups.
    pub peers: Vec<Peers>,
}

/// A group.
#[derive(Debug, Clone, Deserialize)]
pub struct Part {
    /// The family whose ties formed it.
    pub formed_by: String,
    /// The half of the items that formed it.
    pub formed_on: String,
    /// Its accounts.
    pub accounts: usize,
    /// Customers that these are.
    pub customers: Option<usize>,
    /// Whether it counts in the campaign's e-value.
    pub tells: bool,
    /// Its score.
    pub score: f64,
    /// Each family's.
    pub families: BTreeMap<String, f64>,
    /// By how much scores were lowered.
    pub lowered: Option<f64>,
    /// Which honest groups it was ranked among.
    pub peers: Option<usize>,
    /// Its rank.
    pub rank: usize,
    /// Its e-value.
    pub e_value: f64,
}

/// Honest groups.
#[derive(Debug, Clone, Deserialize)]
pub struct Peers {
    /// How many.
    pub groups: usize,
    /// Their scores above zero.
    pub scores: Vec<f64>,
    /// The same, lifted by the sizes of the groups; not in verdicts of before.
    pub lifted: Option<Vec<f64>>,
    /// Over all families but the strongest of each group, and rhythm; not in verdicts of before.
    pub without_strongest: Option<Vec<f64>>,
    /// Those of each family.
    pub families: BTreeMap<String, Vec<f64>>,
}

/// The accounts of a campaign.
#[derive(Debug, Clone, Deserialize)]
pub struct Accounts {
    /// The name of the document: `accounts`.
    pub document: String,
    /// Version of its form.
    pub version: u32,
    /// The case.
    pub case: String,
    /// Ids of its accounts, sorted.
    pub accounts: Vec<String>,
    /// What is held of each.
    pub verdicts: Vec<AccountVerdict>,
}

/// What is held of an account.
#[derive(Debug, Clone, Deserialize)]
pub struct AccountVerdict {
    /// The account.
    pub account: String,
    /// `implicated` or `watch`.
    pub verdict: String,
    /// What ties it to the campaign.
    pub evidence: Vec<AccountEvidence>,
}

/// One item that an account has in common with a campaign.
#[derive(Debug, Clone, Deserialize)]
pub struct AccountEvidence {
    /// The family.
    pub family: String,
    /// The kind of item.
    pub kind: String,
    /// The item, as a hash.
    pub item: String,
    /// Exchanges in which it was seen.
    pub exchanges: Vec<String>,
}

/// The columns in which a kind of item is; none where it is in no exchange.
pub fn columns_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "ip" => &["ip_hash"],
        "frame" => &["frames"],
        "phrase" => &["phrases"],
        "conversation" => &["root"],
        "answer" => &["quotes"],
        "signature" => &["minted", "presented"],
        _ => &[],
    }
}

/// Whether a kind of item is something that was said.
pub fn is_text(kind: &str) -> bool {
    matches!(kind, "frame" | "phrase" | "answer")
}
