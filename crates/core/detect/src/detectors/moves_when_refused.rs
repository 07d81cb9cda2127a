//! continuity.moves_when_refused: a conversation that is refused here goes on there.
//!
//! *Sees:* members with a conversation of fewer than nine customers that was refused for its rate or its key (429, 401, 403) and that another customer
//! of the group sends within the hour.
//! *Needs:* statuses, and messages with the model's earlier turns.
//! *Null and reference:* random groups of like size.
//! *Benign twin:* a resilient client of one organisation with two undeclared keys.
//! A reaction by what it answers, and of continuity by what it is seen in: it counts the conversations that two accounts
//! hold, and may not speak for a group that was found by them.
//! *Source:* failover on refusal in public relay schedulers; moves after 429 and 403 but not after server errors.

use std::collections::BTreeMap;

use record::time::HOUR_US;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.moves_when_refused",
    family: Family::Continuity,
    what: "had refused conversations that another member sent within the hour",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let population = context.population;
    let profile = |at: &u32| population.get(*at).map(|entity| entity.profile.as_ref());
    let mut refused: BTreeMap<u64, Vec<(u32, i64)>> = BTreeMap::new();
    for at in members {
        let roots = profile(at).into_iter().flat_map(|profile| profile.refused_roots.iter());
        for (root, span) in roots.filter(|(root, _)| items.hold(*root) && context.root_customers.is_rare(*root)) {
            refused.entry(root).or_default().push((population.customer(*at), span.last_us));
        }
    }
    let mut moved: BTreeMap<u32, bool> = BTreeMap::new();
    for (customer, _) in refused.values().flatten() {
        moved.insert(*customer, false);
    }
    for at in members {
        let own = population.customer(*at);
        for (root, span) in profile(at).into_iter().flat_map(|profile| profile.roots.iter()) {
            for (customer, at_us) in refused.get(&root).into_iter().flatten() {
                let within = span.last_us > *at_us && span.first_us <= at_us.saturating_add(HOUR_US);
                if *customer != own && within {
                    moved.insert(*customer, true);
                }
            }
        }
    }
    Shown::Property {
        members: members.iter().map(|at| moved.get(&population.customer(*at)).copied()).collect(),
        rate: None,
    }
}
