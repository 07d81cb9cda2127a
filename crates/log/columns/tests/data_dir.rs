//! A data directory through stopped runs, readers, damage and lost secrets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is not as it should be"
)]

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;

use columns::Error;
use columns::FaultKind;
use columns::IngestOptions;
use columns::MANIFEST;
use columns::Mending;
use columns::Secret;
use columns::Store;
use columns::check_data_dir;
use columns::files_below;
use columns::ingest;
use columns::reading;
use columns::row_ids;
use workers::Silent;

/// A log of some records: their numbers, and the account that they say.
fn log(folder: &Path, name: &str, numbers: std::ops::Range<u32>, account: &str) -> String {
    let path = folder.join(name);
    let line = |number| {
        format!(
            r#"{{"id":"r{number}","at":"2026-04-{:02}T00:00:00Z","account":"{account}{}"}}"#,
            1 + number % 5,
            number % 7
        )
    };
    fs::write(&path, numbers.map(line).collect::<Vec<_>>().join("\n")).unwrap();
    path.display().to_string()
}

fn add(log: &str, data: &Path, secret: Option<Secret>) -> Result<(), Error> {
    // One worker: which of several gets a block, and so which file has a row, is a matter of time.
    let workers = NonZeroUsize::new(1);
    let options = IngestOptions { inputs: vec![log.to_owned()], secret, workers, ..IngestOptions::default() };
    ingest(&options, data, &Silent::default()).map(drop)
}

fn check(data: &Path, mending: Mending) -> columns::Checked {
    check_data_dir(data, mending, &Silent::default()).unwrap()
}

const REPAIR: Mending = Mending { repair: true, forget_missing: false };

/// The files that are there, below the directory.
fn there(data: &Path) -> BTreeSet<PathBuf> {
    files_below(&data.join("exchange")).unwrap().into_iter().collect()
}

/// The rows that readers see.
fn rows(data: &Path) -> usize {
    let mut rows = BTreeSet::new();
    let mut count = 0;
    for file in Store::open(data).unwrap().exchange_files().unwrap() {
        row_ids(&file, &mut |row| {
            count += 1;
            rows.insert(row);
        })
        .unwrap();
    }
    assert_eq!(rows.len(), count, "a row is there twice");
    count
}

fn pending(data: &Path, files: impl Iterator<Item = PathBuf>) {
    let names: Vec<String> = files.map(|file| file.strip_prefix(data).unwrap().display().to_string()).collect();
    fs::write(data.join(".pending"), serde_json::to_vec(&names).unwrap()).unwrap();
}

#[test]
fn a_run_that_is_stopped_before_its_commit_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..400, "a"), &data, None).unwrap();
    let (manifest, files) = (fs::read(data.join(MANIFEST)).unwrap(), there(&data));
    // The accounts of the first records change: some rows are replaced, so that files come and go.
    let late = log(folder.path(), "b", 300..500, "other");
    add(&late, &data, None).unwrap();
    let whole = there(&data);
    assert_eq!(rows(&data), 500);
    // As if it had been stopped after its files were moved, and before the manifest was.
    let old = folder.path().join("old");
    add(&log(folder.path(), "a", 0..400, "a"), &old, None).unwrap();
    for file in files.iter().filter(|file| !file.exists()) {
        fs::copy(old.join(file.strip_prefix(&data).unwrap()), file).unwrap();
    }
    fs::write(data.join(MANIFEST), manifest).unwrap();
    pending(&data, whole.symmetric_difference(&files).cloned());
    assert_eq!(rows(&data), 400);
    add(&late, &data, None).unwrap();
    assert_eq!((rows(&data), there(&data)), (500, whole));
    assert!(!data.join(".pending").exists());
    assert!(check(&data, Mending::default()).faults.is_empty());
}

#[test]
fn what_a_commit_took_out_stays_while_somebody_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..400, "a"), &data, None).unwrap();
    let before = there(&data);
    let reader = reading(&data).unwrap();
    add(&log(folder.path(), "b", 300..500, "other"), &data, None).unwrap();
    assert!(before.iter().all(|file| file.exists()), "a reader has lost its files");
    assert_eq!(rows(&data), 500);
    assert!(check(&data, Mending::default()).faults.is_empty(), "what is still read is no fault");
    drop(reader);
    add(&log(folder.path(), "c", 500..501, "a"), &data, None).unwrap();
    let named: BTreeSet<PathBuf> = Store::open(&data).unwrap().exchange_files().unwrap().into_iter().collect();
    assert_eq!(there(&data), named);
}

