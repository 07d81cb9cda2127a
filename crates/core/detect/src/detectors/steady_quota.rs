//! rhythm.steady_quota: the same number every day.
//!
//! *Sees:* accounts whose daily counts vary less than chance would have them: the variance over the mean of exchanges a
//! day, from the first active day to the last, idle days included. Chance alone gives one; people give more; a quota
//! gives less.
//! *Needs:* at least ten exchanges over at least seven days.
//! *Null and reference:* conformal p-value, small where steady, among reference accounts of like volume.
//! *Benign twin:* nightly jobs and monitors. It nominates: no verdict rests on rhythm alone.
//! *Source:* daily budgets an agent, advisory AA26-251A; the index of dispersion, Fisher 1925.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "rhythm.steady_quota",
    family: Family::Rhythm,
    what: "make nearly the same number of exchanges every day",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_EXCHANGES: u64 = 10;
const MIN_DAYS: i64 = 7;

/// The index of dispersion of daily counts, negated.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let profile = &context.population.get(at)?.profile;
    if profile.exchanges < MIN_EXCHANGES || !profile.days.is_exact() {
        return None;
    }
    let counts: Vec<(i64, u32)> = profile.daily().collect();
    let span = counts.last()?.0 - counts.first()?.0 + 1;
    if span < MIN_DAYS {
        return None;
    }
    let days = span as f64;
    let sum: f64 = counts.iter().map(|(_, count)| f64::from(*count)).sum();
    let squares: f64 = counts.iter().map(|(_, count)| f64::from(*count).powi(2)).sum();
    let mean = sum / days;
    let variance = (squares - days * mean * mean) / (days - 1.0);
    Some(-variance / mean)
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
