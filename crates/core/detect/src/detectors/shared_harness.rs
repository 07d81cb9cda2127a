//! content.shared_harness: one program behind several customers that nobody else uses.
//!
//! *Sees:* members whose usual harness (tools and parameters) is used by at least two other customers
//! of the group and, among all who use it, mostly by this group: a private program shared by strangers.
//! *Needs:* tools or parameters in the log.
//! *Null and reference:* random groups of the same size share public harnesses as often as these are common.
//! *Benign twin:* the users of a coding agent, who share its harness with everybody else who has it; a small agent
//! whose users are all in the group cannot be told from a private program. A program and its prompts go together, so
//! this is of the family of content, and never speaks beside a template as if it were another kind of evidence.
//! *Source:* request metadata and harness fingerprints named as ties in the public reports of 2026.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.shared_harness",
    family: Family::Content,
    what: "run a program that other members run and few others do",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let harness: Vec<Option<u64>> = context
        .profiles(members)
        .into_iter()
        .map(|profile| profile.and_then(|profile| profile.harnesses.most_seen()))
        .collect();
    let mut inside: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for (harness, at) in harness.iter().zip(members) {
        if let Some(harness) = harness {
            inside.entry(*harness).or_default().insert(context.population.customer(*at));
        }
    }
    let private = |harness: &u64| {
        inside.get(harness).is_some_and(|own| own.len() >= 3)
            && inside.get(harness).map_or(0, BTreeSet::len) * 2 > context.harness_customers.of(*harness) as usize
    };
    Shown::Property { members: harness.iter().map(|harness| harness.as_ref().map(private)).collect(), rate: None }
}
