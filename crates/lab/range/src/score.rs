//! How good a hunt was, on a world whose truth is known.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Share of a campaign's accounts that one found campaign must hold, and share of the found campaign's accounts
/// that must be true, for the campaign to count as found.
const HALF: f64 = 0.5;

#[derive(Debug, Deserialize)]
struct Truth {
    campaigns: Vec<TrueCampaign>,
    #[serde(default)]
    benign: BTreeMap<String, Vec<String>>,
    /// Imitators of honest customers: to find them is neither right nor wrong.
    #[serde(default)]
    framers: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct TrueCampaign {
    name: String,
    level: String,
    #[serde(default)]
    entity: String,
    accounts: Vec<String>,
    exchanges: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct FoundCampaign {
    id: String,
    status: String,
    accounts: Vec<String>,
    first_seen: Option<String>,
    /// Whether nothing is left of it without the imitators.
    #[serde(skip)]
    only_framers: bool,
}

#[derive(Debug, Deserialize)]
struct FoundAccount {
    account: String,
    verdict: String,
}

/// What became of one true campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignScore {
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: String,
    /// The invented organisation behind it.
    pub entity: String,
    /// Its accounts.
    pub accounts: u64,
    /// How many of them were implicated.
    pub implicated: u64,
    /// Share of them that were implicated.
    pub recall: f64,
    /// How many more were put on watch.
    pub watched: u64,
    /// The discovered campaign that counts as it, if one does.
    pub found_as: Option<String>,
    /// How many of its accounts that one holds.
    pub held: u64,
    /// When that one was first seen in the log.
    pub first_seen: Option<String>,
    /// All its exchanges in the log: an upper bound of what was served before containment, because a hunt over a
    /// finished log contains nothing. `None` where the truth does not say.
    pub exchanges_served_at_most: Option<u64>,
}

/// What became of the honest accounts of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindScore {
    /// The kind; `unknown` for accounts that the truth does not name.
    pub kind: String,
    /// Accounts of the kind.
    pub accounts: u64,
    /// How many of them were implicated.
    pub implicated: u64,
    /// How many of them were put on watch.
    pub watched: u64,
}

/// How good a hunt was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Accounts that belong to campaigns.
    pub hostile_accounts: u64,
    /// Accounts that were implicated.
    pub implicated: u64,
    /// Implicated accounts that belong to campaigns.
    pub implicated_rightly: u64,
    /// Share of the implicated accounts that belong to campaigns; `None` where none was implicated.
    pub account_precision: Option<f64>,
    /// Share of the campaigns' accounts that were implicated; `None` where there is no campaign.
    pub account_recall: Option<f64>,
    /// True campaigns that were found.
    pub campaigns_found: u64,
    /// Share of the true campaigns that were found; `None` where there is none.
    pub campaign_recall: Option<f64>,
    /// Campaigns reported as discovered.
    pub discovered: u64,
    /// Discovered campaigns of whose accounts fewer than half are hostile.
    pub discovered_false: u64,
    /// Their share of the discovered; 0 where none was discovered.
    pub false_discovery_proportion: f64,
    /// Campaigns reported as suspected.
    pub suspected: u64,
    /// Suspected campaigns of whose accounts fewer than half are hostile.
    pub suspected_false: u64,
    /// Imitators of honest customers, who count on neither side.
    pub framers: u64,
    /// How many of them were implicated.
    pub framers_implicated: u64,
    /// The true campaigns, one by one.
    pub campaigns: Vec<CampaignScore>,
    /// The honest accounts, kind by kind.
    pub benign: Vec<KindScore>,
}

