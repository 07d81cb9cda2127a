//! The law: both parties learn the plain intersection.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic")]

use std::collections::BTreeSet;

use intersection::Answerer;
use intersection::Kept;
use intersection::LEAST_POINTS;
use intersection::MAX_POINTS;
use intersection::Message;
use intersection::Starter;
use intersection::answer;
use intersection::size_class;
use intersection::start;
use proptest::prelude::ProptestConfig;
use proptest::prop_assert_eq;
use proptest::proptest;

const THREADS: usize = 2;

fn items(numbers: impl IntoIterator<Item = u16>) -> BTreeSet<Vec<u8>> {
    numbers.into_iter().map(|number| format!("phone\0{number}").into_bytes()).collect()
}

fn kept(kept: &Kept) -> Kept {
    Kept::parse(&kept.to_bytes()).unwrap()
}

fn kept_starter(starter: Starter) -> Starter {
    match kept(&Kept::Starter(starter)) {
        Kept::Starter(starter) => starter,
        Kept::Answerer(_) => panic!("a starter became an answerer"),
    }
}

fn kept_answerer(answerer: Answerer) -> Answerer {
    match kept(&Kept::Answerer(answerer)) {
        Kept::Answerer(answerer) => answerer,
        Kept::Starter(_) => panic!("an answerer became a starter"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn both_learn_the_plain_intersection(ours: BTreeSet<u8>, theirs: BTreeSet<u8>, more in 0_u16..400) {
        let ours = items(ours.into_iter().map(u16::from).chain([1_000]).chain(2_000..2_000 + more));
        let theirs = items(theirs.into_iter().map(u16::from).chain([1_001]).chain(2_100..2_200));
        let plain: Vec<Vec<u8>> = ours.intersection(&theirs).cloned().collect();

        let (starter, offer) = start(&ours, THREADS).unwrap();
        let mut starter = kept_starter(starter);
        let (answerer, answered) = answer(&theirs, &offer, THREADS).unwrap();
        let answerer = kept_answerer(answerer);
        let (starters, closing) = starter.finish(&answered, THREADS).unwrap();
        let answerers = answerer.finish(&closing, THREADS).unwrap();

        prop_assert_eq!(&starters.common, &plain);
        prop_assert_eq!(&answerers.common, &plain);
        prop_assert_eq!((starters.peer_points, answerers.peer_points), (LEAST_POINTS, LEAST_POINTS));
        for message in [&offer, &answered, &closing] {
            prop_assert_eq!(&Message::parse(message).unwrap().to_bytes(), message);
        }
    }
}

#[test]
fn the_length_of_a_message_says_the_size_class_and_nothing_else() {
    let length = |count: u16| start(&items(0..count), THREADS).unwrap().1.len();
    assert_eq!(length(1), length(1_024));
    assert!(length(1_024) < length(1_025));
    assert_eq!(length(1_025), length(2_048));
    assert_eq!([0, 1, 1_024, 1_025].map(size_class), [Some(1_024), Some(1_024), Some(1_024), Some(2_048)]);
    assert_eq!([MAX_POINTS, MAX_POINTS + 1].map(size_class), [Some(MAX_POINTS), None]);
}

#[test]
fn points_of_two_sessions_have_nothing_in_common() {
    let items = items(0..100);
    let offers = [0, 1].map(|_| start(&items, THREADS).unwrap().1);
    let points: Vec<BTreeSet<&[u8]>> = offers.iter().map(|offer| offer[100..].chunks(32).collect()).collect();
    assert!(points[0].is_disjoint(&points[1]));
}

#[test]
fn a_starter_that_was_killed_finishes_again_with_the_same_answer() {
    let (starter, offer) = start(&items(0..10), THREADS).unwrap();
    let (answerer, answered) = answer(&items(5..20), &offer, THREADS).unwrap();
    let mut starter = kept_starter(starter);
    let (first, _) = starter.finish(&answered, THREADS).unwrap();
    let (second, closing) = kept_starter(starter).finish(&answered, THREADS).unwrap();
    assert_eq!(first, second);
    assert_eq!(answerer.finish(&closing, THREADS).unwrap().common, first.common);
    assert_eq!(first.common.len(), 5);
}
