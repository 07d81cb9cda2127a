//! The ledger of a data directory: it follows the table, and shows each exchange.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is not as it should be"
)]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use columns::IngestOptions;
use columns::Wanted;
use columns::check_table;
use columns::follow;
use columns::ingest;
use columns::ledger_of;
use columns::live_batches;
use columns::open_ledger;
use columns::prove_file;
use journal::Batch;
use journal::ExchangeProof;
use journal::Group;
use journal::LeafProof;
use journal::Owned;
use journal::Part;
use ledger::verify;
use workers::Silent;

/// A log of some records: their numbers, and the account that they say.
fn log(folder: &Path, name: &str, numbers: impl Iterator<Item = u32>, account: &str) -> String {
    let path = folder.join(name);
    let line = |number: u32| {
        format!(
            r#"{{"id":"r{number}","at":"2026-04-{:02}T00:00:{:02}Z","account":"{account}{}","client":{{"ip":"203.0.113.{}"}},"request":{{"messages":[{{"role":"user","content":"a question of number {number} and some more words"}}]}},"response":{{"input_tokens":{number},"output_tokens":2}}}}"#,
            1 + number % 3,
            number % 60,
            number % 7,
            number % 250,
        )
    };
    fs::write(&path, numbers.map(line).collect::<Vec<_>>().join("\n")).unwrap();
    path.display().to_string()
}

fn options(log: &str) -> IngestOptions {
    IngestOptions { inputs: vec![log.to_owned()], keep_text: true, ledger: true, ..IngestOptions::default() }
}

fn add(log: &str, data: &Path) {
    ingest(&options(log), data, &Silent::default()).unwrap();
}

fn batches(data: &Path) -> BTreeMap<String, (u64, Batch)> {
    live_batches(&open_ledger(data).unwrap()).unwrap()
}

/// The files of the manifest, and that the ledger is whole and says the same.
fn check(data: &Path) -> u64 {
    assert_eq!(verify(&ledger_of(data), &[]).unwrap().faults, []);
    let told = check_table(data, &open_ledger(data).unwrap(), &Silent::default()).unwrap();
    assert_eq!((told.faults.as_slice(), told.waiting), ([].as_slice(), 0));
    told.rows
}

/// A directory with the keys of another, so that equal rows have equal commitments.
fn twin(of: &Path, data: &Path) {
    fs::create_dir_all(ledger_of(data)).unwrap();
    for name in ["ledger/key", "ledger/salts"] {
        fs::copy(of.join(name), data.join(name)).unwrap();
    }
}

#[test]
fn the_same_rows_have_the_same_root_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    add(&log(folder.path(), "a", 0..3000, "a"), &one);
    twin(&one, &other);
    let backwards = options(&log(folder.path(), "b", (0..3000).rev(), "a"));
    let workers = NonZeroUsize::new(1);
    ingest(&IngestOptions { workers, ..backwards }, &other, &Silent::default()).unwrap();
    let (one_rows, other_rows) = (check(&one), check(&other));
    assert_eq!((one_rows, other_rows), (3000, 3000));
    // With one worker every partition is one file, whatever came first.
    let roots = |data: &Path| -> BTreeSet<_> {
        batches(data).values().map(|(_, batch)| (batch.file.clone(), batch.root)).collect()
    };
    let again = folder.path().join("again");
    twin(&one, &again);
    let forwards = options(&log(folder.path(), "a", 0..3000, "a"));
    ingest(&IngestOptions { workers, ..forwards }, &again, &Silent::default()).unwrap();
    assert_eq!(roots(&other), roots(&again));
}

#[test]
fn the_ledger_follows_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = log(folder.path(), "a", 0..400, "a");
    add(&first, &data);
    let before = batches(&data);
    let size = open_ledger(&data).unwrap().checkpoint().size;
    assert_eq!(size, before.len() as u64);
    // The same again adds nothing.
    add(&first, &data);
    assert_eq!(open_ledger(&data).unwrap().checkpoint().size, size);
    // Other accounts take the place of some: files come and go, and both is told.
    add(&log(folder.path(), "b", 300..500, "other"), &data);
    assert_eq!(check(&data), 500);
    let after = batches(&data);
    let gone = before.iter().filter(|(name, _)| !after.contains_key(*name)).count() as u64;
    let new = after.iter().filter(|(name, _)| !before.contains_key(*name)).count() as u64;
    assert!(gone > 0);
    assert_eq!(open_ledger(&data).unwrap().checkpoint().size, size + gone + new);
}

/// A run that is killed after the table's commit and before the ledger's is a run without a ledger.
#[test]
fn a_run_that_is_stopped_before_the_ledger_is_made_up_for_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..300, "a"), &data);
    let late = log(folder.path(), "b", 250..500, "other");
    ingest(&IngestOptions { ledger: false, ..options(&late) }, &data, &Silent::default()).unwrap();
    let told = check_table(&data, &open_ledger(&data).unwrap(), &Silent::default()).unwrap();
    assert!(told.waiting > 0);
    add(&late, &data);
    assert_eq!(check(&data), 500);
    let size = open_ledger(&data).unwrap().checkpoint().size;
    assert_eq!(follow(&data, &Silent::default()).unwrap(), size, "nothing is added twice");
    // A directory of before there were ledgers is taken over in the same way.
    fs::remove_dir_all(ledger_of(&data)).unwrap();
    assert_eq!(follow(&data, &Silent::default()).unwrap(), batches(&data).len() as u64);
    assert_eq!(check(&data), 500);
}

