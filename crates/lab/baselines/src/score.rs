//! What an outcome is worth, against the truth. The same rules for every method, Stillwatch among them.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde::Serialize;

use crate::log::Log;
use crate::method::Accusation;
use crate::method::Outcome;
use crate::truth::TrueCampaign;
use crate::truth::Truth;

/// Share of a campaign's accounts that one accusation must hold, and share of the accusation's accounts that must be
/// hostile, for the campaign to count as found.
const HALF: f64 = 0.5;

/// What became of one campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignScore {
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: String,
    /// Its share of cover traffic, where known.
    pub cover: Option<f64>,
    /// Its accounts.
    pub accounts: u64,
    /// Its accounts' exchanges, cover included.
    pub exchanges: u64,
    /// Whether one accusation holds at least half of its accounts and at least half of that one's are hostile.
    pub found: bool,
    /// How many of its accounts were accused.
    pub reached: u64,
    /// Its exchanges before the first accusation that holds one of its accounts and is at least half hostile; all of
    /// them if there is none. `None` where the method does not say when.
    pub before_first: Option<u64>,
    /// Its exchanges that were served before their own account was accused. `None` where the method does not say when.
    pub served: Option<u64>,
}

/// What became of the honest accounts of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KindScore {
    /// Accounts of the kind.
    pub accounts: u64,
    /// How many of them were accused.
    pub wronged: u64,
}

/// What an outcome is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The setting that gave it.
    pub setting: String,
    /// The campaigns, in the order of the truth.
    pub campaigns: Vec<CampaignScore>,
    /// The honest accounts by kind.
    pub kinds: BTreeMap<String, KindScore>,
    /// Hostile accounts.
    pub hostile: u64,
    /// Hostile accounts that were accused.
    pub reached: u64,
    /// Honest accounts.
    pub honest: u64,
    /// Honest accounts that were accused.
    pub wronged: u64,
    /// Accusations.
    pub accusations: u64,
    /// Accusations of whose accounts fewer than half are hostile.
    pub accusations_false: u64,
}

impl Score {
    /// Campaigns that were found.
    #[must_use]
    pub fn found(&self) -> u64 {
        self.campaigns.iter().filter(|campaign| campaign.found).count() as u64
    }

    /// Harmonic mean of precision and recall over accounts; zero where nothing was rightly accused.
    #[must_use]
    pub fn f1(&self) -> f64 {
        let wrong = self.wronged + (self.hostile - self.reached);
        let right = 2.0 * self.reached as f64;
        if self.reached == 0 { 0.0 } else { right / (right + wrong as f64) }
    }
}

/// Scores an outcome. `timed` is false for a method that does not say when.
#[must_use]
pub fn score(log: &Log, truth: &Truth, outcome: &Outcome, timed: bool) -> Score {
    let mut hostile = vec![false; log.accounts.len()];
    for account in truth.campaigns.iter().flat_map(|campaign| &campaign.accounts) {
        if let Some(place) = log.account(account).and_then(|index| hostile.get_mut(index as usize)) {
            *place = true;
        }
    }
    let is_hostile = |account: &u32| hostile.get(*account as usize).copied().unwrap_or(false);
    let is_true = |accusation: &Accusation| {
        let right = accusation.accounts.iter().filter(|account| is_hostile(account)).count();
        right > 0 && right as f64 >= HALF * accusation.accounts.len() as f64
    };
    // When each account was first accused at all.
    let mut accused: HashMap<u32, i64> = HashMap::new();
    for accusation in &outcome.accusations {
        for account in &accusation.accounts {
            let at = accused.entry(*account).or_insert(accusation.at_us);
            *at = (*at).min(accusation.at_us);
        }
    }
    let right: Vec<&Accusation> = outcome.accusations.iter().filter(|accusation| is_true(accusation)).collect();
    let campaigns = truth.campaigns.iter().map(|one| of_campaign(log, one, &right, &accused, timed)).collect();
    let kinds = of_kinds(log, truth, &accused);
    Score {
        setting: outcome.setting.clone(),
        campaigns,
        hostile: hostile.iter().filter(|one| **one).count() as u64,
        reached: accused.keys().filter(|account| is_hostile(account)).count() as u64,
        honest: kinds.values().map(|kind| kind.accounts).sum(),
        wronged: kinds.values().map(|kind| kind.wronged).sum(),
        kinds,
        accusations: outcome.accusations.len() as u64,
        accusations_false: (outcome.accusations.len() - right.len()) as u64,
    }
}

fn of_campaign(
    log: &Log,
    one: &TrueCampaign,
    right: &[&Accusation],
    accused: &HashMap<u32, i64>,
    timed: bool,
) -> CampaignScore {
    let mut own: Vec<u32> = one.accounts.iter().filter_map(|name| log.account(name)).collect();
    own.sort_unstable();
    own.dedup();
    let held = |accusation: &Accusation| {
        accusation.accounts.iter().filter(|account| own.binary_search(account).is_ok()).count()
    };
    let found = right.iter().any(|accusation| !own.is_empty() && held(accusation) as f64 >= HALF * own.len() as f64);
    let first_us = right.iter().filter(|accusation| held(accusation) > 0).map(|accusation| accusation.at_us).min();
    let times = || own.iter().flat_map(|account| log.queries_of(*account).map(|query| (*account, query.at_us)));
    let before = times().filter(|(_, at_us)| first_us.is_none_or(|first_us| *at_us < first_us)).count() as u64;
    let served = times().filter(|(account, at_us)| accused.get(account).is_none_or(|when| at_us < when)).count() as u64;
    CampaignScore {
        name: one.name.clone(),
        level: one.level.clone(),
        cover: one.cover,
        accounts: own.len() as u64,
        exchanges: times().count() as u64,
        found,
        reached: own.iter().filter(|account| accused.contains_key(account)).count() as u64,
        before_first: timed.then_some(before),
        served: timed.then_some(served),
    }
}

