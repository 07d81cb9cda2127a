//! What was served to a campaign: by capability, before the first alarm and before containment, with an interval.
//!
//! An account may be in others' hands too, so an exact figure does not exist. The *least* counts prompts that hold a
//! frame of the campaign; the *most* is all exchanges of its accounts; the best figure is the least where frames are what
//! found it, and the middle where the campaign was found without any, because a paraphrase shows in no single prompt.
//!
//! Every run counts anew over the whole log: when accounts are linked later, what they were served before counts too, in
//! every part, the exchanges before the first alarm included. `revisions` keeps what earlier runs said.

use detect::Context;
use observation::Capability;
use profile::Profile;
use record::time::DAY_US;
use sketch::Sample;

use crate::proposal::Proposal;
use crate::registry::Sighting;
use crate::report::CapabilityLeak;
use crate::report::Interval;
use crate::report::Leak;
use crate::report::Revision;
use crate::totals::Totals;
use crate::words::time;

/// Share of a campaign's accounts that are shut out when it is contained, in tenths.
const CONTAINED_TENTHS: usize = 9;

/// The figures of the whole log, as a run remembers them.
pub fn sighting(context: &Context<'_>, totals: &Totals) -> Sighting {
    let all = interval(totals, totals.exchanges);
    Sighting {
        log_end_us: context.population.log_end_us(),
        accounts: totals.accounts as u64,
        exchanges: all.exchanges,
        low: all.low,
        high: all.high,
    }
}

/// The account of what was served. `sightings` are what runs said of the campaign, oldest first, this one included.
pub fn leak(context: &Context<'_>, proposal: &Proposal, totals: &Totals, sightings: &[Sighting]) -> Leak {
    let whole = interval(totals, totals.exchanges);
    let served = |end_us: i64| {
        let day = end_us.div_euclid(DAY_US);
        let profiles = context.profiles(&proposal.accounts).into_iter().flatten();
        interval(totals, profiles.map(|profile| served_until(profile, day)).sum())
    };
    let first_alarm_us =
        sightings.first().map_or_else(|| context.population.log_end_us(), |sighting| sighting.log_end_us);
    let contained_us = contained_us(context, proposal);
    let share = whole.exchanges as f64 / totals.exchanges.max(1) as f64;
    let prompted = totals.capabilities.iter().sum::<u64>().max(1) as f64;
    let by_capability = Capability::ALL.iter().zip(totals.capabilities).filter(|(_, count)| *count > 0);
    let mut prompts = Sample::<64>::default();
    context.profiles(&proposal.accounts).into_iter().flatten().for_each(|profile| prompts.merge(&profile.prompts));
    Leak {
        exchanges: whole.exchanges,
        output_tokens: (share * totals.output_tokens as f64) as u64,
        low: whole.low,
        high: whole.high,
        distinct_prompts: (share * prompts.distinct()).round() as u64,
        by_capability: by_capability
            .map(|(capability, count)| {
                let part = interval(totals, (count as f64 / prompted * totals.exchanges as f64).round() as u64);
                CapabilityLeak { name: capability.as_str(), exchanges: part.exchanges, low: part.low, high: part.high }
            })
            .collect(),
        first_alarm: time(first_alarm_us),
        before_alarm: served(first_alarm_us),
        contained: contained_us.map(time),
        before_containment: contained_us.map_or(whole, served),
        revisions: sightings.iter().map(Revision::from).collect(),
    }
}

/// Exchanges of an account up to a day. Where its sample kept some of the days only, these stand for all.
fn served_until(profile: &Profile, day: i64) -> u64 {
    let (mut until, mut all) = (0_u64, 0_u64);
    for (of, count) in profile.daily() {
        all += u64::from(count);
        until += if of <= day { u64::from(count) } else { 0 };
    }
    (profile.exchanges as f64 * until as f64 / all.max(1) as f64).round() as u64
}

/// The interval for a number of exchanges of a campaign's accounts, by the shares of the whole.
fn interval(totals: &Totals, high: u64) -> Interval {
    let all = totals.exchanges.max(1) as f64;
    let low = totals.framed.map_or(0, |framed| ((framed as f64 / all).min(1.0) * high as f64).floor() as u64);
    let exchanges = if totals.framed.is_some() { low } else { u64::midpoint(low, high) };
    Interval { exchanges, low, high }
}

/// When nine in ten of the accounts were shut out.
fn contained_us(context: &Context<'_>, proposal: &Proposal) -> Option<i64> {
    let mut bans: Vec<i64> = proposal.accounts.iter().filter_map(|at| context.population.banned_us(*at)).collect();
    bans.sort_unstable();
    let needed = (proposal.accounts.len() * CONTAINED_TENTHS).div_ceil(10);
    bans.get(needed.checked_sub(1)?).copied()
}

impl From<&Sighting> for Revision {
    fn from(sighting: &Sighting) -> Self {
        let Sighting { log_end_us, accounts, exchanges, low, high } = *sighting;
        Self { log_end: time(log_end_us), accounts, exchanges, low, high }
    }
}
