//! What a hypothesis is worth among honest groups.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use campaign::Bank;
use campaign::Candidate;
use campaign::Hypothesis;
use campaign::Scores;
use campaign::judge;
use campaign::rank_all;
use cohort::Items;
use detect::Finding;
use evidence::Counted;
use evidence::NullRate;
use link::Group;
use verdict::Family;
use verdict::ViewKind;

/// A group of twenty that its wording formed, with the scores of some families.
fn candidate(half: Items, scores: &[(Family, f64)]) -> Candidate {
    let finding = |(family, score): &(Family, f64)| Finding {
        detector: "some.detector",
        family: *family,
        counted: Counted { with: 20, members: 20 },
        null: NullRate { rate: 0.02, correlation: 0.2 },
        showing: Vec::new(),
        score: *score,
        what: String::new(),
    };
    Candidate {
        formed_by: Family::Content,
        ties: ViewKind::Frames,
        low_specificity: false,
        formed_on: half,
        customers: 20,
        open: false,
        group: Group { accounts: (0..20).collect(), values: Vec::new(), bits_per_account: 9.0 },
        findings: scores.iter().map(finding).collect(),
        part_of: None,
    }
}

/// A thousand honest groups of the class, whose content scores up to ten to one and nothing else does.
fn bank() -> Bank {
    let scores: Vec<f64> = (1..=200).rev().map(|at| f64::from(at) / 200.0).collect();
    let section = serde_json::json!({
        "kind": "built-in", "ties": "frames", "size": "dozens", "open": false, "groups": 1000, "all": scores,
        "without_strongest": [],
        "families": { "content": scores },
    });
    Bank::from_lines(format!("{{\"bank\":3,\"sections\":1}}\n{section}\n").as_bytes()).unwrap()
}

fn hypothesis(parts: usize) -> Hypothesis {
    Hypothesis { parts: (0..parts).collect(), accounts: (0..20).collect(), weight: 200.0, is_specific: true }
}

const ALL_OF_1000: f64 = (0.6 + 0.25 / 3.0 + 0.15 / 10.0) * 1001.0;

#[test]
fn a_group_found_from_one_half_alone_is_worth_half() {
    let told = [(Family::Content, 1e4), (Family::Identity, 1e3)];
    let both = [candidate(Items::First, &told), candidate(Items::Second, &told)];
    let of_both = judge(&hypothesis(2), &both, &rank_all(&both, &bank()));
    assert!((of_both.e_value - ALL_OF_1000).abs() < 1e-6, "{of_both:?}");
    let of_one = judge(&hypothesis(1), &both[..1], &rank_all(&both[..1], &bank()));
    assert!((of_one.e_value - ALL_OF_1000 / 2.0).abs() < 1e-6, "{of_one:?}");
    assert_eq!((of_both.corroboration.count(), of_one.corroboration.count()), (2, 2));
}

#[test]
fn two_fifths_of_an_e_value_are_of_the_family_that_formed_the_group() {
    // Content is no more than honest groups have; the whole picture is.
    let picture = [candidate(Items::First, &[(Family::Content, 5.0), (Family::Client, 1e5)])];
    let ranked = rank_all(&picture, &bank());
    assert_eq!(ranked[0].above, 0);
    assert!((ranked[0].e_value - ALL_OF_1000 * 0.6).abs() < 1e-6, "{:?}", ranked[0]);
}

#[test]
fn a_fifth_of_an_e_value_is_of_the_size_where_smaller_groups_are_ranked_with_it() {
    // Honest groups of eight score more than this; none of its size does.
    let section = serde_json::json!({
        "kind": "built-in", "ties": "frames", "size": "handful", "open": false, "groups": 1000, "all": vec![4.0; 500],
        "without_strongest": [],
        "families": { "content": vec![4.0; 500] },
    });
    let bank = Bank::from_lines(format!("{{\"bank\":3,\"sections\":1}}\n{section}\n").as_bytes()).unwrap();
    let worth = |customers: usize, score: f64| {
        let one = Candidate { customers, ..candidate(Items::First, &[(Family::Content, score)]) };
        rank_all(&[one], &bank)[0].e_value
    };
    assert!((worth(200, 300.0) - ALL_OF_1000 * 0.2).abs() < 1e-6);
    assert!(worth(8, 300.0) == 0.0, "among groups of its own size it is nothing");
    assert!(worth(200, 10.0) == 0.0, "a group in which nothing scores is no better for being large");
}

#[test]
fn rhythm_is_no_structure_and_never_corroborates() {
    let steady = [candidate(Items::First, &[(Family::Content, 2.0), (Family::Rhythm, 1e6)])];
    let judged = judge(&hypothesis(1), &steady, &rank_all(&steady, &bank()));
    assert!(judged.e_value > 100.0, "it scores above all honest groups");
    assert!(!judged.has_structure);
    assert_eq!(judged.corroboration.count(), 0);
}

