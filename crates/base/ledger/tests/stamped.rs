//! Heads that are time-stamped are kept beside the log, and only those of this log.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is not as it should be"
)]

mod common;

use std::fs;

use common::add;
use ledger::ErrorKind;
use ledger::Reader;
use ledger::Witness;

#[test]
fn a_head_keeps_its_query_and_its_answers() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    add(root, 3);
    let log = Reader::open(root).unwrap();
    assert!(log.stamped_heads(root).unwrap().is_empty());
    let query = log.keep_query(root, b"first").unwrap();
    assert_eq!(log.keep_query(root, b"second").unwrap(), query);
    assert_eq!(fs::read(&query).unwrap(), b"first", "an answer to the first query may be on its way");
    add(root, 2);
    let log = Reader::open(root).unwrap();
    log.keep_query(root, b"third").unwrap();
    let heads = log.stamped_heads(root).unwrap();
    assert_eq!(heads.iter().map(|head| head.size).collect::<Vec<_>>(), [3, 5]);
    let answer = heads[0].keep_answer(b"answer").unwrap();
    assert_eq!(heads[0].keep_answer(b"answer").unwrap(), answer, "the same answer is kept once");
    assert_eq!(log.stamped_heads(root).unwrap()[0].answers.len(), 1);
    assert_eq!(ledger::verify(root, &[]).unwrap().faults, [], "the log has nothing against it");
}

#[test]
fn what_is_stamped_has_no_witness() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("log");
    add(&root, 3);
    let log = Reader::open(&root).unwrap();
    let before = log.own_head();
    let witness = Witness::open(&folder.path().join("witness"), "witness.example").unwrap();
    let note = witness.cosign(&log, 1).unwrap();
    log.keep_cosigned(&root, &note, &witness.key()).unwrap();
    let log = Reader::open(&root).unwrap();
    assert_ne!(log.note().to_bytes(), before);
    assert_eq!(log.own_head(), before);
}

#[test]
fn heads_of_other_logs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    add(&one, 3);
    add(&other, 3);
    let (log, foreign) = (Reader::open(&one).unwrap(), Reader::open(&other).unwrap());
    log.keep_query(&one, b"query").unwrap();
    fs::write(one.join("timestamps/3/head"), foreign.own_head()).unwrap();
    assert_eq!(log.keep_query(&one, b"query").unwrap_err().kind(), ErrorKind::Inconsistent);
    assert_eq!(log.stamped_heads(&one).unwrap_err().kind(), ErrorKind::Damaged);
}
