//! content.reasoning_elicitation: prompts that ask for the reasoning itself.
//!
//! *Sees:* accounts of whose prompts an unusual share asks for steps, traces, hidden thoughts or forced tags
//! ([`observation::Cue::Reasoning`]).
//! *Needs:* prompt text, at least five prompts an account.
//! *Null and reference:* conformal p-value of the share among reference accounts of like volume; random groups.
//! *Benign twin:* teaching, audit trails, safety research, and the habit of "step by step".
//! *Source:* elicitation wordings quoted in "Detecting and countering misuse of AI", September 2026, pages 145–146.

use observation::Cue;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.reasoning_elicitation",
    family: Family::Content,
    what: "ask for reasoning in an unusual share of prompts",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_PROMPTS: u64 = 5;

/// Share of prompts with the cue.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let profile = &context.population.get(at)?.profile;
    let asking = profile.cues.get(Cue::Reasoning as usize)?;
    (profile.prompted() >= MIN_PROMPTS).then(|| f64::from(*asking) / profile.prompted() as f64)
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
