//! The bytes of records, which are for ever: the first version as it is in git, and what was written is read as itself.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first thing that is not as it should be")]

use std::fs;
use std::path::Path;

use journal::AccountNode;
use journal::Batch;
use journal::Gone;
use journal::Group;
use journal::Kind;
use journal::Owned;
use journal::RowKey;
use journal::Value;
use journal::account_key;
use journal::decode;
use journal::row_leaf;
use ledger::Salts;
use proptest::prelude::*;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn batch() -> Batch {
    let mut root = [0; 32];
    root.iter_mut().zip(0..).for_each(|(byte, at)| *byte = at);
    Batch {
        file: "exchange/v2/day=2026-04-22/shard=03/part-0123456789abcdef.parquet".to_owned(),
        rows: 65_536,
        accounts: 321,
        columns: "id:text at:time account:text text:text".to_owned(),
        root,
    }
}

const VALUES: [Value<'static>; 8] = [
    Value::Text("req_01"),
    Value::Integer(1_776_816_000_000_000),
    Value::Null,
    Value::Small(-5),
    Value::Number(0.5),
    Value::Flag(true),
    Value::Bytes(b"ab"),
    Value::Hashes(&[1, 1 << 62]),
];

fn written(values: &[Value<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.iter().for_each(|value| value.write(&mut bytes));
    bytes
}

#[test]
fn records_of_the_first_version_are_as_they_were() {
    assert_eq!(batch().to_bytes(), fixture("batch.v1"));
    assert_eq!(Batch::from_bytes(&fixture("batch.v1")).unwrap(), batch());
    assert_eq!(Gone::from_bytes(&fixture("gone.v1")).unwrap(), Gone { entry: 7 });
    assert_eq!(Gone { entry: 7 }.to_bytes(), fixture("gone.v1"));
    assert_eq!(written(&VALUES), fixture("row.v1"));
    let read = decode(&fixture("row.v1")).unwrap();
    assert_eq!(read.len(), VALUES.len());
    assert_eq!(read.last(), Some(&Owned::Hashes(vec![1, 1 << 62])));
}

/// Salts and leaves, from a key of zeros, as docs/ledger.md describes them: the expected ones were computed from it in another
/// language.
#[test]
fn commitments_of_the_first_version_are_as_they_were() {
    let key = account_key(&Salts::under([0; 32]), "acct_17");
    let row = RowKey::new(&key, 5, -7);
    let parts = Group::ALL.map(|group| row.commit(group, &written(&VALUES)));
    let node = AccountNode {
        account: "acct_17".to_owned(),
        rows: 1,
        input_tokens: 2,
        output_tokens: 3,
        first_us: 4,
        last_us: 5,
        root: row_leaf(&parts),
    };
    let told = [hex(&key), hex(&node.root), hex(&node.leaf(&node.salt(&key)))];
    assert_eq!(told.map(|hash| hash.get(..16).unwrap().to_owned()), EXPECTED.map(str::to_owned));
}

const EXPECTED: [&str; 3] = ["752bf8f8a20f5a6c", "48efa54a8996228e", "50e4db9d13c370bc"];

#[test]
fn kinds_have_their_numbers_for_ever() {
    let names: Vec<&str> = (0..=9).filter_map(Kind::of).map(Kind::name).collect();
    let known =
        ["exchanges", "exchanges gone", "verdict", "decision", "policy", "bank", "analyst's act", "look at text"];
    assert_eq!(names, known);
    assert!(
        (0..=255)
            .filter_map(|number| Kind::of(number).map(|kind| (number, kind)))
            .all(|(number, kind)| kind.number() == number)
    );
}

#[test]
fn what_is_cut_or_too_long_is_refused() {
    let is_batch: fn(&[u8]) -> bool = |bytes| Batch::from_bytes(bytes).is_ok();
    let is_gone: fn(&[u8]) -> bool = |bytes| Gone::from_bytes(bytes).is_ok();
    for (bytes, is_read) in [(fixture("batch.v1"), is_batch), (fixture("gone.v1"), is_gone)] {
        assert!(is_read(&bytes));
        assert!((0..bytes.len()).all(|at| !is_read(bytes.get(..at).unwrap())));
        assert!(!is_read(&[bytes.as_slice(), &[0]].concat()));
    }
}

proptest! {
    /// No two rows have the same bytes, whatever their values are.
    #[test]
    fn values_are_told_apart(one in values(), other in values()) {
        let bytes = |owned: &[Owned]| written(&owned.iter().map(borrowed).collect::<Vec<_>>());
        prop_assert_eq!(bytes(&one) == bytes(&other), one == other);
        prop_assert_eq!(decode(&bytes(&one)).unwrap(), one);
    }
}

fn values() -> impl Strategy<Value = Vec<Owned>> {
    let value = prop_oneof![
        Just(Owned::Null),
        "[ab]{0,3}".prop_map(Owned::Text),
        (-2..3_i64).prop_map(Owned::Integer),
        (0..3_u8).prop_map(|number| Owned::Number(f64::from(number))),
        any::<bool>().prop_map(Owned::Flag),
        proptest::collection::vec(0..3_u8, 0..3).prop_map(Owned::Bytes),
        proptest::collection::vec(0..3_i64, 0..3).prop_map(Owned::Hashes),
    ];
    proptest::collection::vec(value, 0..4)
}

fn borrowed(value: &Owned) -> Value<'_> {
    match value {
        Owned::Null => Value::Null,
        Owned::Text(text) => Value::Text(text),
        Owned::Integer(number) => Value::Integer(*number),
        Owned::Number(number) => Value::Number(*number),
        Owned::Flag(flag) => Value::Flag(*flag),
        Owned::Bytes(bytes) => Value::Bytes(bytes),
        Owned::Hashes(hashes) => Value::Hashes(hashes),
    }
}
