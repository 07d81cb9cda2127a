//! content.focused_coverage: one capability, ever new tasks.
//!
//! *Sees:* accounts that keep to one capability and seldom ask the same twice: the share of the commonest capability
//! times the share of distinct prompts. A product keeps to its purpose and repeats itself; a person repeats little and
//! wanders.
//! *Needs:* prompt text, at least ten prompts an account.
//! *Null and reference:* conformal p-value among reference accounts of like volume.
//! *Benign twin:* a specialist at work; an academic with a benchmark.
//! *Source:* large volume in few areas, "Detecting and preventing distillation attacks", February 2026; breadth that does
//! not flatten, Kesarwani et al., arXiv 1711.07221.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.focused_coverage",
    family: Family::Content,
    what: "keep to one capability with ever new tasks",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_PROMPTS: u64 = 10;

/// Focus times coverage, 0 to 1.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let profile = &context.population.get(at)?.profile;
    let prompted = profile.prompted();
    let most = profile.capabilities.iter().copied().max()?;
    let focus = f64::from(most) / prompted.max(1) as f64;
    let fresh = (profile.prompts.distinct() / prompted.max(1) as f64).min(1.0);
    (prompted >= MIN_PROMPTS).then_some(focus * fresh)
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
