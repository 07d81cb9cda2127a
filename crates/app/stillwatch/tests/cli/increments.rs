//! Increments are what was folded already: they change what a hunt costs, and no byte of what it says.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::common::assert_same;
use crate::common::failed;
use crate::common::results;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

type Results = Vec<(String, String)>;

fn hunt(folder: &Path, name: &str, inputs: &[&Path], more: &[&str]) -> Results {
    let out = folder.join(name);
    let mut arguments = vec!["hunt"];
    arguments.extend(inputs.iter().map(|input| text(input)));
    arguments.extend(["--out", text(&out), "--quiet"]);
    arguments.extend(more);
    succeed(&arguments);
    results(&out)
}

fn fold(data: &Path, more: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["fold", "--data-dir", text(data), "--json"];
    arguments.extend(more);
    serde_json::from_str(&succeed(&arguments)).expect("JSON")
}

/// The lines of a log for which the test of their number is true, in a file of their own.
fn some_lines(folder: &Path, name: &str, log: &Path, wanted: impl Fn(usize, &str) -> bool) -> PathBuf {
    let log = fs::read_to_string(log).expect("the log is there");
    let lines: Vec<&str> =
        log.lines().enumerate().filter(|(number, line)| wanted(*number, line)).map(|(_, line)| line).collect();
    assert!(!lines.is_empty());
    let path = folder.join(name);
    fs::write(&path, lines.join("\n")).expect("lines are written");
    path
}

/// What a hunt says, without the exchanges in which evidence was seen: where they are gone, they cannot be named.
fn unnamed(mut results: Results) -> Results {
    let accounts =
        results.iter_mut().find(|(name, _)| name == "accounts.jsonl").map(|(_, text)| text).expect("accounts");
    let line = |line: &str| {
        let mut account: serde_json::Value = serde_json::from_str(line).expect("JSON");
        for evidence in account["evidence"].as_array_mut().expect("a list") {
            evidence["exchanges"] = serde_json::Value::Array(Vec::new());
        }
        account.to_string() + "\n"
    };
    *accounts = accounts.lines().map(line).collect();
    results
}

/// What a hunt says, without how many records it read to say so.
fn found(mut results: Results) -> Results {
    results.retain(|(name, _)| name != "summary.json");
    results
}

fn parts(data: &Path) -> Vec<PathBuf> {
    fn list(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() { list(&path, files) } else { files.push(path) }
        }
    }
    let mut files = Vec::new();
    list(&data.join("profile"), &mut files);
    files.sort();
    files
}

#[test]
fn a_hunt_from_increments_says_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let world = world(folder, "1", "0.4");
    let data = folder.join("data");
    succeed(&["ingest", text(&world.log), "--data-dir", text(&data), "--quiet"]);
    let accounts = ["--accounts", text(&world.accounts)];
    let plain = hunt(folder, "plain", &[&data], &accounts);
    let window = ["--since", "2026-04-24T06:00:00Z", "--until", "2026-05-04"];
    let plain_window = hunt(folder, "plain-window", &[&data], &window);
    let made = fold(&data, &[]);
    assert!(made["days"].as_u64() > Some(20) && made["hours"].as_u64() > Some(0) && made["blocks"] == 8, "{made}");
    assert_same(&hunt(folder, "folded", &[&data], &accounts), &plain, "from increments");
    assert_same(&hunt(folder, "folded-window", &[&data], &window), &plain_window, "a window of increments");

    // Folding again changes nothing.
    let before = parts(&data);
    let again = fold(&data, &[]);
    assert_eq!(again["profiles"], 0, "{again}");
    assert_eq!(parts(&data), before);

    // Without its exchanges it says the same, and knows where it cannot.
    let compact = fold(&data, &["--compact"]);
    assert!(compact["removed"].as_u64() > Some(10), "{compact}");
    assert_same(&hunt(folder, "compact", &[&data], &accounts), &plain, "from blocks");
    assert_same(&hunt(folder, "compact-window", &[&data], &window), &plain_window, "a window that cuts a block");
    fs::remove_dir_all(data.join("exchange")).expect("exchanges are removed");
    let (status, error) = failed(&["hunt", text(&data), "--out", text(&folder.join("missing"))]);
    assert!(status == 1 && error.contains("is missing") && error.contains("fsck"), "{status} {error}");
    forget(&data);
    let alone = hunt(folder, "alone", &[&data], &accounts);
    assert_same(&unnamed(alone), &unnamed(plain), "increments without exchanges");
    let cut = folder.join("cut");
    let (status, error) = failed(&["hunt", text(&data), "--out", text(&cut), "--since", "2026-04-27"]);
    assert_eq!(status, 2, "{error}");
    assert!(error.contains("the window cuts it") && error.contains("midnight"), "{error}");
    assert!(!cut.exists());
}