/// Compares what a hunt wrote into the folder `found` with the truth of the world that it hunted in.
pub fn score(truth: &Path, found: &Path) -> Result<Score, Error> {
    let truth: Truth = read_json(truth)?;
    let mut campaigns: Vec<FoundCampaign> = read_json(&found.join("campaigns.json"))?;
    let path = found.join("accounts.jsonl");
    let text = fs::read_to_string(&path).map_err(Error::read(&path))?;
    let mut verdicts = HashMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let found: FoundAccount = serde_json::from_str(line).map_err(|fault| {
            Error::content(&path, format!("line {}: {fault} (a hunt writes account and verdict)", number + 1))
        })?;
        verdicts.insert(found.account, found.verdict);
    }
    let framers: HashSet<&str> = truth.framers.iter().map(String::as_str).collect();
    let framers_implicated =
        verdicts.iter().filter(|(id, verdict)| *verdict == "implicated" && framers.contains(id.as_str())).count();
    verdicts.retain(|account, _| !framers.contains(account.as_str()));
    for campaign in &mut campaigns {
        let framed = campaign.accounts.iter().any(|account| framers.contains(account.as_str()));
        campaign.accounts.retain(|account| !framers.contains(account.as_str()));
        campaign.only_framers = framed && campaign.accounts.is_empty();
    }
    campaigns.retain(|campaign| !campaign.only_framers);
    let score = compare(&truth, &campaigns, &verdicts);
    Ok(Score { framers: framers.len() as u64, framers_implicated: framers_implicated as u64, ..score })
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(Error::read(path))?;
    serde_json::from_slice(&bytes)
        .map_err(|fault| Error::content(path, format!("{fault} (see the contract of its form)")))
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn compare(truth: &Truth, found: &[FoundCampaign], verdicts: &HashMap<String, String>) -> Score {
    let hostile: HashSet<&str> = truth.campaigns.iter().flat_map(|one| &one.accounts).map(String::as_str).collect();
    let has = |account: &str, verdict: &str| verdicts.get(account).is_some_and(|given| given == verdict);
    let implicated: Vec<&str> =
        verdicts.iter().filter(|(_, verdict)| *verdict == "implicated").map(|(account, _)| account.as_str()).collect();
    let rightly = implicated.iter().filter(|account| hostile.contains(**account)).count() as u64;
    // An empty group holds no true account and is false.
    let is_true = |one: &&FoundCampaign| {
        let right = one.accounts.iter().filter(|account| hostile.contains(account.as_str())).count();
        right > 0 && right as f64 >= HALF * one.accounts.len() as f64
    };
    let with = |status: &'static str| found.iter().filter(move |one| one.status == status);
    let campaigns: Vec<CampaignScore> = truth
        .campaigns
        .iter()
        .map(|one| score_campaign(one, &with("discovered").filter(is_true).collect::<Vec<_>>(), &has))
        .collect();
    let campaigns_found = campaigns.iter().filter(|one| one.found_as.is_some()).count() as u64;
    let discovered = with("discovered").count() as u64;
    let discovered_false = discovered - with("discovered").filter(is_true).count() as u64;
    let suspected = with("suspected").count() as u64;
    Score {
        hostile_accounts: hostile.len() as u64,
        implicated: implicated.len() as u64,
        implicated_rightly: rightly,
        account_precision: share(rightly, implicated.len() as u64),
        account_recall: share(rightly, hostile.len() as u64),
        campaigns_found,
        campaign_recall: share(campaigns_found, campaigns.len() as u64),
        discovered,
        discovered_false,
        false_discovery_proportion: share(discovered_false, discovered).unwrap_or(0.0),
        suspected,
        suspected_false: suspected - with("suspected").filter(is_true).count() as u64,
        framers: 0,
        framers_implicated: 0,
        campaigns,
        benign: score_benign(truth, &hostile, verdicts),
    }
}

fn score_campaign(one: &TrueCampaign, found: &[&FoundCampaign], has: &dyn Fn(&str, &str) -> bool) -> CampaignScore {
    let own: HashSet<&str> = one.accounts.iter().map(String::as_str).collect();
    let count = |verdict| own.iter().filter(|account| has(account, verdict)).count() as u64;
    let held =
        |found: &FoundCampaign| found.accounts.iter().filter(|account| own.contains(account.as_str())).count() as u64;
    // The one that holds most; the first of equals, so that the order of the file decides and not chance.
    let best = found.iter().rev().max_by_key(|found| held(found));
    let best = best.filter(|best| !own.is_empty() && held(best) as f64 >= HALF * own.len() as f64);
    CampaignScore {
        name: one.name.clone(),
        level: one.level.clone(),
        entity: one.entity.clone(),
        accounts: own.len() as u64,
        implicated: count("implicated"),
        recall: share(count("implicated"), own.len() as u64).unwrap_or(0.0),
        watched: count("watch"),
        found_as: best.map(|best| best.id.clone()),
        held: best.map_or(0, |best| held(best)),
        first_seen: best.and_then(|best| best.first_seen.clone()),
        exchanges_served_at_most: one.exchanges,
    }
}

