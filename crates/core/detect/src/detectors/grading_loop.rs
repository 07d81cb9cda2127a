//! content.grading_loop: answers are marked, cleaned and compared.
//!
//! *Sees:* accounts of whose prompts an unusual share marks against a rubric or asks for new tasks: the model as judge,
//! filter and author of training data.
//! *Needs:* prompt text, at least five prompts an account.
//! *Null and reference:* conformal p-value of the share among reference accounts of like volume.
//! *Benign twin:* judge pipelines of honest products, teachers.
//! *Source:* rubric grading and cleaning at scale in the public reports of February and September 2026.

use observation::Cue;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.grading_loop",
    family: Family::Content,
    what: "have answers marked or tasks written in an unusual share of prompts",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_PROMPTS: u64 = 5;

/// Share of prompts that mark answers or ask for tasks.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let profile = &context.population.get(at)?.profile;
    let asked: u64 = [Cue::Grading, Cue::TaskWriting]
        .iter()
        .filter_map(|cue| profile.cues.get(*cue as usize))
        .map(|count| u64::from(*count))
        .sum();
    (profile.prompted() >= MIN_PROMPTS).then(|| asked as f64 / profile.prompted() as f64)
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
