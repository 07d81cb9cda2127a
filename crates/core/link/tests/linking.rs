//! Groups are dense, and order never shows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use link::Limits;
use link::Tie;
use link::Value;
use link::dense_groups;
use proptest::prelude::*;
use record::ObservableKind;

fn tie(account: u32, kind: ObservableKind, hash: u64) -> Tie {
    Tie { account, value: Value { kind, hash } }
}

/// Every account its own customer.
fn strangers(count: u32) -> Vec<u32> {
    (0..count).collect()
}

/// A pool: accounts 0 to `size` on cards of ten, with devices of four across them.
fn pool(first: u32, size: u32, salt: u64) -> Vec<Tie> {
    (0..size)
        .flat_map(|i| {
            [
                tie(first + i, ObservableKind::Payment, salt + u64::from(i / 10)),
                tie(first + i, ObservableKind::Device, salt + 1_000 + u64::from(i % (size / 4))),
            ]
        })
        .collect()
}

#[test]
fn a_pool_on_shared_cards_and_devices_is_one_group() {
    let groups = dense_groups(&pool(100, 40, 5), &strangers(2_000), &Limits::default()).groups;
    assert_eq!(groups[0].accounts, (100..140).collect::<Vec<_>>());
    assert!(groups[0].bits_per_account > 10.0);
}

#[test]
fn a_chain_of_pairs_is_not_a_group() {
    let chain: Vec<Tie> = (0..60)
        .flat_map(|i| [tie(i, ObservableKind::Device, u64::from(i)), tie(i + 1, ObservableKind::Device, u64::from(i))])
        .collect();
    assert!(dense_groups(&chain, &strangers(2_000), &Limits::default()).groups.is_empty());
}

#[test]
fn what_everybody_holds_ties_nobody() {
    let hub: Vec<Tie> = (0..1_500).map(|i| tie(i, ObservableKind::Ip, 7)).collect();
    assert!(dense_groups(&hub, &strangers(2_000), &Limits::default()).groups.is_empty());
}

#[test]
fn a_company_shares_with_itself_alone() {
    let ties: Vec<Tie> = (0..300).map(|i| tie(i, ObservableKind::Payment, 7)).collect();
    let customers: Vec<u32> = (0..2_000).map(|i| if i < 300 { 0 } else { i }).collect();
    assert!(dense_groups(&ties, &customers, &Limits::default()).groups.is_empty());
}

#[test]
fn a_small_dense_family_hides_no_pool() {
    let mut ties = pool(0, 40, 5);
    // Four accounts share everything with each other, and a card with the pool.
    for account in 900..904 {
        ties.push(tie(account, ObservableKind::Payment, 5));
        for hash in 7_000..7_006 {
            ties.push(tie(account, ObservableKind::Device, hash));
        }
    }
    let groups = dense_groups(&ties, &strangers(2_000), &Limits::default()).groups;
    assert!(groups.iter().any(|group| (0..40).all(|account| group.accounts.contains(&account))), "{groups:?}");
}

#[test]
fn many_groups_are_all_searched() {
    let ties: Vec<Tie> = (0..900).flat_map(|group| pool(group * 8, 8, u64::from(group) * 5_000)).collect();
    let found = dense_groups(&ties, &strangers(20_000), &Limits::default());
    assert_eq!((found.groups.len(), found.ties_unsearched), (900, 0));
}

#[test]
fn camouflage_does_not_hide_a_pool() {
    let mut ties = pool(0, 40, 5);
    // Each member also holds thirty values that are common among honest accounts.
    for account in 0..1_000 {
        for common in 0..30 {
            if account < 40 || (account + common) % 5 == 0 {
                ties.push(tie(account, ObservableKind::Ip, 9_000 + u64::from(common)));
            }
        }
    }
    let groups = dense_groups(&ties, &strangers(2_000), &Limits::default()).groups;
    let best = groups.iter().find(|group| group.accounts.len() == 40).expect("the pool is a group of its own");
    assert_eq!(best.accounts, (0..40).collect::<Vec<_>>());
}

#[test]
fn two_pools_joined_by_one_account_stay_two() {
    let mut ties = pool(0, 40, 5);
    ties.extend(pool(100, 40, 500));
    ties.push(tie(0, ObservableKind::Payment, 500));
    let groups = dense_groups(&ties, &strangers(2_000), &Limits::default()).groups;
    let sizes: Vec<usize> = groups.iter().map(|group| group.accounts.len()).collect();
    assert_eq!(sizes.iter().filter(|size| (39..=41).contains(*size)).count(), 2, "{sizes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_ties_never_shows(
        raw in proptest::collection::vec((0_u32..60, 0_u64..12, 0_usize..3), 0..300),
        turn in 0_usize..300,
    ) {
        let kinds = [ObservableKind::Payment, ObservableKind::Device, ObservableKind::Ip];
        let ties: Vec<Tie> = raw.iter().map(|(account, hash, kind)| tie(*account, kinds[*kind], *hash)).collect();
        let mut turned = ties.clone();
        turned.rotate_left(turn % ties.len().max(1));
        turned.reverse();
        turned.extend(ties.iter().take(5).copied());
        let customers = strangers(200);
        prop_assert_eq!(dense_groups(&ties, &customers, &Limits::default()), dense_groups(&turned, &customers, &Limits::default()));
    }

    #[test]
    fn every_group_keeps_its_limits(raw in proptest::collection::vec((0_u32..80, 0_u64..30), 0..400)) {
        let ties: Vec<Tie> = raw.iter().map(|(account, hash)| tie(*account, ObservableKind::Device, *hash)).collect();
        let limits = Limits::default();
        for group in dense_groups(&ties, &strangers(300), &limits).groups {
            prop_assert!(group.accounts.len() >= limits.min_customers);
            prop_assert!(group.accounts.is_sorted_by(|a, b| a < b));
            prop_assert!(group.bits_per_account >= limits.min_bits);
            prop_assert!(group.values.iter().all(|shared| shared.bits >= limits.min_bits && shared.inside <= shared.in_all));
        }
    }
}