/// All that shows one exchange.
fn prove(data: &Path, account: &str, id: &str, shown: &[Group]) -> ExchangeProof {
    let reader = open_ledger(data).unwrap();
    let wanted: Wanted = [(account.to_owned(), [id.to_owned()].into())].into();
    let salts = reader.salts().unwrap();
    for live in batches(data).values() {
        let shown = shown.iter().copied().collect();
        let proofs = prove_file(data, live, &salts, &wanted, &shown).unwrap();
        let [row] = proofs.rows.as_slice() else { continue };
        let (record, salt) = reader.record(live.0).unwrap();
        let path = reader.prove(live.0).unwrap().path;
        return ExchangeProof {
            key: reader.key().to_string(),
            checkpoint: String::from_utf8(reader.note().to_bytes()).unwrap(),
            batch: LeafProof { index: live.0, kind: 1, salt, record, path },
            account: proofs.accounts[0].clone(),
            row: row.clone(),
        };
    }
    panic!("{id} is not in the table");
}

#[test]
fn a_proof_reaches_one_exchange_and_shows_what_is_to_be_shown() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..400, "a"), &data);
    add(&log(folder.path(), "b", 400..700, "b"), &data);
    let whole = prove(&data, "a3", "r10", &Group::ALL);
    let (head, shown) = whole.check().unwrap();
    assert_eq!(head, *open_ledger(&data).unwrap().checkpoint());
    let value = |shown: &[(String, Owned)], name: &str| {
        shown.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone())
    };
    assert_eq!(value(&shown, "id"), Some(Owned::Text("r10".into())));
    assert_eq!(value(&shown, "input_tokens"), Some(Owned::Integer(10)));
    assert_eq!(value(&shown, "text"), Some(Owned::Text("a question of number 10 and some more words".into())));
    let facts = prove(&data, "a3", "r10", &[Group::Facts]);
    let (_, shown) = facts.check().unwrap();
    assert_eq!((value(&shown, "text"), value(&shown, "ip"), value(&shown, "status")), (None, None, Some(Owned::Null)));
    assert!(value(&shown, "frames").is_some_and(|frames| matches!(frames, Owned::Hashes(all) if !all.is_empty())));
    // What is hidden is no guess away: its commitment is under a salt that the proof does not hold.
    let text = serde_json::to_string(&facts).unwrap();
    let Part::Shown { salt, .. } = &whole.row.parts[2] else { panic!("the text is shown") };
    let mut hidden = facts.clone();
    hidden.row.parts[2] = Part::Shown { salt: *salt, values: Vec::new() };
    assert!(hidden.check().is_err() && !text.contains("a question of number"));
}

/// Every character of a proof that is changed changes what is shown to a refusal.
#[test]
fn a_changed_proof_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..400, "a"), &data);
    let proof = prove(&data, "a3", "r10", &[Group::Facts, Group::Text]);
    let text = serde_json::to_string(&proof).unwrap();
    let (mut refused, mut other_form) = (0, 0);
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        match serde_json::from_slice::<ExchangeProof>(&bytes) {
            Ok(changed) if changed == proof => other_form += 1,
            Ok(changed) => {
                assert!(changed.check().is_err(), "character {at} was changed unseen");
                refused += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert_eq!((refused, other_form), (text.len(), 0));
}

#[test]
fn a_changed_table_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..400, "a"), &data);
    let other = folder.path().join("other");
    // One token more in one record; the file has its name from hashes that a forger with the key could keep.
    let forged = fs::read_to_string(folder.path().join("a")).unwrap().replacen(
        r#""input_tokens":10,"#,
        r#""input_tokens":11,"#,
        1,
    );
    fs::write(folder.path().join("forged"), forged).unwrap();
    add(&folder.path().join("forged").display().to_string(), &other);
    let names = |data: &Path| -> Vec<String> { batches(data).into_keys().collect() };
    let (own, theirs) = (names(&data), names(&other));
    let place = own.iter().position(|name| !theirs.contains(name)).unwrap();
    fs::copy(other.join(&theirs[place]), data.join(&own[place])).unwrap();
    let told = check_table(&data, &open_ledger(&data).unwrap(), &Silent::default()).unwrap();
    assert_eq!(told.faults.len(), 1);
    assert!(told.faults[0].what.contains("not those of entry"), "{}", told.faults[0]);
    fs::remove_file(data.join(&own[place])).unwrap();
    let told = check_table(&data, &open_ledger(&data).unwrap(), &Silent::default()).unwrap();
    assert_eq!(told.faults.len(), 1);
}
