//! content.prompt_distance: prompts far from what accounts usually ask.
//!
//! *Sees:* accounts whose kernel mean embedding is far from the mean of the reference's.
//! *Needs:* prompt text, at least five prompts an account.
//! *Null and reference:* conformal p-value of the squared distance (maximum mean discrepancy in the kernel of
//! [`sketch::Embedding`], its small-sample bias taken off) among reference *accounts* of like volume. Not among
//! random draws of all traffic: any single account differs from the crowd.
//! *Benign twin:* everyone with a speciality. Distance nominates and never accuses: it is averaged with the family.
//! *Source:* Gretton et al., JMLR 2012; windows of pooled traffic in arXiv 2606.05725, which has no null of accounts.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.prompt_distance",
    family: Family::Content,
    what: "ask for things far from what accounts of like volume ask",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_PROMPTS: u64 = 5;

/// Squared distance from the reference's mean.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let embedding = &context.population.get(at)?.profile.embedding;
    (embedding.texts() >= MIN_PROMPTS).then(|| embedding.squared_distance(&context.reference_mean))
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
