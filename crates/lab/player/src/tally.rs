//! Who was served, and when each campaign was seen.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use record::time::DAY_US;
use serde::Serialize;
use verdict::Tier;
use verdict::VerdictSnapshot;

use crate::script::Script;
use crate::script::TrueCampaign;

/// A campaign is contained from when on no more than one in so many of its requests was served.
const CONTAINED: usize = 20;

/// The most days that are told apart.
const MAX_DAYS: usize = 3660;

/// Counts of a world that is played.
#[derive(Debug)]
pub struct Tally(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    honest: u64,
    /// By reason code.
    honest_refused: BTreeMap<String, u64>,
    failed: u64,
    campaigns: Vec<Of>,
}

/// Counts of one campaign.
#[derive(Debug, Default)]
struct Of {
    name: String,
    level: String,
    accounts: HashSet<String>,
    /// When the world begins.
    begins_us: i64,
    /// When each request was sent, and whether it was refused.
    requests: Vec<(i64, bool)>,
    suspected_us: Option<i64>,
    discovered_us: Option<i64>,
    implicated: usize,
}

/// What became of one campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignTally {
    /// Its name in the truth.
    pub name: String,
    /// Its level.
    pub level: String,
    /// Accounts that sent something until now.
    pub accounts: usize,
    /// Of these, accounts that the last verdicts implicate.
    pub implicated: usize,
    /// Requests.
    pub requests: usize,
    /// Of these, requests that were served.
    pub served: usize,
    /// From its first request until half of its accounts were in a campaign that is suspected at least.
    pub seconds_to_suspected: Option<f64>,
    /// Until they were in one that is discovered.
    pub seconds_to_discovered: Option<f64>,
    /// Until the moment from which on at most one in twenty of its requests was served.
    pub seconds_to_contained: Option<f64>,
    /// Its requests on each day of the world.
    pub days: Vec<Day>,
}

/// Requests of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Those that were served.
    pub served: u64,
    /// Those that were refused.
    pub refused: u64,
}

/// What became of a world.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Share of the campaigns' requests that were served.
    pub campaign_exchanges_served_share: f64,
    /// The same of relays (level T4) alone; null where there is none.
    pub relay_exchanges_served_share: Option<f64>,
    /// Share of other accounts' requests that were refused.
    pub honest_refused_share: f64,
    /// The slowest campaign's time to be suspected; null where one never was.
    pub seconds_to_suspected: Option<f64>,
    /// To be discovered.
    pub seconds_to_discovered: Option<f64>,
    /// To be contained.
    pub seconds_to_contained: Option<f64>,
    /// Requests of other accounts.
    pub honest_requests: u64,
    /// Of these, refused.
    pub honest_refused: u64,
    /// The same by reason code.
    pub honest_refused_by_reason: BTreeMap<String, u64>,
    /// Requests that came to no answer.
    pub failed: u64,
    /// Campaign by campaign.
    pub campaigns: Vec<CampaignTally>,
}

