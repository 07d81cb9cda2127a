//! Ids stay, and what becomes of a campaign is told once and dated.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::BTreeSet;

use campaign::DatedEvent;
use campaign::Event;
use campaign::Registry;
use record::time::DAY_US;

fn names(range: std::ops::Range<u32>) -> BTreeSet<String> {
    range.map(|i| format!("acct_{i}")).collect()
}

#[test]
fn ids_stay_when_membership_changes_a_little() {
    let mut registry = Registry::default();
    let (first, events) = registry.settle(&[names(0..100), names(200..300)], DAY_US);
    assert_eq!(events.len(), 2);
    let mut registry = Registry::from_json(&registry.to_json().unwrap()).unwrap();
    let (second, events) = registry.settle(&[names(205..310), names(0..90)], DAY_US);
    assert_eq!(second, [first[1].clone(), first[0].clone()]);
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn merge_and_split_are_told() {
    let mut registry = Registry::default();
    let (ids, _) = registry.settle(&[names(0..100), names(200..240)], DAY_US);
    let joined: BTreeSet<String> = names(0..100).union(&names(200..240)).cloned().collect();
    let (merged, events) = registry.settle(&[joined], DAY_US);
    assert_eq!(merged, ids[..1]);
    assert_eq!(events, [Event::Merged { id: ids[1].clone(), into: ids[0].clone() }]);
    let (split, events) = registry.settle(&[names(0..100), names(200..240)], DAY_US);
    assert_eq!(split[0], ids[0]);
    assert_eq!(events, [Event::Split { id: ids[0].clone(), part: split[1].clone() }]);
    assert_ne!(split[1], ids[1], "a tombstone's id is not used again");
    assert!(registry.settle(&[], DAY_US).1.iter().all(|event| matches!(event, Event::Rested { .. })));
    assert!(registry.settle(&[], DAY_US).1.is_empty(), "a rest is told once");
}

#[test]
fn a_damaged_registry_says_so() {
    assert!(Registry::from_json(b"{\"version\":1").unwrap_err().to_string().contains("damaged"));
    assert!(
        Registry::from_json(br#"{"version":9,"campaigns":{},"history":[]}"#)
            .unwrap_err()
            .to_string()
            .contains("version 9")
    );
}

#[test]
fn events_are_dated_by_the_end_of_the_log() {
    let mut registry = Registry::default();
    let (ids, _) = registry.settle(&[names(0..100)], 3 * DAY_US);
    registry.settle(&[], 4 * DAY_US);
    let expected = [
        DatedEvent { log_end_us: Some(3 * DAY_US), event: Event::Appeared { id: ids[0].clone() } },
        DatedEvent { log_end_us: Some(4 * DAY_US), event: Event::Rested { id: ids[0].clone() } },
    ];
    assert_eq!(registry.history(), expected);
    let read = Registry::from_json(&registry.to_json().unwrap()).unwrap();
    assert_eq!(read, registry);
}

/// Version 1 had no times. What it wrote is read, goes on with the same ids, and is written as version 2.
#[test]
fn version_one_is_still_read() {
    let stored =
        br#"{"version":1,"campaigns":{"C-00000001":{"accounts":["acct_0","acct_1","acct_2"],"merged_into":null}},
        "history":[{"event":"appeared","id":"C-00000001"}]}"#;
    let mut registry = Registry::from_json(stored).unwrap();
    let first = Event::Appeared { id: "C-00000001".to_owned() };
    assert_eq!(registry.history(), [DatedEvent { log_end_us: None, event: first }]);
    let (ids, events) = registry.settle(&[names(0..3)], DAY_US);
    assert_eq!((ids, events), (vec!["C-00000001".to_owned()], vec![]));
    assert!(String::from_utf8(registry.to_json().unwrap()).unwrap().contains("\"version\": 2"));
}