#[test]
fn late_and_repeated_hours_are_safe() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let world = world(folder, "2", "0.3");
    let early = some_lines(folder, "early.jsonl", &world.log, |number, _| number % 5 != 0);
    let data = folder.join("data");
    fold(&data, &[text(&early)]);
    let before = parts(&data);
    // The same logs again.
    let again = fold(&data, &[text(&early)]);
    assert_eq!((&again["accepted"], &again["profiles"]), (&0.into(), &0.into()), "{again}");
    assert_eq!(parts(&data), before);
    // What is late comes with what was there.
    let late = fold(&data, &[text(&world.log)]);
    assert!(late["days"].as_u64() > Some(20) && late["removed"].as_u64() > Some(20), "{late}");
    let whole = hunt(folder, "whole", &[&world.log], &[]);
    assert_same(&found(hunt(folder, "late", &[&data], &[])), &found(whole), "late exchanges");
}

#[test]
fn increments_of_several_machines_are_one_hunt() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let world = world(folder, "3", "0.3");
    let third =
        |place: usize| some_lines(folder, &format!("{place}.jsonl"), &world.log, |number, _| number % 3 == place);
    let logs = [third(0), third(1), third(2)];
    let whole = found(hunt(folder, "whole", &[&world.log], &[]));
    let [one, two, both] = ["one", "two", "both"].map(|name| folder.join(name));
    fold(&one, &[text(&logs[0])]);
    fold(&two, &[text(&logs[1])]);
    for data in [&one, &two] {
        assert_same(
            &found(hunt(folder, "mixed", &[&one, &two, &logs[2]], &[])),
            &whole,
            "increments of two machines and a log",
        );
        // One shard of every day goes first: its increments stand for it, beside the exchanges of the other shards.
        remove_shard(&data.join("exchange"));
        forget(data);
        assert_same(&found(hunt(folder, "shard", &[&one, &two, &logs[2]], &[])), &whole, "without a machine's shard");
        fs::remove_dir_all(data.join("exchange")).expect("exchanges are removed");
        forget(data);
    }
    assert_same(&found(hunt(folder, "gone", &[&one, &two, &logs[2]], &[])), &whole, "without the machines' exchanges");
    // One machine's increments under two names count once; a log that they are of is told.
    fold(&both, &[text(&logs[2])]);
    let copy = folder.join("copy");
    copy_all(&one, &copy);
    assert_same(&found(hunt(folder, "twice", &[&one, &copy, &two, &both], &[])), &whole, "the same increments twice");
    let out = folder.join("overlap");
    let (status, error) = failed(&["hunt", text(&one), text(&world.log), "--out", text(&out)]);
    assert_eq!(status, 2, "{error}");
    assert!(error.contains("are in an increment and elsewhere too"), "{error}");
    assert!(!out.exists());
}

/// Says that files are gone on purpose.
fn forget(data: &Path) {
    succeed(&["fsck", text(data), "--forget-missing", "--quiet"]);
}

/// Removes the folders of one shard.
fn remove_shard(folder: &Path) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.ends_with("shard=01") {
            fs::remove_dir_all(&path).expect("a shard is removed");
        } else if path.is_dir() {
            remove_shard(&path);
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder is made");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let place = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_all(&path, &place);
        } else {
            fs::copy(&path, &place).expect("a file is copied");
        }
    }
}

#[test]
fn a_folder_without_exchanges_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (status, error) = failed(&["fold", "--data-dir", text(folder.path())]);
    assert_eq!(status, 2, "{error}");
    assert!(error.contains("holds no exchanges") && error.contains("stillwatch ingest"), "{error}");
}
