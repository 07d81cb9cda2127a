//! rhythm.no_idle_hours: no night.
//!
//! *Sees:* accounts that are as busy in the quietest eight hours of the clock as in the others.
//! *Needs:* at least twelve exchanges an account.
//! *Null and reference:* conformal p-value of the share of exchanges that fall in the account's own quietest eight
//! consecutive hours, among reference accounts of like volume. The own quietest hours, so that no place on earth is
//! anyone's expected time zone.
//! *Benign twin:* batch jobs and fleets: of 174 active clients in a public trace, 34 were flat around the clock.
//! *Source:* round-the-clock use in advisory AA26-251A; ServeGen client traces for the twin.

use profile::HOURS;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "rhythm.no_idle_hours",
    family: Family::Rhythm,
    what: "have no idle hours",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const NIGHT: usize = 8;
const MIN_EXCHANGES: u64 = 12;

/// Share of exchanges in the quietest eight consecutive hours.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let profile = &context.population.get(at)?.profile;
    if profile.exchanges < MIN_EXCHANGES {
        return None;
    }
    let window = |start: usize| -> u64 {
        profile.hours.iter().cycle().skip(start).take(NIGHT).map(|count| u64::from(*count)).sum()
    };
    let quietest = (0..HOURS).map(window).min()?;
    Some(quietest as f64 / profile.exchanges as f64)
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