fn score_benign(truth: &Truth, hostile: &HashSet<&str>, verdicts: &HashMap<String, String>) -> Vec<KindScore> {
    let count = |accounts: &HashSet<&str>, verdict: &str| {
        accounts.iter().filter(|account| verdicts.get(**account).is_some_and(|given| given == verdict)).count() as u64
    };
    let mut known = hostile.clone();
    let mut kinds = Vec::new();
    for (kind, accounts) in &truth.benign {
        let accounts: HashSet<&str> = accounts.iter().map(String::as_str).collect();
        kinds.push(KindScore {
            kind: kind.clone(),
            accounts: accounts.len() as u64,
            implicated: count(&accounts, "implicated"),
            watched: count(&accounts, "watch"),
        });
        known.extend(accounts);
    }
    let unknown: HashSet<&str> =
        verdicts.keys().map(String::as_str).filter(|account| !known.contains(account)).collect();
    if !unknown.is_empty() {
        kinds.push(KindScore {
            kind: "unknown".to_owned(),
            accounts: unknown.len() as u64,
            implicated: count(&unknown, "implicated"),
            watched: count(&unknown, "watch"),
        });
    }
    kinds
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{:.1} %", value * 100.0))
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Score { implicated, implicated_rightly, hostile_accounts, .. } = self;
        writeln!(
            f,
            "accounts   precision {:>8}   ({implicated_rightly} of {implicated} implicated are hostile)",
            percent(self.account_precision)
        )?;
        writeln!(
            f,
            "           recall    {:>8}   ({implicated_rightly} of {hostile_accounts} hostile are implicated)",
            percent(self.account_recall)
        )?;
        writeln!(
            f,
            "campaigns  recall    {:>8}   ({} of {} found)",
            percent(self.campaign_recall),
            self.campaigns_found,
            self.campaigns.len()
        )?;
        writeln!(
            f,
            "           false     {:>8}   ({} of {} discovered; and {} of {} suspected)",
            percent(Some(self.false_discovery_proportion)),
            self.discovered_false,
            self.discovered,
            self.suspected_false,
            self.suspected
        )?;
        if !self.campaigns.is_empty() {
            writeln!(
                f,
                "\n{:<24} {:<5} {:>8} {:>10} {:>8} {:>7}  {:<14} {:>12}",
                "campaign", "level", "accounts", "implicated", "recall", "watched", "found as", "served (max)"
            )?;
        }
        for one in &self.campaigns {
            let found = one.found_as.as_deref().unwrap_or("-");
            let served = one.exchanges_served_at_most.map_or_else(|| "-".to_owned(), |count| count.to_string());
            let CampaignScore { name, level, accounts, implicated, watched, .. } = one;
            writeln!(
                f,
                "{name:<24} {level:<5} {accounts:>8} {implicated:>10} {:>8} {watched:>7}  {found:<14} {served:>12}",
                percent(Some(one.recall))
            )?;
        }
        writeln!(f, "\n{:<24} {:>8} {:>10} {:>7}", "honest kind", "accounts", "implicated", "watched")?;
        for KindScore { kind, accounts, implicated, watched } in &self.benign {
            writeln!(f, "{kind:<24} {accounts:>8} {implicated:>10} {watched:>7}")?;
        }
        if self.framers > 0 {
            let Score { framers, framers_implicated, .. } = self;
            writeln!(f, "\nimitators  {framers_implicated} of {framers} implicated (they count on neither side)")?;
        }
        write!(
            f,
            "\nserved (max): all exchanges of the campaign in the log, an upper bound of what was served before containment"
        )
    }
}