fn scores(all: f64, families: &[(Family, f64)]) -> Scores {
    Scores { all, families: families.iter().copied().collect() }
}

#[test]
fn without_its_strongest_family_and_rhythm_the_half_bets_of_the_others_are_left() {
    let of = |families: &[(Family, f64)]| scores(0.0, families).without_strongest();
    let several = [(Family::Content, 4.0), (Family::Client, 1.0), (Family::Identity, 2.0), (Family::Rhythm, 6.0)];
    // The half-bets of ten to one and of a hundred to one: 5.5 and 50.5.
    assert!((of(&several) - 2.44).abs() < 1e-9, "{}", of(&several));
    assert_eq!(of(&several[..1]), 0.0);
    assert_eq!(of(&[(Family::Content, 4.0), (Family::Client, 0.0)]), 0.0, "what scores nothing takes nothing away");
    assert_eq!(of(&[]), 0.0);
}

#[test]
fn a_group_that_is_larger_by_a_ninth_and_shows_the_same_scores_a_ninth_more() {
    let larger = scores(1.8, &[(Family::Content, 0.9), (Family::Rhythm, 0.0)]).times(10.0 / 9.0);
    assert_eq!(larger, scores(2.0, &[(Family::Content, 1.0), (Family::Rhythm, 0.0)]));
}

/// Honest groups of the class, of which so many have more than one habit: their other families score a hundred to one together.
fn bank_of_habits(groups: usize, several: usize) -> Bank {
    let section = serde_json::json!({
        "kind": "built-in", "ties": "frames", "size": "dozens", "open": false, "groups": groups, "all": vec![1.0; groups],
        "without_strongest": vec![2.0; several],
        "families": { "content": vec![1.0; groups], "client": vec![1.0; several], "identity": vec![1.0; several] },
    });
    Bank::from_lines(format!("{{\"bank\":3,\"sections\":1}}\n{section}\n").as_bytes()).unwrap()
}

#[test]
fn families_that_are_faint_one_by_one_corroborate_together_as_one() {
    let corroboration = |scores: &[(Family, f64)], bank: &Bank| {
        let one = [candidate(Items::First, scores)];
        judge(&hypothesis(1), &one, &rank_all(&one, bank)).corroboration
    };
    // Of a thousand groups forty show each of the other families as much, and forty may not. No single one corroborates.
    let faint = [(Family::Content, 1e4), (Family::Client, 8.0), (Family::Identity, 8.0)];
    let rare = |several| {
        let mut section = bank_of_habits(1000, 40).to_lines().unwrap();
        let text = String::from_utf8(std::mem::take(&mut section)).unwrap();
        let listed = |count: usize| format!("\"without_strongest\":{}", serde_json::json!(vec![2.0; count]));
        Bank::from_lines(text.replace(&listed(40), &listed(several)).as_bytes()).unwrap()
    };
    let found = corroboration(&faint, &rare(5));
    assert_eq!((found.families.as_slice(), found.by_others, found.count()), (&[Family::Content][..], true, 2));
    // As many honest groups as one in 160 say as much in several ways.
    assert_eq!(corroboration(&faint, &rare(6)).count(), 1);
    // Rhythm is none of the others.
    let steady = [(Family::Content, 1e4), (Family::Rhythm, 1e6)];
    assert_eq!(corroboration(&steady, &rare(0)).count(), 1);
    // Where no family corroborates alone, the others do not either.
    let nowhere = [(Family::Content, 5.0), (Family::Client, 5.0), (Family::Identity, 5.0)];
    assert_eq!(corroboration(&nowhere, &rare(0)).count(), 0);
    // A second family that corroborates alone needs no help.
    let plain = [(Family::Content, 1e4), (Family::Client, 1e4), (Family::Identity, 8.0)];
    assert_eq!((corroboration(&plain, &rare(0)).count(), corroboration(&plain, &rare(0)).by_others), (2, false));
    // With fewer than 160 honest groups it cannot be told.
    assert!(!corroboration(&faint, &bank_of_habits(150, 0)).by_others);
}

#[test]
fn a_log_whose_groups_all_score_higher_than_the_bank_is_brought_to_its_level() {
    let high: Vec<Candidate> =
        (0..40).map(|at| candidate(Items::First, &[(Family::Content, 1e3 + f64::from(at))])).collect();
    let ranked = rank_all(&high, &bank());
    assert!(ranked.iter().all(|one| one.lowered.unwrap() > 2.0));
    assert!(ranked.iter().all(|one| one.e_value < 1.0), "all of a log are no campaigns");
    // Among fewer than twenty it cannot be told.
    assert!(rank_all(&high[..19], &bank()).iter().all(|one| one.lowered.is_none()));
}
