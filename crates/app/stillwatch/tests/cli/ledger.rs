//! The ledger from the command line: it is added to by ingests and hunts, proves exchanges, and refuses what was changed.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::common::command;
use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

fn log(folder: &Path, name: &str, records: std::ops::Range<u32>) -> String {
    let path = folder.join(name);
    let line = |id: u32| {
        format!(
            r#"{{"id":"r{id}","at":"2026-04-{:02}T00:00:01Z","account":"a{}","client":{{"ip":"203.0.113.77"}},"request":{{"messages":[{{"role":"user","content":"the quick brown fox jumps over {id} dogs"}}]}},"response":{{"output_tokens":{id}}}}}"#,
            1 + id % 4,
            id % 9
        )
    };
    fs::write(&path, records.map(line).collect::<Vec<_>>().join("\n")).unwrap();
    path.display().to_string()
}

fn verified(data: &Path, more: &[&str]) -> (i32, Value) {
    let output = stillwatch(&[&["ledger", "verify", "--data-dir", text(data), "--json"], more].concat());
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("ledger verify prints JSON, and not {}", String::from_utf8_lossy(&output.stderr));
    });
    (output.status.code().unwrap(), told)
}

#[test]
fn an_ingest_is_recorded_and_a_changed_table_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = log(folder.path(), "a.jsonl", 0..300);
    succeed(&["ingest", &first, "--data-dir", text(&data), "--quiet"]);
    let head = folder.path().join("head");
    fs::write(&head, succeed(&["ledger", "head", "--data-dir", text(&data)])).unwrap();
    succeed(&["ingest", &log(folder.path(), "b.jsonl", 300..500), "--data-dir", text(&data), "--quiet"]);
    let (status, told) = verified(&data, &["--checkpoint", text(&head)]);
    assert_eq!(
        (status, &told["exchanges"], &told["known_heads"], &told["waiting"]),
        (0, &500.into(), &1.into(), &0.into()),
        "{told}"
    );
    // The same again adds nothing.
    let entries = told["entries"].clone();
    succeed(&["ingest", &first, "--data-dir", text(&data), "--quiet"]);
    assert_eq!(verified(&data, &[]).1["entries"], entries);
    // What was left to a later run is told, and added by it.
    let third = log(folder.path(), "c.jsonl", 500..600);
    succeed(&["ingest", &third, "--data-dir", text(&data), "--quiet", "--no-ledger"]);
    assert_ne!(verified(&data, &[]).1["waiting"], 0);
    succeed(&["ingest", &third, "--data-dir", text(&data), "--quiet"]);
    let (status, told) = verified(&data, &[]);
    assert_eq!((status, &told["exchanges"], &told["waiting"]), (0, &600.into(), &0.into()));
    // One byte of one record.
    let records = data.join("ledger/records");
    let mut bytes = fs::read(&records).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&records, bytes).unwrap();
    let (status, told) = verified(&data, &[]);
    assert_eq!((status, &told["faults"][0]["kind"]), (4, &"changed".into()), "{told}");
}

#[test]
fn an_exchange_is_proven_and_its_text_is_kept_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    succeed(&["ingest", &log(folder.path(), "a.jsonl", 0..300), "--data-dir", text(&data), "--quiet", "--keep-text"]);
    let proof =
        |more: &[&str]| succeed(&[&["ledger", "proof", "--data-dir", text(&data), "--exchange", "r17"], more].concat());
    let shown = proof(&["--text", "--identifiers"]);
    let parsed: journal::ExchangeProof = serde_json::from_str(&shown).unwrap();
    let all = format!("{:?}", parsed.check().unwrap().1);
    assert!(all.contains("the quick brown fox jumps over 17 dogs") && all.contains("203.0.113.77"), "{all}");
    let parsed: journal::ExchangeProof = serde_json::from_str(&proof(&[])).unwrap();
    let all = format!("{:?}", parsed.check().unwrap().1);
    assert!(!all.contains("quick brown") && !all.contains("203.0.113.77") && all.contains("r17"), "{all}");
    let (status, error) = failed(&["ledger", "proof", "--data-dir", text(&data), "--exchange", "none"]);
    assert!(status == 2 && error.contains("holds no exchange"), "{error}");
    let entry = succeed(&["ledger", "proof", "--data-dir", text(&data), "--entry", "0"]);
    assert!(entry.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n"), "{entry}");
    let (status, error) = failed(&["ledger", "proof", "--data-dir", text(&data), "--entry", "100000"]);
    assert!(status == 2 && error.contains("entries"), "{error}");
    let (status, error) = failed(&["ledger", "head", "--data-dir", text(folder.path())]);
    assert!(status == 2 && error.contains("no ledger"), "{error}");
}

