//! rhythm.model_swing: a body of work that moves to a new model within a day of its release.
//!
//! *Sees:* members that used a new model within a day of its first use in the whole log, and for at least three tenths of
//! what they did from then on. A model is new if the log runs for three days before anybody uses it.
//! *Needs:* model names; members active after the release.
//! *Null and reference:* random groups of the same size: enthusiasts are in them.
//! *Benign twin:* users of a tool that changes its default on the day. It nominates: no verdict rests on rhythm alone.
//! *Source:* half of a campaign's traffic moved within 24 hours, "Detecting and preventing distillation attacks",
//! February 2026.

use record::time::DAY_US;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "rhythm.model_swing",
    family: Family::Rhythm,
    what: "moved to a new model within a day of its release",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let swings = |at: &u32| {
        let profile = &context.population.get(*at)?.profile;
        let mut told = None;
        for (model, released_us) in context.releases() {
            let release_day = released_us.div_euclid(DAY_US);
            let since: u64 = profile.daily().filter(|(day, _)| *day >= release_day).map(|(_, n)| u64::from(n)).sum();
            if since < 3 {
                continue;
            }
            let used = profile.models.get(*model);
            let soon =
                |span: sketch::Span| span.first_us <= released_us + DAY_US && u64::from(span.count) * 10 >= since * 3;
            told = Some(told.unwrap_or(false) || used.is_some_and(soon));
        }
        told
    };
    Shown::Property { members: members.iter().map(swings).collect(), rate: None }
}