fn of_kinds(log: &Log, truth: &Truth, accused: &HashMap<u32, i64>) -> BTreeMap<String, KindScore> {
    let mut kinds: BTreeMap<String, KindScore> = BTreeMap::new();
    for (name, kind) in truth.kinds() {
        let entry = kinds.entry(kind.to_owned()).or_default();
        entry.accounts += 1;
        entry.wronged += u64::from(log.account(name).is_some_and(|index| accused.contains_key(&index)));
    }
    kinds
}

/// The best of a method's scores: most campaigns found, then the highest F1 over accounts, then the first. An oracle's
/// choice, which no user could make.
#[must_use]
pub fn best(scores: Vec<Score>) -> Option<Score> {
    scores.into_iter().rev().max_by(|a, b| a.found().cmp(&b.found()).then(a.f1().total_cmp(&b.f1())))
}

/// Share of the accused who must be hostile for a setting to be a careful one.
const CAREFUL: f64 = 0.95;

/// The best of those settings of which at least 95 in 100 accused accounts are hostile: a choice that an operator could
/// defend, though still an oracle's. `None` if no setting accuses so carefully.
#[must_use]
pub fn careful(scores: &[Score]) -> Option<Score> {
    let is_careful = |score: &&Score| {
        let accused = score.reached + score.wronged;
        accused > 0 && score.reached as f64 >= CAREFUL * accused as f64
    };
    best(scores.iter().filter(is_careful).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (Log, Truth) {
        let names = ["a", "b", "c", "d", "x", "y"];
        let texts = names.iter().flat_map(|name| (1..=3).map(move |at| (*name, at * 10, "text")));
        let campaign = |name: &str, accounts: &[&str]| TrueCampaign {
            name: name.to_owned(),
            accounts: accounts.iter().map(|one| (*one).to_owned()).collect(),
            ..TrueCampaign::default()
        };
        let campaigns = vec![campaign("one", &["a", "b", "c", "d"])];
        let benign = BTreeMap::from([("people".to_owned(), vec!["x".to_owned(), "y".to_owned()])]);
        (Log::of_texts(texts), Truth { campaigns, benign })
    }

    fn scored(groups: &[(&[&str], i64)]) -> Score {
        let (log, truth) = world();
        let accusations = groups
            .iter()
            .map(|(names, at_us)| Accusation::new(names.iter().filter_map(|name| log.account(name)).collect(), *at_us))
            .collect();
        score(&log, &truth, &Outcome { setting: "s".to_owned(), accusations }, true)
    }

    #[test]
    fn half_of_a_campaign_in_one_mostly_hostile_accusation_is_found() {
        let score = scored(&[(&["a", "b", "x"], 15)]);
        assert!(score.campaigns[0].found);
        assert_eq!((score.reached, score.wronged, score.accusations_false), (2, 1, 0));
        // Four accounts ask at 10, before 15; two of them are stopped, the others go on to the end.
        assert_eq!((score.campaigns[0].before_first, score.campaigns[0].served), (Some(4), Some(8)));
    }

    #[test]
    fn accounts_accused_one_by_one_are_reached_but_not_found() {
        let score = scored(&[(&["a"], 15), (&["b"], 25), (&["c"], 25), (&["d"], 25)]);
        assert!(!score.campaigns[0].found);
        assert_eq!(score.campaigns[0].reached, 4);
    }

    #[test]
    fn an_accusation_of_everyone_counts_by_its_hostile_share() {
        assert!(scored(&[(&["a", "b", "c", "d", "x", "y"], 0)]).campaigns[0].found);
        let mostly_honest = scored(&[(&["a", "x", "y"], 0)]);
        assert!(!mostly_honest.campaigns[0].found);
        assert_eq!(mostly_honest.accusations_false, 1);
        assert_eq!(mostly_honest.campaigns[0].before_first, Some(12));
    }

    #[test]
    fn a_careful_setting_wrongs_few() {
        let (all, few) = (scored(&[(&["a", "b", "c", "d", "x"], 0)]), scored(&[(&["a"], 0)]));
        assert_eq!(careful(&[all.clone(), few.clone()]), Some(few));
        assert_eq!(careful(&[all]), None);
    }

    #[test]
    fn best_prefers_campaigns_then_accounts() {
        let few = scored(&[(&["a", "b"], 0)]);
        let more = scored(&[(&["a", "b", "c"], 0)]);
        let loose = scored(&[(&["a"], 0), (&["b"], 0), (&["c"], 0), (&["d"], 0)]);
        assert_eq!(best(vec![few.clone(), loose, more.clone(), few]), Some(more));
        assert_eq!(best(Vec::new()), None);
    }
}
