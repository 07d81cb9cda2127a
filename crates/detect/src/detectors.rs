//! The detectors, and the list of them.

mod egress_rotation;
mod frozen_tuple;
mod no_idle_hours;
mod prompt_distance;
mod reasoning_elicitation;
mod registration_burst;
mod shared_harness;
mod shared_identity;
mod template_family;
mod uniform_shares;

use crate::population::Context;
use crate::population::Population;
use crate::population::Score;
use crate::test::Detector;

/// Every detector, by family and then most telling first.
pub const ALL: [&Detector; 10] = [
    &template_family::DETECTOR,
    &reasoning_elicitation::DETECTOR,
    &prompt_distance::DETECTOR,
    &shared_harness::DETECTOR,
    &shared_identity::DETECTOR,
    &registration_burst::DETECTOR,
    &frozen_tuple::DETECTOR,
    &egress_rotation::DETECTOR,
    &no_idle_hours::DETECTOR,
    &uniform_shares::DETECTOR,
];

const SCORES: [(&str, Score); 4] = [
    (reasoning_elicitation::DETECTOR.name, reasoning_elicitation::score),
    (prompt_distance::DETECTOR.name, prompt_distance::score),
    (egress_rotation::DETECTOR.name, egress_rotation::score),
    (no_idle_hours::DETECTOR.name, no_idle_hours::score),
];

impl<'a> Context<'a> {
    /// The shared tables for every detector of this crate.
    #[must_use]
    pub fn for_all(population: &'a Population) -> Self {
        Self::new(population, &SCORES)
    }
}
