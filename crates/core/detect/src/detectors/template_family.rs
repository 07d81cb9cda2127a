//! content.template_family: slot-filled prompts of one make, among strangers.
//!
//! *Sees:* prompts whose fixed part several customers of the group share. An account's *repeated frames* are word
//! runs that recur over its prompts; a frame counts when at least two other customers of the group repeat it too
//! and it is rarer than one customer in four. A member shows the property when a tenth of its prompts hold one such
//! frame. Slots never match, so what fills them does not matter (masking), and a shared frame is the bucket of a
//! MinHash sketch (LSH).
//! *Needs:* prompt text, at least three prompts an account.
//! *Null and reference:* random groups of the same size share frames by chance, by common tools and by habit.
//! *Benign twin:* users of one coding agent, a prompt library, a class with one assignment: they share frames too,
//! so this never accuses alone; a group that was found by its frames is tested on the others.
//! *Source:* MinHash, Broder 1997; repeated structure over hundreds of accounts as the public hallmark of harvesting,
//! "Detecting and preventing distillation attacks", February 2026.

use cohort::Items;
use std::collections::BTreeSet;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::frame_share;
use cohort::repeated_frames;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.template_family",
    family: Family::Content,
    what: "fill the slots of prompts that other members use",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

const MIN_PROMPTS: u64 = 3;
const MIN_SHARE: f64 = 0.1;
const MIN_OTHERS: usize = 2;
const MAX_HOLDERS: f64 = 0.25;

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let population = context.population;
    let customers = population.customer_count().max(1) as f64;
    let mut held: Vec<(u64, u32)> = Vec::new();
    for at in members {
        let Some(entity) = population.get(*at) else { continue };
        let own = repeated_frames(&entity.profile).filter(|(frame, _)| items.hold(*frame));
        held.extend(own.map(|(frame, _)| (frame, population.customer(*at))));
    }
    held.sort_unstable();
    held.dedup();
    let rare = |frame: &u64| f64::from(context.frame_holders.of(*frame)) < MAX_HOLDERS * customers;
    let several = held.chunk_by(|a, b| a.0 == b.0).filter(|holders| holders.len() > MIN_OTHERS);
    let shared: BTreeSet<u64> = several.filter_map(|run| run.first()).map(|(frame, _)| *frame).filter(rare).collect();
    let members = context
        .profiles(members)
        .into_iter()
        .map(|profile| {
            let profile = profile.filter(|profile| profile.prompted() >= MIN_PROMPTS)?;
            Some(frame_share(profile, &shared) >= MIN_SHARE)
        })
        .collect();
    Shown::Property { members, rate: None }
}
