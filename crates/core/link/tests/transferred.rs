//! Groups of what is handed over, and groups of faint values: each against what must not come of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use link::Limits;
use link::Shape;
use link::Tie;
use link::Value;
use link::dense_groups;
use proptest::prelude::*;
use record::ObservableKind;
use sketch::hash::mix;

fn tie(account: u32, kind: ObservableKind, hash: u64) -> Tie {
    Tie { account, value: Value { kind, hash } }
}

fn strangers(count: u32) -> Vec<u32> {
    (0..count).collect()
}

/// A pool whose conversations each pass from one account to a next one, `each` from every account.
fn relay(first: u32, size: u32, each: u32, salt: u64) -> Vec<Tie> {
    let pass = |account: u32, number: u32| {
        let conversation = mix(salt << 40 | u64::from(account) << 8 | u64::from(number));
        let next = first + (account - first + 1 + (mix(conversation) % u64::from(size - 1)) as u32) % size;
        [tie(account, ObservableKind::Root, conversation), tie(next, ObservableKind::Root, conversation)]
    };
    (first..first + size).flat_map(|account| (0..each).flat_map(move |number| pass(account, number))).collect()
}

fn transferred(ties: &[Tie]) -> Vec<Vec<u32>> {
    dense_groups(ties, &strangers(5_000), &Limits::transferred()).groups.into_iter().map(|g| g.accounts).collect()
}

#[test]
fn a_relay_is_a_group_and_a_neighbour_of_one_text_is_not_of_it() {
    let mut ties = relay(100, 60, 4, 1);
    // A stranger who pasted one text, and a pair who share much with each other and nothing with anybody.
    ties.extend([tie(9, ObservableKind::Answer, 77), tie(120, ObservableKind::Answer, 77)]);
    ties.extend(
        (0..40).flat_map(|at| [tie(1, ObservableKind::Root, 900 + at), tie(2, ObservableKind::Root, 900 + at)]),
    );
    assert_eq!(transferred(&ties), [(100..160).collect::<Vec<_>>()]);
}

#[test]
fn two_relays_with_a_few_links_between_them_are_two_groups() {
    let mut ties = [relay(100, 60, 6, 1), relay(300, 50, 4, 2)].concat();
    for at in 0..5 {
        ties.extend([tie(100 + at, ObservableKind::Answer, 70 + u64::from(at))]);
        ties.extend([tie(300 + at, ObservableKind::Answer, 70 + u64::from(at))]);
    }
    assert_eq!(transferred(&ties), [(100..160).collect::<Vec<_>>(), (300..350).collect()]);
}

#[test]
fn a_chain_of_transfers_is_a_group() {
    let chain: Vec<Tie> = (0..30)
        .flat_map(|at| [tie(at, ObservableKind::Root, u64::from(at)), tie(at + 1, ObservableKind::Root, u64::from(at))])
        .collect();
    assert_eq!(transferred(&chain), [(0..31).collect::<Vec<_>>()]);
}

#[test]
fn a_popular_export_ties_nobody() {
    let popular: Vec<Tie> =
        (0..40).flat_map(|at| (0..5).map(move |text| tie(at, ObservableKind::Root, text))).collect();
    assert!(transferred(&popular).is_empty());
}

/// Accounts that each hold some of a vocabulary, and some words that everybody of the block holds.
fn speakers(first: u32, size: u32, vocabulary: u64) -> Vec<Tie> {
    (first..first + size)
        .flat_map(|account| {
            let own = (0..30).map(move |at| vocabulary * 1_000 + mix(u64::from(account) << 16 | at) % 60);
            let common = (0..12).map(move |at| mix(u64::from(account) << 20 | at) % 25);
            own.chain(common).map(move |word| tie(account, ObservableKind::Phrase, word))
        })
        .collect()
}

fn faint(ties: &[Tie]) -> Vec<Vec<u32>> {
    let limits = Limits { shape: Shape::Clustered, ..Limits::default() };
    let mut groups: Vec<Vec<u32>> =
        dense_groups(ties, &strangers(5_000), &limits).groups.into_iter().map(|group| group.accounts).collect();
    groups.sort();
    groups
}

#[test]
fn bodies_of_work_that_share_words_are_parted_and_one_body_is_not() {
    let two = [speakers(100, 60, 1), speakers(300, 50, 2)].concat();
    let groups = faint(&two);
    assert!(groups.contains(&(100..160).collect()) && groups.contains(&(300..350).collect()), "{groups:?}");
    assert!(faint(&speakers(100, 60, 1)).contains(&(100..160).collect()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is held by whom: the order of ties never shows, and a group is never smaller than asked.
    #[test]
    fn order_never_shows(held in proptest::collection::vec((0_u32..60, 0_u64..80), 0..300), turn in 0_usize..300) {
        let ties: Vec<Tie> = held.iter().map(|(account, value)| tie(*account, ObservableKind::Root, *value)).collect();
        let mut turned = ties.clone();
        turned.rotate_left(turn % ties.len().max(1));
        turned.reverse();
        for limits in [Limits::transferred(), Limits { shape: Shape::Clustered, ..Limits::default() }] {
            let found = dense_groups(&ties, &strangers(400), &limits);
            prop_assert_eq!(&found, &dense_groups(&turned, &strangers(400), &limits));
            prop_assert!(found.groups.iter().all(|group| group.accounts.len() >= limits.min_customers));
        }
    }
}
