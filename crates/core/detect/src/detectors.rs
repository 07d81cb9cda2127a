//! The detectors, and the list of them.

mod address_pattern;
mod agent_contradiction;
mod alike_meaning;
mod answer_return;
mod canary_prompts;
mod complementary_load;
mod conversation_migration;
mod dealt_tasks;
mod disposable_domain;
mod egress_rotation;
mod focused_coverage;
mod frozen_tuple;
mod grading_loop;
mod hosting_egress;
mod instant_plan;
mod many_tenants;
mod model_probing;
mod model_swing;
mod moves_when_refused;
mod no_idle_hours;
mod paraphrase_family;
mod pooled_sessions;
mod probe_sweep;
mod programme_cohort;
mod prompt_distance;
mod reasoning_elicitation;
mod registration_burst;
mod replacement_after_ban;
mod shared_end_users;
mod shared_harness;
mod shared_identity;
mod signature_replay;
mod steady_quota;
mod template_family;
mod uniform_shares;

use cohort::Population;

use crate::context::Context;
use crate::context::Score;
use crate::detector::Detector;

/// Every detector, by family and then most telling first.
pub const ALL: [&Detector; 35] = [
    &conversation_migration::DETECTOR,
    &answer_return::DETECTOR,
    &signature_replay::DETECTOR,
    &moves_when_refused::DETECTOR,
    &many_tenants::DETECTOR,
    &replacement_after_ban::DETECTOR,
    &probe_sweep::DETECTOR,
    &template_family::DETECTOR,
    &paraphrase_family::DETECTOR,
    &alike_meaning::DETECTOR,
    &dealt_tasks::DETECTOR,
    &reasoning_elicitation::DETECTOR,
    &grading_loop::DETECTOR,
    &focused_coverage::DETECTOR,
    &prompt_distance::DETECTOR,
    &shared_harness::DETECTOR,
    &canary_prompts::DETECTOR,
    &model_probing::DETECTOR,
    &shared_identity::DETECTOR,
    &registration_burst::DETECTOR,
    &address_pattern::DETECTOR,
    &disposable_domain::DETECTOR,
    &programme_cohort::DETECTOR,
    &shared_end_users::DETECTOR,
    &frozen_tuple::DETECTOR,
    &agent_contradiction::DETECTOR,
    &pooled_sessions::DETECTOR,
    &egress_rotation::DETECTOR,
    &hosting_egress::DETECTOR,
    &complementary_load::DETECTOR,
    &steady_quota::DETECTOR,
    &uniform_shares::DETECTOR,
    &model_swing::DETECTOR,
    &instant_plan::DETECTOR,
    &no_idle_hours::DETECTOR,
];

const SCORES: [(&str, Score); 8] = [
    (reasoning_elicitation::DETECTOR.name, reasoning_elicitation::score),
    (grading_loop::DETECTOR.name, grading_loop::score),
    (focused_coverage::DETECTOR.name, focused_coverage::score),
    (prompt_distance::DETECTOR.name, prompt_distance::score),
    (egress_rotation::DETECTOR.name, egress_rotation::score),
    (steady_quota::DETECTOR.name, steady_quota::score),
    (instant_plan::DETECTOR.name, instant_plan::score),
    (no_idle_hours::DETECTOR.name, no_idle_hours::score),
];

impl<'a> Context<'a> {
    /// The shared tables for every detector of this crate.
    #[must_use]
    pub fn for_all(population: &'a Population) -> Self {
        Self::new(population, &SCORES)
    }
}
