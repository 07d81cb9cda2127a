//! reaction.probe_sweep: many ways of asking for reasoning are tried, and many are declined.
//!
//! *Sees:* accounts with at least ten prompts that ask for reasoning and were declined, a fifth of their prompts.
//! *Needs:* prompt text, and refusals in the log (a refusal as the reason to stop, or a 4xx).
//! *Null and reference:* random groups of the same size.
//! *Benign twin:* red teams, safety research, a filter that misfires on a textbook.
//! *Source:* over 12,000 requests, each with another technique, "Detecting and countering misuse of AI", September 2026.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "reaction.probe_sweep",
    family: Family::Reaction,
    what: "tried many ways to be told reasoning and were declined",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_DECLINED: u64 = 10;
const MIN_PROMPTS: u64 = 10;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let sweeps = |at: &u32| {
        let profile = &context.population.get(*at)?.profile;
        let declined = u64::from(profile.declined_reasoning);
        let prompted = profile.prompted();
        (prompted >= MIN_PROMPTS).then_some(declined >= MIN_DECLINED && declined * 5 >= prompted)
    };
    Shown::Property { members: members.iter().map(sweeps).collect(), rate: None }
}
