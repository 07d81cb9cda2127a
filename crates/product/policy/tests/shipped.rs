//! The policies that come with the program.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use policy::Attribute;
use policy::Basis;
use policy::Edges;
use policy::Held;
use policy::Measure;
use policy::Mode;
use policy::Policy;
use policy::Question;
use policy::Source;
use policy::Tried;
use policy::ceiling;
use policy::space;

/// 1 December 2026.
const NOW_US: i64 = 1_796_083_200_000_000;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../policies"))
}

#[test]
fn the_binary_holds_the_folder() {
    assert_eq!(Source::read(folder()).unwrap(), Source::shipped());
}

#[test]
fn they_are_fit_and_every_rule_is_tested() {
    let policy = Policy::shipped().unwrap();
    assert_eq!(policy::check(&policy, NOW_US), []);
    let tested = policy::run_tests(&policy, NOW_US).unwrap();
    assert_eq!(tested.faults, []);
    assert_eq!(tested.untested, Vec::<String>::new());
    assert!(tested.held > 40, "{}", tested.held);
}

#[test]
fn what_acts_on_people_comes_in_shadow() {
    for rule in Policy::shipped().unwrap().rules() {
        let may_be_live = rule.basis == Basis::Law || rule.measure == Measure::Observe;
        assert_eq!(rule.mode == Mode::Live, may_be_live, "{}", rule.id);
    }
}

#[test]
fn single_rules_are_made_live() {
    let policy = Policy::load(Source::shipped().with_live(|rule| rule == "caps.unverified")).unwrap();
    let before = Policy::shipped().unwrap();
    for (rule, was) in policy.rules().iter().zip(before.rules()) {
        let is_named = rule.id == "caps.unverified";
        assert_eq!(rule.mode == Mode::Live, is_named || was.mode == Mode::Live, "{}", rule.id);
        assert!(!is_named || was.mode == Mode::Shadow);
    }
}

/// Every situation that the rules about verdicts tell apart, with all rules live: the laws of the ladder, said anew.
#[test]
fn no_verdict_causes_more_than_its_ladder() {
    let policy = Policy::load(Source::shipped().all_live()).unwrap();
    let judging: Vec<_> = policy.rules().iter().filter(|rule| rule.reads.contains(&Attribute::Verdict)).collect();
    assert!(judging.len() >= 7);
    let attributes: BTreeSet<Attribute> = judging.iter().flat_map(|rule| rule.reads.iter().copied()).collect();
    let mut seen = BTreeSet::new();
    let places: Vec<u16> = (0..24).collect();
    let mut tried = Tried::new(&policy);
    for situation in space(&attributes, &Edges::of(judging.iter().copied())) {
        let with = policy.evaluate(&situation);
        let without = policy.evaluate(&situation.cleared());
        assert_eq!(tried.outcome(&places, &situation), with.matches, "{situation:?}");
        for one in &with.matches {
            let is_new = without.matches.iter().all(|other| other.place != one.place);
            assert_eq!(one.by_verdict, is_new);
            if !is_new {
                continue;
            }
            seen.insert((situation.held, one.measure));
            let most = match (situation.held, situation.corroboration) {
                (Held::Clear, _) => panic!("a rule matches for a verdict where there is none"),
                (Held::Lead, _) | (Held::Watch, 0 | 1) | (Held::Implicated, 0) => [Measure::Observe].as_slice(),
                (Held::Watch, _) => &[Measure::Observe, Measure::Verify],
                (Held::Implicated, 1) => &[Measure::Observe, Measure::Cap],
                (Held::Implicated, _) => Measure::ALL,
            };
            assert!(most.contains(&one.measure), "{situation:?}: {}", policy.rules()[usize::from(one.place)].id);
        }
    }
    // The ladder is used to its ends.
    assert!(seen.contains(&(Held::Implicated, Measure::Deny)) && seen.contains(&(Held::Watch, Measure::Verify)));
    assert!(!ceiling::allows(&policy::Situation::default(), Measure::Cap));
}

#[test]
fn the_embargo_is_the_same_whatever_is_held_of_an_account() {
    let policy = Policy::shipped().unwrap();
    let law: Vec<_> = policy.rules().iter().filter(|rule| rule.basis == Basis::Law).collect();
    assert_eq!(law.len(), 2);
    let mut attributes: BTreeSet<Attribute> = law.iter().flat_map(|rule| rule.reads.iter().copied()).collect();
    assert_eq!(attributes, BTreeSet::from([Attribute::Ownership, Attribute::Place]));
    attributes.extend([Attribute::Verdict, Attribute::Programme]);
    for situation in space(&attributes, &Edges::of(law.iter().copied())) {
        let by_law = |situation: &policy::Situation| -> Vec<String> {
            let matches = policy.evaluate_question(Question::Serve, situation).matches;
            let rules = matches.iter().map(|one| &policy.rules()[usize::from(one.place)]);
            rules.filter(|rule| rule.basis == Basis::Law).map(|rule| rule.id.clone()).collect()
        };
        let expected = (situation.ownership > 50) || situation.network == policy::Network::Embargoed;
        assert_eq!(!by_law(&situation).is_empty(), expected);
        assert_eq!(by_law(&situation), by_law(&situation.cleared()));
    }
}

#[test]
fn every_rule_has_a_row_in_the_document() {
    let text = fs::read_to_string(folder().join("../docs/policy.md")).unwrap();
    for rule in Policy::shipped().unwrap().rules() {
        let row = format!("| `{}` | {} | `{}` |", rule.id, rule.measure.as_str(), rule.reason);
        assert!(text.contains(&row), "docs/policy.md has no row that begins with {row}");
    }
}
