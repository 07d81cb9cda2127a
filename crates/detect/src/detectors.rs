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

use profile::Profile;

use crate::population::Context;
use crate::population::Population;
use crate::population::Score;
use crate::test::Detector;
use crate::test::Shown;

pub use template_family::frame_share;
pub use template_family::frame_ties;
pub use template_family::repeated_frames;

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

/// The p-value at which a member with a score shows the property: one reference account in twenty does.
const TAIL: f64 = 0.05;

/// Members in the tail of a detector's own score.
fn in_tail(context: &Context<'_>, name: &str, members: &[u32]) -> Shown {
    let members = context.p_values(name, members).into_iter().map(|p| p.map(|p| p <= TAIL)).collect();
    Shown { members, rate: None }
}

/// Each member's profile.
fn profiles<'c>(context: &'c Context<'_>, members: &[u32]) -> Vec<Option<&'c Profile>> {
    members.iter().map(|at| context.population.get(*at).map(|entity| &entity.profile)).collect()
}
