//! The pooled test on groups of honest people: how often it is wrong.

use cohort::Population;
use detect::ALL;
use detect::Context;
use detect::NullSource;
use detect::test_group;

use crate::town::Dice;
use crate::town::Life;
use crate::town::town;

/// Detectors that have nothing to say of groups of this town: its people carry no conversation, answer or signature on,
/// name no end users, nobody is shut out, no model is released and no list is given. Each is tested on groups of its own,
/// hostile and honest, in the other files.
const SILENT: [&str; 13] = [
    "continuity.conversation_migration",
    "continuity.answer_return",
    "continuity.signature_replay",
    "continuity.moves_when_refused",
    "continuity.shared_end_users",
    "continuity.many_tenants",
    "reaction.hand_over",
    "identity.disposable_domain",
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
            if let Some(finding) = test_group(&context, detector, &group, &group, &[]) {
                tested += 1;
                sum += finding.e_value;
                large += u32::from(finding.e_value >= 20.0);
            }
        }
        assert!(large * 20 <= tested, "{}: {large} of {tested} null groups reach 20", detector.name);
        if tested == 0 {
            silent.push(detector.name);
            continue;
        }
        let mean = sum / f64::from(tested);
        assert!(mean <= 1.5, "{}: mean e-value {mean}", detector.name);
    }
    // A detector that falls silent would pass everything above.
    assert_eq!(silent, SILENT);
}

#[test]
fn a_trusted_reference_whose_groups_are_alike_makes_the_test_careful() {
    let entities = |share: bool| {
        (0..900)
            .map(|number| {
                let mut life = Life::honest(number);
                // Ten honest clubs of twenty, each on one card.
                if share && number < 200 {
                    life.account.payment = Some(format!("club card {}", number / 20));
                }
                if (800..840).contains(&number) {
                    life.account.payment = Some(format!("pool card {}", number / 8));
                }
                life.live(5)
            })
            .collect::<Vec<_>>()
    };
    let shared_identity = ALL.iter().find(|detector| detector.name == "identity.shared_identity").unwrap();
    let group: Vec<u32> = (800..840).collect();

    let e_value = |share: bool| {
        let population = Population::new(entities(share), |account| account < "acct_00800");
        let context = Context::for_all(&population);
        let clubs: Vec<_> = (0..10)
            .map(|club| (club * 20..club * 20 + 20).collect::<Vec<u32>>())
            .filter_map(|club| detect::count_group(&context, shared_identity, &club, &club))
            .collect();
        let finding = test_group(&context, shared_identity, &group, &group, &clubs).unwrap();
        assert_eq!(finding.source, NullSource::ReferenceGroups(10));
        finding.e_value
    };
    let (loners, clubs) = (e_value(false), e_value(true));
    assert!(loners > 100.0, "{loners}");
    assert!(clubs < 20.0, "sharing is no evidence where benign groups of the kind share: {clubs}");
}
