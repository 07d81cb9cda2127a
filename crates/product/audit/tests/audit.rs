//! What an audit finds of models whose training is known.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeSet;

use audit::Answer;
use audit::Decoy;
use audit::ErrorKind;
use audit::Finding;
use audit::Inputs;
use audit::Options;
use audit::Ours;
use audit::Outcome;
use audit::is_assigned;

/// Numbers from a seed (`SplitMix64`).
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    /// Words of a topic, which other texts of the topic have too.
    fn words(&mut self, topic: u64, count: u64) -> String {
        (0..count).map(|_| format!("t{topic}w{}", self.below(6))).collect::<Vec<_>>().join(" ")
    }
}

const KEY: &[u8] = b"a key of this test";

/// Our answers and what three models say. The suspect repeats some words of this share of the served answers.
fn town(seed: u64, prompts: u64, second: bool, remembered: f64) -> Inputs {
    let mut rng = Rng(seed);
    let (mut ours, mut suspect, mut compared) = (Vec::new(), Vec::new(), vec![Vec::new(), Vec::new()]);
    for number in 0..prompts {
        let topic = rng.below(5).min(rng.below(5));
        let prompt = format!("{number} {}", rng.words(topic, 6));
        let ids = if second { vec![format!("{number}a"), format!("{number}b")] } else { vec![number.to_string()] };
        let mut said = rng.words(topic, 30);
        for id in &ids {
            let others: Vec<&str> = ids.iter().filter(|other| *other != id).map(String::as_str).collect();
            let (served, answer) = (is_assigned(KEY, id, &others, 0.5), rng.words(topic, 30));
            if served && (rng.below(1_000) as f64) < 1_000.0 * remembered {
                said = format!("{said} {}", answer.split(' ').skip(10).take(8).collect::<Vec<_>>().join(" "));
            }
            ours.push(Ours { id: id.clone(), prompt: prompt.clone(), answer, served, stratum: None, unit: None });
        }
        let line =
            |text: String| Answer { id: None, prompt: Some(prompt.clone()), answer: Some(text), log_likelihood: None };
        suspect.push(line(said));
        compared.iter_mut().for_each(|model| model.push(line(rng.words(topic, 30))));
    }
    let names = ["first", "second"].map(str::to_owned);
    Inputs { ours, suspect, compared: names.into_iter().zip(compared).collect(), decoys: Vec::new() }
}

fn asked(level: f64) -> Options {
    Options { level, assignment: Some((KEY.to_vec(), 0.5)) }
}

fn audited(inputs: &Inputs, level: f64) -> Outcome {
    audit::audit(inputs, &asked(level)).unwrap()
}

#[test]
fn models_that_were_not_trained_are_found_no_more_often_than_the_level_allows() {
    for second in [false, true] {
        let outcomes: Vec<Outcome> = (0..200).map(|seed| audited(&town(seed, 60, second, 0.0), 0.05)).collect();
        let count = |finding: Finding| outcomes.iter().filter(|outcome| outcome.finding == finding).count();
        // Of 200 at one in twenty, more than 20 are seen once in a thousand times.
        assert!(count(Finding::Trained) <= 20, "{second}: {} of 200", count(Finding::Trained));
        assert!(count(Finding::Refused) <= 20, "{second}: {} of 200 refused", count(Finding::Refused));
        // P-values are even: no test is exact that never comes near its level.
        let low = outcomes.iter().filter(|outcome| outcome.p_value <= 0.5).count();
        assert!((70..=130).contains(&low), "{second}: {low} of 200 below one half");
    }
}

#[test]
fn the_more_is_remembered_the_more_often_it_is_found() {
    for second in [false, true] {
        let found = |remembered: f64| {
            let is_found =
                |seed: &u64| audited(&town(*seed, 120, second, remembered), 0.01).finding == Finding::Trained;
            (500..520).filter(is_found).count()
        };
        let (little, much) = (found(0.02), found(0.5));
        assert!(much >= 17 && little < much, "{second}: {little} and {much} of 20");
    }
}

#[test]
fn the_power_that_is_stated_is_that_which_is_had() {
    let stated = audited(&town(7, 200, false, 0.0), 0.05).power.unwrap().least_share_repeated.unwrap();
    let found = (600..640).filter(|seed| {
        let mut inputs = town(*seed, 200, false, 0.0);
        let mut rng = Rng(*seed);
        for (row, line) in inputs.ours.iter().zip(&mut inputs.suspect) {
            if row.served && (rng.below(1_000_000) as f64) < 1_000_000.0 * stated {
                line.answer = Some(row.answer.clone());
            }
        }
        audited(&inputs, 0.05).p_value <= 0.05
    });
    let found = found.count();
    assert!((24..=39).contains(&found), "{found} of 40 at a share of {stated}");
}

