//! A data directory that is backed up while rows come.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use backup::Options;
use backup::back_up;
use backup::restore;
use columns::IngestOptions;
use columns::Mending;
use columns::Secret;
use columns::check_data_dir;
use columns::check_table;
use columns::follow;
use columns::ingest;
use columns::ledger_of;
use columns::open_ledger;
use ledger::Ledger;
use workers::Silent;

/// Rows of one ingest, all of one day, so that each commit comes beside the files of those before.
const ROWS: u64 = 20;
/// Backups that are made.
const BACKUPS: u64 = 5;

fn add(folder: &Path, number: u64, secret: &Secret) {
    let log = folder.join("log.jsonl");
    let line = |id: u64| {
        format!(
            r#"{{"id":"r{number}-{id}","at":"2026-04-22T00:00:01Z","account":"a{id}","request":{{"messages":[{{"role":"user","content":"hello {id}"}}]}}}}"#
        )
    };
    fs::write(&log, (0..ROWS).map(line).collect::<Vec<_>>().join("\n")).unwrap();
    let inputs = vec![log.display().to_string()];
    let options = IngestOptions { inputs, ledger: true, secret: Some(secret.clone()), ..IngestOptions::default() };
    ingest(&options, &folder.join("data"), &Silent::default()).unwrap();
}

#[test]
fn every_backup_is_a_directory_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let secret = Secret::random().unwrap();
    let silent = Silent::default();
    add(folder.path(), 0, &secret);
    let (committed, is_over) = (AtomicU64::new(1), AtomicBool::new(false));
    let file = |number: u64| folder.path().join(format!("backup-{number}"));
    let mut least = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1.. {
                add(folder.path(), number, &secret);
                committed.store(number + 1, Ordering::SeqCst);
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        for number in 0..BACKUPS {
            let begun = committed.load(Ordering::SeqCst);
            while committed.load(Ordering::SeqCst) < begun + 2 {
                thread::sleep(Duration::from_millis(1));
            }
            least.push(committed.load(Ordering::SeqCst));
            back_up(&folder.path().join("data"), &file(number), &Options::default(), &silent).unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });
    for (number, least) in (0..).zip(least) {
        let root = folder.path().join(format!("restored-{number}"));
        restore(&file(number), &root, &silent).unwrap();
        let checked = check_data_dir(&root, Mending::default(), &silent).unwrap();
        assert!(checked.is_well(), "{checked:?}");
        assert!(checked.rows >= least * ROWS && checked.rows.is_multiple_of(ROWS), "{} of {least}", checked.rows);
        let verified = ledger::verify(&ledger_of(&root), &[]).unwrap();
        assert!(verified.faults.is_empty(), "{:?}", verified.faults);
        // The ledger may lack the commit that waited for it, and no more.
        let told = check_table(&root, &open_ledger(&root).unwrap(), &silent).unwrap();
        assert!(told.faults.is_empty() && told.waiting <= 4, "{told:?}");
        follow(&root, &silent).unwrap();
        let told = check_table(&root, &open_ledger(&root).unwrap(), &silent).unwrap();
        assert!(told.faults.is_empty() && told.waiting == 0 && told.rows == checked.rows, "{told:?}");
    }
}

#[test]
fn a_backup_waits_for_whoever_adds_to_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), 0, &Secret::random().unwrap());
    let (root, file) = (folder.path().join("data"), folder.path().join("backup"));
    let mut log = Ledger::open(&ledger_of(&root)).unwrap();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let made = scope.spawn(|| {
            back_up(&root, &file, &Options::default(), &Silent::default()).unwrap();
            assert!(is_done.load(Ordering::SeqCst), "it read the ledger while somebody added to it");
        });
        // Time enough for one that does not wait.
        thread::sleep(Duration::from_millis(200));
        log.append(1, b"a record").unwrap();
        is_done.store(true, Ordering::SeqCst);
        let size = log.size();
        log.commit().unwrap();
        made.join().unwrap();
        let restored = folder.path().join("restored");
        restore(&file, &restored, &Silent::default()).unwrap();
        assert_eq!(open_ledger(&restored).unwrap().checkpoint().size, size);
    });
}
