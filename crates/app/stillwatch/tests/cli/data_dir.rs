//! Data directories from the command line: secrets, what others may read, and `fsck`.

use std::fs;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::common::command;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;

const LINE: &str = r#"{"id":"ID","at":"2026-04-22T00:00:01Z","account":"a","key":"sk-secret-key","end_user":"somebody@example.com","client":{"ip":"203.0.113.77"},"request":{"messages":[{"role":"user","content":"the quick brown fox jumps over the lazy dog"}]}}"#;

fn log(folder: &Path, name: &str, records: u32) -> String {
    let path = folder.join(name);
    let lines: Vec<String> = (0..records).map(|id| LINE.replace("ID", &format!("r{id}"))).collect();
    fs::write(&path, lines.join("\n")).unwrap();
    path.display().to_string()
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

#[test]
fn nothing_that_identifies_a_person_is_stored_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path(), "log.jsonl", 50);
    let told = ["sk-secret-key", "somebody@example.com", "203.0.113.77", "quick brown fox"];
    for (name, more, is_clear) in [("keyed", &[][..], false), ("clear", &["--keep-text"][..], true)] {
        let data = folder.path().join(name);
        succeed(&[&["ingest", &log, "--data-dir", text(&data), "--quiet"], more].concat());
        let mut stored = Vec::new();
        for file in files_below(&data).iter().filter(|file| file.extension().is_some_and(|end| end == "parquet")) {
            let reader = columns_of(file);
            stored.push(reader);
        }
        let stored = stored.join("\n");
        for value in told {
            assert_eq!(stored.contains(value), is_clear, "{name}: {value}");
        }
        #[cfg(unix)]
        for (path, mode) in [(data.clone(), 0o700), (data.join("secret"), 0o600)] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
        }
    }
}

/// Every value of the columns of a file, as text.
fn columns_of(file: &Path) -> String {
    let table = columns::Table::open(file).unwrap();
    let names = table.columns();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let batches = table.read(0..table.row_groups(), &names, 1000).unwrap();
    batches.map(|batch| format!("{:?}", batch.unwrap())).collect()
}

#[test]
fn a_data_directory_is_read_with_its_own_secret_only() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let log = log(folder.path(), "log.jsonl", 50);
    let (data, out) = (at("data"), at("out"));
    succeed(&["ingest", &log, "--data-dir", text(&data), "--quiet"]);
    fs::write(at("other"), format!("{}\n", "ab".repeat(32))).unwrap();
    let hunt = ["hunt", text(&data), "--out", text(&out), "--quiet"];
    let other_path = at("other");
    let other = ["--secret", text(&other_path)];
    let (status, error) = failed(&[&hunt[..], &other[..]].concat());
    assert!(status == 2 && error.contains("another secret"), "{status} {error}");
    // Two directories of two secrets are not compared.
    let second = at("second");
    succeed(&[&["ingest", &log, "--data-dir", text(&second), "--quiet"], &other[..]].concat());
    let output = command()
        .env_remove("STILLWATCH_SECRET")
        .args(["hunt", text(&data), text(&second), "--out", text(&out), "--quiet"])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && error.contains("different keys"), "{error}");
    // One that others may read is used, with a note.
    for (mode, is_open) in [(0o644, true), (0o600, false)] {
        fs::set_permissions(&other_path, Permissions::from_mode(mode)).unwrap();
        let output = command().args(["hunt", &log, "--out", text(&at("of-log"))]).args(other).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && error.contains("(chmod 600 ") == is_open, "{mode:o}: {error}");
    }
    fs::write(at("short"), "abcd").unwrap();
    let (status, error) = failed(&[&hunt[..], &["--secret", text(&at("short"))]].concat());
    assert!(
        status == 2 && error.contains("64 random hexadecimal digits") && !error.contains("abcd"),
        "{status} {error}"
    );
    assert!(!out.exists());
}

#[test]
fn a_data_directory_among_the_logs_is_told_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), "log.jsonl", 50);
    let data = folder.path().join("data");
    succeed(&["ingest", text(folder.path()), "--data-dir", text(&data), "--quiet"]);
    let before = files_below(&data.join("exchange"));
    let (status, error) = failed(&["ingest", text(folder.path()), "--data-dir", text(&data), "--quiet"]);
    assert!(status == 2 && error.contains("is a data directory and no log"), "{status} {error}");
    assert_eq!(files_below(&data.join("exchange")), before);
    // A file of it by itself is told by its metadata.
    let (status, error) = failed(&["ingest", text(&before[0]), "--data-dir", text(&data), "--quiet"]);
    assert!(status == 3 && error.contains("a file of the exchanges of a data directory"), "{status} {error}");
}

#[test]
fn fsck_tells_what_is_wrong_and_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path(), "log.jsonl", 50);
    let data = folder.path().join("data");
    succeed(&["ingest", &log, "--data-dir", text(&data), "--quiet"]);
    let json = |more: &[&str]| -> Value {
        let arguments = [&["fsck", text(&data), "--json"], more].concat();
        let output = command().args(&arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).expect("fsck prints JSON")
    };
    let well = json(&[]);
    assert_eq!((&well["rows"], &well["well"]), (&50.into(), &true.into()), "{well}");
    assert!(succeed(&["fsck", text(&data)]).contains("all is well"));
    let file = files_below(&data.join("exchange")).remove(0);
    fs::write(&file, b"PAR1").unwrap();
    let (status, _) = failed(&["fsck", text(&data), "--quiet"]);
    assert_eq!(status, 1);
    let (status, error) = failed(&["hunt", text(&data), "--out", text(&folder.path().join("out")), "--quiet"]);
    assert!(status == 1 && error.contains("stillwatch fsck"), "{status} {error}");
    let mended = json(&["--repair"]);
    assert_eq!((&mended["well"], &mended["faults"][0]["kind"]), (&true.into(), &"damaged".into()), "{mended}");
    succeed(&["ingest", &log, "--data-dir", text(&data), "--quiet"]);
    assert_eq!(json(&[])["rows"], 50);
    let (status, error) = failed(&["fsck", text(folder.path())]);
    assert!(status == 2 && error.contains("is no data directory"), "{status} {error}");
}
