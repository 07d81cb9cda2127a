//! rhythm.complementary_load: when one works, the others rest.
//!
//! *Sees:* members whose daily counts fall as the sum of the others' rises, over the days on which the group is active:
//! a queue of constant length dealt over accounts makes them take turns.
//! *Needs:* members active on at least five days, a group active on at least ten.
//! *Null and reference:* the pooled comparison with reference accounts of like volume, whose counts rise and fall with
//! everybody's week.
//! *Benign twin:* colleagues who share an on-call rota.
//! *Source:* load balancing in "Detecting and preventing distillation attacks", February 2026; least-recently-used choice
//! in public relay schedulers.

use cohort::Items;
use std::collections::BTreeMap;

use profile::Profile;
use sketch::hash::mix;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::pooled::pooled_p_values;
use cohort::Place;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "rhythm.complementary_load",
    family: Family::Rhythm,
    what: "work on days on which the other members rest",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

const MIN_DAYS: usize = 10;
const MIN_ACTIVE: usize = 5;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let mut total: BTreeMap<i64, f64> = BTreeMap::new();
    for profile in context.profiles(members).into_iter().flatten() {
        profile.daily().for_each(|(day, count)| *total.entry(day).or_default() += f64::from(count));
    }
    let total: Vec<(u64, f64)> = total.into_iter().map(|(day, all)| (mix(day as u64), all)).collect();
    let score = |_: u32, profile: &Profile, at: Place| {
        if profile.days.len() < MIN_ACTIVE || total.len() < MIN_DAYS {
            return None;
        }
        let pairs = total.iter().map(|(day, all)| {
            let mine = profile.days.get(*day).map_or(0.0, f64::from);
            (mine, if at.is_member { all - mine } else { *all })
        });
        correlation(pairs).map(|correlation| -correlation)
    };
    Shown::Ranks(pooled_p_values(context, members, score))
}

/// Pearson's correlation; `None` where one side does not vary.
fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut n, mut x, mut y, mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        n += 1.0;
        x += a;
        y += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    let spread = (n * xx - x * x) * (n * yy - y * y);
    (spread > 1e-9).then(|| (n * xy - x * y) / spread.sqrt())
}
