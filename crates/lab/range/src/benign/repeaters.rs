//! Programs that ask the same number of times every day.

use std::sync::Arc;

use record::Params;

use super::firms::{member, servers};
use super::seat::Seat;
use crate::client::{self, Stack};
use crate::profile::{Network, Profile};
use crate::rhythm::Rhythm;
use crate::rng::{mix, sub};
use crate::text::Style;
use crate::time::HOUR;
use crate::work::{Canary, Filler, Recipe, Template};

/// Public tools that measure services with prompts of their own.
const TOOLS: usize = 5;

/// Somebody who watches whether the service answers, and how well: the same few prompts, day after day. Half of them
/// run a public tool, so that strangers ask the same.
pub(super) fn monitor(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut rng = seat.rng("monitor");
    if rng.chance(0.7) {
        let (cloud, first) = (rng.zipf(12) as u64, rng.word());
        profile.network = Network::Cloud { cloud, first, count: 1 };
    }
    profile.style = Some(Style::machine());
    profile.rhythm = Rhythm::Daily { at_us: rng.below(24 * HOUR as u64) as i64 };
    let prompts = if rng.chance(0.5) { mix(sub(seat.stage.seed, "tool"), rng.zipf(TOOLS) as u64) } else { seat.seed };
    profile.add(1.0, Arc::new(Canary::of(prompts)));
    profile
}

/// Scheduled jobs of one organisation: the same counts every day, one template, one client.
pub(super) fn cron_fleet(seat: &Seat<'_>) -> Profile {
    let mut profile = member(seat);
    let mut shared = seat.shared("schedule");
    profile.settle(servers(seat), "US");
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    profile.style = Some(Style::machine());
    let at_us = shared.below(24) as i64 * HOUR + i64::from(seat.place) * HOUR / 12;
    profile.rhythm = Rhythm::Daily { at_us };
    profile.params = Params { temperature: Some(0.0), max_tokens: Some(1_024), ..Params::default() };
    let template = Template::of_product(seat.stage, "pipeline", seat.cluster);
    profile.add(1.0, Arc::new(Recipe::new(vec![template], Filler::Question)));
    profile
}
