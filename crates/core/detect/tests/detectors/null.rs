//! The pooled test on groups of honest people: how often it is wrong.

use cohort::Items;
use detect::ALL;
use detect::Context;
use detect::test_group;

use crate::town::Dice;
use crate::town::town;

/// Detectors that have nothing to say of groups of this town: its people carry no conversation, answer or signature on,
/// name no end users, nobody is shut out, no model is released and no list is given. Each is tested on groups of its own,
/// hostile and honest, in the other files.
const SILENT: [&str; 13] = [
    "continuity.conversation_migration",
    "continuity.answer_return",
    "continuity.signature_replay",
    "continuity.moves_when_refused",
    "continuity.many_tenants",
    "reaction.replacement_after_ban",
    "identity.disposable_domain",
    "client.shared_end_users",
    "client.agent_contradiction",
    "client.pooled_sessions",
    "client.hosting_egress",
    "rhythm.model_swing",
    "rhythm.instant_plan",
];

#[test]
fn random_honest_groups_reach_twenty_no_more_than_once_in_twenty() {
    let town = town(900, 1, 3, |_, _| {});
    let context = Context::for_all(&town.population);
    let mut dice = Dice(11);
    let mut silent = Vec::new();
    for detector in ALL {
        let (mut large, mut tested, mut sum) = (0_u32, 0_u32, 0.0);
        for _ in 0..60 {
            let mut group: Vec<u32> = (0..40).map(|_| dice.below(900) as u32).collect();
            group.sort_unstable();
            group.dedup();
            if let Some(finding) = test_group(&context, detector, &group, &group, Items::All) {
                tested += 1;
                sum += finding.score;
                large += u32::from(finding.score >= 20.0);
            }
        }
        assert!(large * 20 <= tested, "{}: {large} of {tested} null groups score 20", detector.name);
        if tested == 0 {
            silent.push(detector.name);
            continue;
        }
        let mean = sum / f64::from(tested);
        assert!(mean <= 1.5, "{}: mean score {mean}", detector.name);
    }
    // A detector that falls silent would pass everything above.
    assert_eq!(silent, SILENT);
}