#[test]
fn every_fault_is_found_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..400, "a"), &data, None).unwrap();
    let files: Vec<PathBuf> = there(&data).into_iter().collect();
    let length = fs::metadata(&files[0]).unwrap().len() as usize;
    fs::write(&files[0], vec![0; length]).unwrap();
    fs::remove_file(&files[1]).unwrap();
    fs::copy(&files[3], files[2].with_file_name("part-00000000000000aa.parquet")).unwrap();
    assert!(Store::open(&data).unwrap().exchange_files().is_err(), "a missing file is told");
    let kinds = |checked: &columns::Checked| -> Vec<&'static str> {
        let kind = |kind: &FaultKind| match kind {
            FaultKind::Damaged(_) => "damaged",
            FaultKind::Missing => "missing",
            FaultKind::Unlisted => "unlisted",
            FaultKind::RepeatedRows(_) => "repeated",
            _ => "other",
        };
        let mut kinds: Vec<_> = checked.faults.iter().map(|fault| kind(&fault.kind)).collect();
        kinds.sort_unstable();
        kinds
    };
    assert_eq!(kinds(&check(&data, Mending::default())), ["damaged", "missing", "unlisted"]);
    let mended = check(&data, Mending { repair: true, forget_missing: true });
    assert!(mended.is_well(), "{:?}", mended.faults);
    let again = check(&data, Mending::default());
    assert!(again.faults.is_empty(), "{:?}", again.faults);
    assert_eq!(rows(&data) as u64, again.rows);
    assert_eq!(fs::read_dir(data.join(".set-aside")).unwrap().count(), 2);
    // The logs bring back what was lost.
    add(&log(folder.path(), "a", 0..400, "a"), &data, None).unwrap();
    assert_eq!(rows(&data), 400);
}

#[test]
fn a_directory_of_an_earlier_version_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = log(folder.path(), "a", 0..400, "a");
    add(&path, &data, None).unwrap();
    fs::remove_file(data.join(MANIFEST)).unwrap();
    // A killed run of an earlier version could leave rows twice.
    let file = there(&data).into_iter().next().unwrap();
    fs::copy(&file, file.with_file_name("part-00000000000000aa.parquet")).unwrap();
    let error = add(&path, &data, None).unwrap_err().to_string();
    assert!(error.contains("fsck") && error.contains("--repair"), "{error}");
    let taken = check(&data, REPAIR);
    assert!(taken.is_well() && taken.faults.len() > 1, "{:?}", taken.faults);
    add(&path, &data, None).unwrap();
    assert_eq!(rows(&data), 400);
}

#[test]
fn hashes_of_two_secrets_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
    let path = log(folder.path(), "a", 0..40, "a");
    add(&path, &data, Some(one.clone())).unwrap();
    let refused = |secret, words: &str| {
        let error = add(&path, &data, secret).unwrap_err();
        assert!(matches!(error, Error::Usage(_)) && error.to_string().contains(words), "{error}");
    };
    refused(Some(other.clone()), "another secret");
    fs::remove_file(data.join("secret")).unwrap();
    refused(None, "lost its secret");
    other.write(&data.join("secret")).unwrap();
    refused(None, "another secret");
    fs::remove_file(data.join("secret")).unwrap();
    add(&path, &data, Some(one)).unwrap();
    assert_eq!(rows(&data), 40);
}

#[test]
fn a_manifest_cannot_name_files_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add(&log(folder.path(), "a", 0..40, "a"), &data, None).unwrap();
    let manifest = fs::read_to_string(data.join(MANIFEST)).unwrap();
    for place in ["exchange/../../a.parquet", "/etc/a.parquet", "other/a.parquet", "exchange/v4/a.txt"] {
        let text = manifest.replacen(
            "exchange/v4/day=2026-04-01/shard=00/part-",
            &format!("{place}\": {{\"rows\": 1, \"bytes\": 1}}, \"exchange/v4/x"),
            1,
        );
        assert_ne!(text, manifest);
        fs::write(data.join(MANIFEST), text).unwrap();
        assert!(Store::open(&data).unwrap().exchange_files().is_err(), "{place}");
    }
}

#[test]
fn a_run_that_brings_nothing_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = log(folder.path(), "a", 0..40, "a");
    add(&path, &data, None).unwrap();
    let state = || {
        let names = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect::<BTreeSet<_>>();
        (names, fs::read(data.join(MANIFEST)).unwrap())
    };
    let before = state();
    // What a run left that was killed while it wrote the secret.
    fs::write(data.join(".secret-left"), "digits").unwrap();
    add(&path, &data, None).unwrap();
    assert_eq!(state(), before);
}
