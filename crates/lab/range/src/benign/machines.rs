//! Programs of unrelated owners.

use std::sync::Arc;

use super::seat::Seat;
use crate::client::Stack;
use crate::profile::{Network, Profile};
use crate::rhythm::Rhythm;
use crate::text::Style;
use crate::work::{Bench, Filler, Recipe, Template};

/// Public benchmarks of the world.
const BENCHMARKS: usize = 4;

/// A pipeline of its owner's: one template, one server, any hour, in bursts.
pub(super) fn machine_flat(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut rng = seat.rng("machine");
    if rng.chance(0.75) {
        let (cloud, first) = (rng.zipf(12) as u64, rng.word());
        profile.network = Network::Cloud { cloud, first, count: 1 };
    }
    // Gaps of real clients vary by 1.5 to 8 times their mean.
    profile.rhythm = Rhythm::Flat { spread: 0.9 + rng.unit() * 1.1 };
    profile.style = Some(Style::machine());
    let template = Template::of_product(seat.stage, "pipeline", seat.seed);
    profile.add(1.0, Arc::new(Recipe::new(vec![template], Filler::Question)));
    profile
}

/// A stranger who runs a public benchmark: file order, temperature 0, everybody's harness.
pub(super) fn benchmark_runner(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Bench);
    let mut rng = seat.rng("runner");
    if rng.chance(0.5) {
        let (cloud, first) = (rng.zipf(12) as u64, rng.word());
        profile.network = Network::Cloud { cloud, first, count: 1 };
    }
    profile.rhythm = Rhythm::Runs { batch: 120, gap_s: 3.0, offset_hours: None };
    profile.style = Some(Style::machine());
    profile.add(1.0, Arc::new(Bench::of(seat.stage.seed, rng.zipf(BENCHMARKS) as u64, 0)));
    profile
}
