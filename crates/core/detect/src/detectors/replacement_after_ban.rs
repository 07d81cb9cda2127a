//! reaction.replacement_after_ban: as some members are shut out, others begin.
//!
//! *Sees:* of a group of which at least three were shut out: the others whose first exchange, or first after a week of
//! silence, comes within two days after the median ban, with seven tenths of all they ever did after it.
//! *Needs:* enforcement acts (`--actions`).
//! *Null and reference:* the share that begins in the same two days, of reference accounts outside the group that were
//! active around them, or of all accounts where fewer than fifty were: a launch or
//! a holiday's end lets many begin, and is in it.
//! *Benign twin:* newcomers who happen to come then; a customer who moves to another key after a mistaken ban.
//! *Source:* a second pool in reserve and a quick switch to it, "Detecting and countering misuse of AI", September 2026.

use std::collections::BTreeSet;

use profile::Profile;
use record::time::DAY_US;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "reaction.replacement_after_ban",
    family: Family::Reaction,
    what: "began within two days after other members were shut out",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

const MIN_BANNED: usize = 3;
const SOON_DAYS: i64 = 2;
const SILENCE_DAYS: i64 = 7;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let population = context.population;
    let mut bans: Vec<i64> = members.iter().filter_map(|at| population.banned_us(*at)).collect();
    bans.sort_unstable();
    let ban_day = bans.get(bans.len() / 2).filter(|_| bans.len() >= MIN_BANNED).map(|at_us| at_us.div_euclid(DAY_US));
    let Some(ban_day) = ban_day else { return Shown::Property { members: vec![None; members.len()], rate: None } };
    let profile = |at: &u32| population.get(*at).map(|entity| entity.profile.as_ref());
    let inside: BTreeSet<u32> = members.iter().copied().collect();
    let days = (ban_day - SILENCE_DAYS)..=(ban_day + SOON_DAYS);
    let was_there = |profile: &&Profile| {
        let day = |at_us: i64| at_us.div_euclid(DAY_US);
        profile.seen_us.is_some_and(|(first, last)| day(first) <= *days.end() && day(last) >= *days.start())
    };
    let outside = |at: &&u32| !inside.contains(at);
    let null: Vec<&Profile> =
        population.reference().iter().filter(outside).filter_map(profile).filter(was_there).collect();
    let began = 1 + null.iter().filter(|profile| begins(profile, ban_day)).count();
    let all = 1 + null.len();
    let told = |at: &u32| profile(at).filter(|_| population.banned_us(*at).is_none()).map(|p| begins(p, ban_day));
    Shown::Property { members: members.iter().map(told).collect(), rate: Some(began as f64 / all as f64) }
}

/// Whether an account's work begins in the days after a ban.
fn begins(profile: &Profile, ban_day: i64) -> bool {
    let (mut before, mut after, mut first_after, mut last_before) = (0_u64, 0_u64, i64::MAX, i64::MIN);
    for (day, count) in profile.daily() {
        if day < ban_day {
            before += u64::from(count);
            last_before = day;
        } else {
            after += u64::from(count);
            first_after = first_after.min(day);
        }
    }
    let was_silent = last_before.saturating_add(SILENCE_DAYS) <= ban_day;
    first_after <= ban_day + SOON_DAYS && was_silent && after * 10 >= (before + after) * 7
}