#[test]
fn a_witness_signs_heads_and_refuses_another_past() {
    let folder = tempfile::tempdir().unwrap();
    let (data, key) = (folder.path().join("data"), folder.path().join("witness.key"));
    let cosign = ["ledger", "cosign", "--data-dir", text(&data), "--key", text(&key), "--name", "witness.example"];
    succeed(&["ingest", &log(folder.path(), "a.jsonl", 0..30), "--data-dir", text(&data), "--quiet"]);
    assert!(succeed(&cosign).contains("\u{2014} witness.example "));
    succeed(&["ingest", &log(folder.path(), "b.jsonl", 30..60), "--data-dir", text(&data), "--quiet"]);
    succeed(&cosign);
    let head: Value = serde_json::from_str(&succeed(&["ledger", "head", "--data-dir", text(&data), "--json"])).unwrap();
    assert_eq!(head["witnesses"][0]["name"], "witness.example");
    assert_eq!(verified(&data, &[]).0, 0);
    // Everything anew, with the same keys.
    for entry in fs::read_dir(data.join("ledger")).unwrap() {
        let path = entry.unwrap().path();
        match path.file_name().unwrap().to_str().unwrap() {
            "key" | "salts" => {}
            _ if path.is_dir() => fs::remove_dir_all(path).unwrap(),
            _ => fs::remove_file(path).unwrap(),
        }
    }
    succeed(&["ingest", &log(folder.path(), "c.jsonl", 60..90), "--data-dir", text(&data), "--quiet"]);
    assert_eq!(verified(&data, &[]).0, 0, "the ledger alone cannot tell");
    let (status, error) = failed(&cosign);
    assert!(status == 4 && error.contains("not signed"), "{status} {error}");
}

/// A run that is killed at any moment, and run again, leaves each exchange once in the table and once in the ledger.
#[test]
fn killed_ingests_neither_lose_nor_double() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for round in 0..20_u32 {
        let log = log(folder.path(), "part.jsonl", round * 400..(round + 1) * 400);
        for delay in [3 + u64::from(round) * 4, 150 - u64::from(round) * 5] {
            let mut child = command()
                .args(["ingest", &log, "--data-dir", text(&data), "--quiet"])
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            thread::sleep(Duration::from_millis(delay));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        succeed(&["ingest", &log, "--data-dir", text(&data), "--quiet"]);
        let (status, told) = verified(&data, &[]);
        let counted = (&told["exchanges"], &told["waiting"]);
        assert_eq!((status, counted), (0, (&((round + 1) * 400).into(), &0.into())), "{told}");
    }
}

#[test]
fn a_hunt_records_its_verdicts_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "0.2");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let hunt = |input: &Path| {
        succeed(&[
            "hunt",
            text(input),
            "--accounts",
            text(&world.accounts),
            "--data-dir",
            text(&data),
            "--out",
            text(&out),
            "--quiet",
        ]);
        let (status, told) = verified(&data, &[]);
        assert_eq!(status, 0, "{told}");
        (told["entries"].as_u64().unwrap(), fs::read(out.join("campaigns.json")).unwrap())
    };
    let (entries, campaigns) = hunt(&world.log);
    let found: Value = serde_json::from_slice(&campaigns).unwrap();
    let found = found.as_array().unwrap().len() as u64;
    assert!(found > 0, "the world has campaigns");
    let (again, same) = hunt(&data);
    assert_eq!(same, campaigns);
    assert_eq!(again, entries, "what did not change is not written again");
}
