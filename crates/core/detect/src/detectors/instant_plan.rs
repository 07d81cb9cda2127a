//! rhythm.instant_plan: full use from the first day.
//!
//! *Sees:* accounts that are as busy on the day they were registered as on their busiest day since: the count of the
//! first day over the largest daily count, for accounts first used within a day of registration.
//! *Needs:* account records with the time of registration, at least ten exchanges over at least three days.
//! *Null and reference:* conformal p-value among reference accounts of like volume.
//! *Benign twin:* a migration, a launch. It nominates: no verdict rests on rhythm alone.
//! *Source:* new subscriptions at maximum use at once, advisory AA26-251A.

use record::time::DAY_US;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "rhythm.instant_plan",
    family: Family::Rhythm,
    what: "were in full use on the day they were registered",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_EXCHANGES: u64 = 10;
const MIN_DAYS: usize = 3;

/// Exchanges of the first day over those of the busiest.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let entity = context.population.get(at)?;
    let profile = &entity.profile;
    let created_us = Some(entity.identity.created_at_us).filter(|at_us| *at_us != 0)?;
    let (first_us, _) = profile.seen_us?;
    let prompt = (0..DAY_US).contains(&(first_us - created_us));
    if !prompt || profile.exchanges < MIN_EXCHANGES || profile.days.len() < MIN_DAYS {
        return None;
    }
    let (_, first) = profile.daily().next()?;
    let most = profile.daily().map(|(_, count)| count).max()?;
    Some(f64::from(first) / f64::from(most))
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