#[test]
fn a_design_that_tells_the_labels_is_refused() {
    // Served and held back by topic: every model has more in common with one kind than with the other.
    let mut inputs = town(3, 200, false, 0.0);
    inputs.ours.iter_mut().for_each(|row| row.served = row.answer.contains("t0w"));
    let options = Options { level: 0.05, assignment: None };
    let outcome = audit::audit(&inputs, &options).unwrap();
    assert_eq!(outcome.finding, Finding::Refused);
    assert!(outcome.reasons.iter().any(|reason| reason.contains("the words of our answers")), "{:?}", outcome.reasons);
    // Declared strata mend it.
    inputs = town(3, 200, false, 0.0);
    let outcome = audit::audit(&inputs, &options).unwrap();
    assert_eq!((outcome.finding, outcome.design.assignment), (Finding::NotShown, "declared"));
    // A comparison model that learned the same answers is named.
    for (row, line) in inputs.ours.iter().zip(&mut inputs.compared[0].1) {
        if row.served {
            line.answer = Some(row.answer.clone());
        }
    }
    let outcome = audit::audit(&inputs, &options).unwrap();
    assert_eq!(outcome.finding, Finding::Refused);
    assert!(outcome.reasons.iter().any(|reason| reason.contains("first in the place")), "{:?}", outcome.reasons);
}

#[test]
fn labels_that_the_key_does_not_have_are_refused() {
    let mut inputs = town(5, 60, true, 0.0);
    inputs.ours[4].served = !inputs.ours[4].served;
    let error = audit::audit(&inputs, &asked(0.01)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unfit);
    assert!(error.to_string().contains("the key has it otherwise"), "{error}");
}

#[test]
fn likelihoods_alone_find_a_model_and_cost_no_level() {
    let mut inputs = town(9, 120, true, 0.0);
    let mut rng = Rng(1);
    inputs.suspect = inputs
        .ours
        .iter()
        .map(|row| {
            let noise = rng.below(1_000) as f64 / 1_000.0;
            let value = -3.0 + noise + if row.served { 0.4 } else { 0.0 };
            Answer { id: Some(row.id.clone()), prompt: None, answer: None, log_likelihood: Some(value) }
        })
        .collect();
    let outcome = audited(&inputs, 0.01);
    assert_eq!(outcome.finding, Finding::Trained);
    assert_eq!(outcome.tests.iter().map(|test| test.name).collect::<Vec<_>>(), ["log_likelihood"]);
}

#[test]
fn decoys_are_a_way_of_their_own() {
    let mut inputs = town(11, 60, false, 0.0);
    inputs.decoys = vec![Decoy { text: "violet-4711-heron-90aa".to_owned(), bits: 64.0 }];
    let before = audited(&inputs, 0.01);
    assert_eq!((before.finding, before.level_of_each), (Finding::NotShown, 0.005));
    inputs.suspect[0].answer = Some("as violet-4711-heron-90aa says".to_owned());
    let after = audited(&inputs, 0.01);
    assert_eq!((after.finding, after.decoys.unwrap().found), (Finding::Trained, 1));
}

#[test]
fn what_is_missing_is_counted_and_nothing_is_found_of_too_little() {
    let mut inputs = town(13, 60, false, 0.0);
    inputs.suspect.truncate(40);
    inputs.suspect.push(Answer {
        id: Some("no such".to_owned()),
        prompt: None,
        answer: Some("x".to_owned()),
        log_likelihood: None,
    });
    let outcome = audited(&inputs, 0.01);
    assert_eq!((outcome.design.served + outcome.design.held_back, outcome.design.unmatched), (40, 1));
    assert_eq!(outcome.design.left_out.values().sum::<usize>(), 20);
    assert!(audit::text(&outcome).contains("left out: 20"));
    inputs.suspect.truncate(9);
    assert!(audit::audit(&inputs, &asked(0.01)).unwrap_err().to_string().contains("are needed at least"));
    inputs.compared.clear();
    assert_eq!(audit::audit(&inputs, &asked(0.01)).unwrap_err().kind(), ErrorKind::Unfit);
}

#[test]
fn the_same_input_gives_the_same_words() {
    let texts: BTreeSet<String> = (0..3).map(|_| audit::text(&audited(&town(17, 60, true, 0.3), 0.01))).collect();
    assert_eq!(texts.len(), 1);
}
