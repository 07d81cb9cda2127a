//! Whatever is done to a log is found, and named.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is not as it should be"
)]

mod common;

use std::fs;
use std::path::Path;

use common::add;
use common::copy;
use common::files;
use ledger::ErrorKind;
use ledger::FaultKind;
use ledger::Known;
use ledger::Ledger;
use ledger::Note;
use ledger::Reader;
use ledger::Witness;
use ledger::verify;

/// Changes that are tried.
const CHANGES: u64 = 2000;

/// Numbers that look random and are the same at every run.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) ^ (*state >> 13 & 0xffff)
}

fn kinds(root: &Path, known: &[Known]) -> Vec<FaultKind> {
    let mut kinds: Vec<FaultKind> = verify(root, known).unwrap().faults.iter().map(|fault| fault.kind).collect();
    kinds.dedup();
    kinds
}

fn note(root: &Path) -> Note {
    Note::parse(&fs::read(root.join("checkpoint")).unwrap()).unwrap()
}

fn known(root: &Path) -> Known {
    Known { name: "kept".into(), note: note(root) }
}

fn cosign(root: &Path, key: &Path) -> Result<(), ledger::Error> {
    let witness = Witness::open(key, "witness.example/w1")?;
    let log = Reader::open(root)?;
    let note = witness.cosign(&log, 1_780_000_000)?;
    log.keep_cosigned(root, &note, &witness.key())
}

#[test]
fn any_changed_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("log");
    add(&root, 100);
    cosign(&root, &folder.path().join("witness")).unwrap();
    add(&root, 200);
    cosign(&root, &folder.path().join("witness")).unwrap();
    assert_eq!(verify(&root, &[]).unwrap().faults, []);
    let all: Vec<_> = files(&root).into_iter().filter(|file| !file.ends_with(".lock")).collect();
    let mut state = 1;
    for change in 0..CHANGES {
        let file = &all[draw(&mut state) as usize % all.len()];
        let good = fs::read(file).unwrap();
        let mut bad = good.clone();
        let at = draw(&mut state) as usize % bad.len();
        match change % 10 {
            0 => bad.truncate(at),
            1 => bad.insert(at, draw(&mut state) as u8),
            2 => bad.truncate(bad.len().saturating_sub(1)),
            _ => bad[at] ^= 1 << (draw(&mut state) % 8),
        }
        fs::write(file, &bad).unwrap();
        let told = verify(&root, &[]).unwrap();
        // A list that was cut to nothing names no witness, whose signature is then nobody's.
        assert!(!told.faults.is_empty(), "byte {at} of {} was changed unseen", file.display());
        fs::write(file, &good).unwrap();
    }
    assert_eq!(verify(&root, &[]).unwrap().faults, []);
}

#[test]
fn files_that_are_taken_away_are_missed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("log");
    add(&root, 600);
    for file in files(&root) {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        // Who looks at a copy has no key to sign with, and no lock.
        if name == "key" || name == ".lock" {
            continue;
        }
        let good = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert!(!kinds(&root, &[]).is_empty(), "{name} was taken away unseen");
        fs::write(&file, good).unwrap();
    }
}

#[test]
fn entries_in_another_order_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("log");
    add(&root, 300);
    let tile = root.join("tile/0/000");
    let mut hashes = fs::read(&tile).unwrap();
    let first = hashes[..32].to_vec();
    hashes.copy_within(32..64, 0);
    hashes[32..64].copy_from_slice(&first);
    fs::write(&tile, hashes).unwrap();
    assert_eq!(kinds(&root, &[]), [FaultKind::Reordered]);
    let bundle = root.join("tile/entries/000");
    let mut entries = fs::read(&bundle).unwrap();
    let first = entries[2..36].to_vec();
    entries.copy_within(38..72, 2);
    entries[38..72].copy_from_slice(&first);
    fs::write(&bundle, entries).unwrap();
    // Both changed alike: they agree with each other, and with the tile above them no more.
    assert!(kinds(&root, &[]).contains(&FaultKind::Changed));
}

/// Whoever has the key can sign anything; only a head that was kept elsewhere shows it.
#[test]
fn forks_and_a_past_that_was_signed_anew_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (root, other) = (folder.path().join("log"), folder.path().join("other"));
    add(&root, 40);
    let early = known(&root);
    add(&root, 40);
    let late = known(&root);
    fs::create_dir(&other).unwrap();
    for name in ["key", "salts"] {
        fs::copy(root.join(name), other.join(name)).unwrap();
    }
    let mut log = Ledger::open(&other).unwrap();
    (0..80).for_each(|_| assert!(log.append(9, b"what never was").is_ok()));
    log.commit().unwrap();
    assert_eq!(kinds(&other, &[]), []);
    assert_eq!(kinds(&other, std::slice::from_ref(&late)), [FaultKind::Fork]);
    assert_eq!(kinds(&other, std::slice::from_ref(&early)), [FaultKind::Rewritten]);
    // A copy of before, put back.
    let cut = folder.path().join("cut");
    fs::create_dir(&cut).unwrap();
    for name in ["key", "salts"] {
        fs::copy(root.join(name), cut.join(name)).unwrap();
    }
    add(&cut, 40);
    assert_eq!(kinds(&cut, std::slice::from_ref(&early)), []);
    assert_eq!(kinds(&cut, std::slice::from_ref(&late)), [FaultKind::Truncated]);
    // The log of somebody else.
    let foreign = folder.path().join("foreign");
    add(&foreign, 80);
    assert_eq!(kinds(&foreign, &[late]), [FaultKind::Signature]);
}

#[test]
fn a_witness_signs_what_goes_on_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (root, key) = (folder.path().join("log"), folder.path().join("witness"));
    add(&root, 30);
    let before = folder.path().join("before");
    copy(&root, &before);
    cosign(&root, &key).unwrap();
    add(&root, 300);
    cosign(&root, &key).unwrap();
    let told = verify(&root, &[]).unwrap();
    assert_eq!((told.faults.as_slice(), told.known), ([].as_slice(), 2));
    assert_eq!(told.witnesses, ["witness.example/w1"]);
    let log = Reader::open(&root).unwrap();
    let witness = Witness::open(&key, "another name is not taken").unwrap();
    assert_eq!(log.note().witnessed_at(&witness.key()), Some(1_780_000_000));
    // The log of before, which then goes on in another way.
    assert_eq!(cosign(&before, &key).unwrap_err().kind(), ErrorKind::Inconsistent);
    let mut fork = Ledger::open(&before).unwrap();
    (0..400).for_each(|_| assert!(fork.append(9, b"what never was").is_ok()));
    fork.commit().unwrap();
    let error = cosign(&before, &key).unwrap_err();
    assert!(error.kind() == ErrorKind::Inconsistent && error.to_string().contains("another past"), "{error}");
    // A signature of nobody known is told.
    fs::remove_file(root.join("witnesses")).unwrap();
    assert!(kinds(&root, &[]).contains(&FaultKind::Signature));
}
