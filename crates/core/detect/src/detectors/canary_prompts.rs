//! content.canary_prompts: the same few prompts, asked again and again by many accounts.
//!
//! *Sees:* members that asked a prompt, to the letter, at least three times, which another customer of the group asked
//! at least three times as well: a measure of whether answers have changed.
//! *Needs:* prompt text, exchanges on at least three days.
//! *Null and reference:* random groups of like size, in which greetings and tests are repeated too.
//! *Benign twin:* uptime monitors and evaluations of one make, whose prompts are public.
//! A reaction by its purpose, and of content by what it is seen in: the prompts that are repeated have frames, and may
//! not speak for a group that was found by these.
//! *Source:* evaluation frameworks that look for countermeasures, advisory AA26-251A.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::shared::shared_with_others;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.canary_prompts",
    family: Family::Content,
    what: "repeat prompts that another member repeats",
    least: 5,
    null: Null::BySize,
    shows,
};

const MIN_REPEATS: u32 = 3;
const MIN_DAYS: usize = 3;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let mut shown = shared_with_others(context, members, |entity| {
        entity.profile.prompts.iter().filter(|(_, count)| *count >= MIN_REPEATS).map(|(prompt, _)| prompt).collect()
    });
    for (shown, at) in shown.iter_mut().zip(members) {
        let days = context.population.get(*at).map_or(0, |entity| entity.profile.days.len());
        // An account that repeats nothing tells as much as one that repeats what nobody else does.
        *shown = (days >= MIN_DAYS).then_some(*shown == Some(true));
    }
    Shown::Property { members: shown, rate: None }
}
