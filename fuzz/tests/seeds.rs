//! Every fuzz target's function over its seeds and over a few hundred changes of each. The changes are the same at every
//! run, so that a failure comes again.

use std::fs;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::path::Path;

/// Changes of each seed.
const CHANGES: u64 = 200;

/// The fixtures of the log formats.
const RECORDS: &str = "../crates/log/record/fixtures";

#[test]
fn blocks() {
    run(stillwatch_fuzz::blocks, &[RECORDS]);
}

#[test]
fn accounts() {
    run(stillwatch_fuzz::accounts, &[RECORDS]);
}

#[test]
fn actions() {
    run(stillwatch_fuzz::actions, &["seeds/actions", RECORDS]);
}

#[test]
fn table() {
    run(stillwatch_fuzz::table, &["seeds/table"]);
}

#[test]
fn ledger() {
    run(stillwatch_fuzz::ledger, &["../crates/base/ledger/fixtures/v1", "../crates/log/journal/fixtures"]);
}

#[test]
fn stamp() {
    run(stillwatch_fuzz::stamp, &["seeds/stamp"]);
}

#[test]
fn archive() {
    run(stillwatch_fuzz::archive, &["seeds/archive"]);
}

#[test]
fn backup() {
    run(stillwatch_fuzz::backup, &["seeds/backup"]);
}

#[test]
fn entity() {
    run(|bytes| stillwatch_fuzz::entity(text(bytes)), &["../crates/product/attribution/examples/entities"]);
}

#[test]
fn shared() {
    run(stillwatch_fuzz::shared, &["seeds/shared"]);
}

#[test]
fn intersection() {
    run(stillwatch_fuzz::intersection, &["seeds/intersection"]);
}

#[test]
fn map() {
    run(|bytes| stillwatch_fuzz::map(text(bytes)), &["seeds/map", "../crates/log/record/maps"]);
}

#[test]
fn question() {
    run(|bytes| stillwatch_fuzz::question(text(bytes)), &["seeds/question"]);
}

#[test]
fn time() {
    run(|bytes| stillwatch_fuzz::time(text(bytes)), &["seeds/time"]);
}

#[test]
fn profile() {
    run(stillwatch_fuzz::profile, &["../crates/core/profile/fixtures"]);
}

#[test]
fn sketch_text() {
    run(|bytes| stillwatch_fuzz::sketch_text(text(bytes)), &["seeds/sketch_text"]);
}

#[test]
fn word_vectors() {
    run(stillwatch_fuzz::word_vectors, &["seeds/word_vectors"]);
}

#[test]
fn bank() {
    run(stillwatch_fuzz::bank, &["seeds/bank"]);
}

#[test]
fn registry() {
    run(stillwatch_fuzz::registry, &["seeds/registry"]);
}

#[test]
fn snapshot() {
    run(stillwatch_fuzz::snapshot, &["../crates/core/verdict/fixtures"]);
}

#[test]
fn door_question() {
    run(stillwatch_fuzz::door_question, &["seeds/door_question"]);
}

#[test]
fn limited_body() {
    run(stillwatch_fuzz::limited_body, &["seeds/limited_body"]);
}

#[test]
fn world() {
    run(|bytes| stillwatch_fuzz::world(text(bytes)), &["../worlds"]);
}

/// The text at the beginning, as the fuzzer gives it to a target that takes text.
fn text(bytes: &[u8]) -> &str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).expect("valid up to there"),
    }
}

/// Runs a target on the files of these folders and on changes of them. The input of a failure is kept in a file.
fn run(target: fn(&[u8]), folders: &[&str]) {
    let seeds: Vec<_> = folders.iter().flat_map(|folder| files(folder)).collect();
    assert!(!seeds.is_empty(), "no seeds in {folders:?}");
    for (number, (name, seed)) in (1..).zip(&seeds) {
        check(target, name, "as it is", seed);
        let mut random = Random(number);
        for change in 0..CHANGES {
            let (_, other) = &seeds[random.below(seeds.len())];
            check(target, name, &format!("change {change}"), &changed(seed, other, &mut random));
        }
    }
}

/// The names and bytes of a folder's files, by name.
fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder's entry").path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.iter().map(|path| (path.display().to_string(), fs::read(path).expect("a seed"))).collect()
}

fn check(target: fn(&[u8]), name: &str, change: &str, input: &[u8]) {
    if let Err(panic) = catch_unwind(|| target(input)) {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("failed-input");
        fs::write(&kept, input).expect("a file for the input");
        eprintln!("{name}, {change}: the input is kept in {}", kept.display());
        resume_unwind(panic);
    }
}

/// The seed with one to three changes: bytes with flipped bits, the end cut off, or a piece of another seed put in.
fn changed(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(3) {
        match random.below(3) {
            0 if !bytes.is_empty() => {
                for _ in 0..=random.below(4) {
                    let at = random.below(bytes.len());
                    bytes[at] ^= 1 << random.below(8);
                }
            }
            1 => bytes.truncate(random.below(bytes.len() + 1)),
            _ => {
                let (to, from) = (random.range(bytes.len()), random.range(other.len()));
                bytes.splice(to, other[from].iter().copied());
            }
        }
    }
    bytes
}

/// Marsaglia's xorshift with 64 bits.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A range within a length.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let (a, b) = (self.below(length + 1), self.below(length + 1));
        a.min(b)..a.max(b)
    }
}