impl Tally {
    /// Nothing was sent yet.
    #[must_use]
    pub fn new(script: &Script) -> Self {
        let begins_us = script.begins_us();
        let of = |one: &TrueCampaign| {
            let (name, level) = (one.name.clone(), one.level.clone());
            Of { name, level, begins_us, ..Of::default() }
        };
        let campaigns = script.campaigns().iter().map(of).collect();
        Self(Mutex::new(Counts { campaigns, ..Counts::default() }))
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn failed(&self) {
        self.counts().failed += 1;
    }

    /// Counts a request; `reason` is the reason code of its refusal.
    pub(crate) fn count(&self, campaign: Option<usize>, account: &str, at_us: i64, reason: Option<String>) {
        let mut counts = self.counts();
        let is_refused = reason.is_some();
        let Some(of) = campaign.and_then(|at| counts.campaigns.get_mut(at)) else {
            counts.honest += 1;
            if let Some(reason) = reason {
                *counts.honest_refused.entry(reason).or_default() += 1;
            }
            return;
        };
        if !of.accounts.contains(account) {
            of.accounts.insert(account.to_owned());
        }
        of.requests.push((at_us, is_refused));
    }

    /// Looks up what the verdicts say of the campaigns' accounts, at a moment.
    pub fn look(&self, snapshot: &VerdictSnapshot, now_us: i64) {
        for of in &mut self.counts().campaigns {
            let views = of.accounts.iter().filter_map(|account| snapshot.account(account));
            let (mut suspected, mut discovered, mut implicated) = (0, 0, 0);
            for view in views {
                suspected += usize::from(matches!(view.tier(), Tier::Suspected | Tier::Discovered));
                discovered += usize::from(view.tier() == Tier::Discovered);
                implicated += usize::from(view.standing() == Some(verdict::Standing::Implicated));
            }
            of.implicated = implicated;
            let half = |count: usize| (count > 0 && count * 2 >= of.accounts.len()).then_some(now_us);
            of.suspected_us = of.suspected_us.or(half(suspected));
            of.discovered_us = of.discovered_us.or(half(discovered));
        }
    }

    /// What became of the world until now.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut counts = self.counts();
        let campaigns: Vec<CampaignTally> = counts.campaigns.iter_mut().map(Of::tally).collect();
        let honest_refused: u64 = counts.honest_refused.values().sum();
        let share = |of: &dyn Fn(&&CampaignTally) -> bool| {
            let (served, all) = campaigns
                .iter()
                .filter(of)
                .fold((0, 0), |(served, all), one| (served + one.served, all + one.requests));
            (all > 0).then(|| served as f64 / all as f64)
        };
        let slowest = |of: &dyn Fn(&CampaignTally) -> Option<f64>| {
            campaigns.iter().map(of).try_fold(0.0_f64, |slowest, seconds| Some(slowest.max(seconds?)))
        };
        Summary {
            campaign_exchanges_served_share: share(&|_| true).unwrap_or(0.0),
            relay_exchanges_served_share: share(&|one| one.level == "T4"),
            honest_refused_share: honest_refused as f64 / counts.honest.max(1) as f64,
            seconds_to_suspected: slowest(&|one| one.seconds_to_suspected),
            seconds_to_discovered: slowest(&|one| one.seconds_to_discovered),
            seconds_to_contained: slowest(&|one| one.seconds_to_contained),
            honest_requests: counts.honest,
            honest_refused,
            honest_refused_by_reason: counts.honest_refused.clone(),
            failed: counts.failed,
            campaigns,
        }
    }
}

impl Of {
    fn tally(&mut self) -> CampaignTally {
        self.requests.sort_unstable();
        let first = self.requests.first().map(|(at_us, _)| *at_us);
        let since = |at_us: Option<i64>| Some((at_us? - first?) as f64 / 1e6);
        CampaignTally {
            name: self.name.clone(),
            level: self.level.clone(),
            accounts: self.accounts.len(),
            implicated: self.implicated,
            requests: self.requests.len(),
            served: self.requests.iter().filter(|(_, is_refused)| !is_refused).count(),
            seconds_to_suspected: since(self.suspected_us),
            seconds_to_discovered: since(self.discovered_us),
            seconds_to_contained: since(contained_us(&self.requests)),
            days: self.days(),
        }
    }
}

impl Of {
    fn days(&self) -> Vec<Day> {
        let mut days: Vec<Day> = Vec::new();
        for (at_us, is_refused) in &self.requests {
            let day = usize::try_from(at_us.saturating_sub(self.begins_us) / DAY_US).unwrap_or(0).min(MAX_DAYS);
            if days.len() <= day {
                days.resize(day + 1, Day::default());
            }
            if let Some(day) = days.get_mut(day) {
                *(if *is_refused { &mut day.refused } else { &mut day.served }) += 1;
            }
        }
        days
    }
}

/// The first request from which on at most one in [`CONTAINED`] was served, where enough came after it to tell.
fn contained_us(requests: &[(i64, bool)]) -> Option<i64> {
    let mut served = 0;
    let mut first = None;
    for (after, (at_us, is_refused)) in (1..).zip(requests.iter().rev()) {
        served += usize::from(!is_refused);
        if after >= CONTAINED && served * CONTAINED <= after && *is_refused {
            first = Some(*at_us);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::contained_us;

    fn requests(served: &[bool]) -> Vec<(i64, bool)> {
        (0_i64..).zip(served.iter().map(|is_served| !is_served)).collect()
    }

    #[test]
    fn a_campaign_is_contained_once_hardly_anything_is_served() {
        assert_eq!(contained_us(&requests(&[[true; 30], [false; 30]].concat())), Some(30));
        // Too few came after it to tell.
        assert_eq!(contained_us(&requests(&[vec![true; 30], vec![false; 19]].concat())), None);
        // One in twenty may slip through.
        let mut late = [[true; 30], [false; 30]].concat();
        late.push(true);
        assert_eq!(contained_us(&requests(&late)), Some(30));
        assert_eq!(contained_us(&requests(&[true; 60])), None);
        assert_eq!(contained_us(&[]), None);
    }
}
