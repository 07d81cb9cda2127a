//! What is given beside the log: enforcement acts, lists, word vectors; and what a campaign was served.

use std::fs;

use serde_json::Value;

use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

fn json(path: &std::path::Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn acts_are_counted_and_a_bad_one_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "3", "0.2");
    let at = |name: &str| folder.path().join(name);
    let account = fs::read_to_string(&world.accounts).unwrap();
    let account: Value = serde_json::from_str(account.lines().next().unwrap()).unwrap();
    let good = format!(r#"{{"at":"2026-04-25T00:00:00Z","account":{},"action":"ban"}}"#, account["account"]);
    fs::write(at("acts.jsonl"), format!("{good}\n{{\"account\":\"x\"}}\n{{\"at\":\"soon\",\"account\":\"x\"}}\n"))
        .unwrap();
    let base = ["hunt", text(&world.log), "--accounts", text(&world.accounts), "--quiet", "--out"];
    let (found, acts) = (at("found"), at("acts.jsonl"));
    let arguments = [&base[..], &[text(&found), "--actions", text(&acts)]].concat();
    // Acts are counted with account records when it comes to how many may be refused: two are few.
    succeed(&arguments);
    assert_eq!(json(&at("found").join("summary.json"))["acts"], 1);
    let rejects = fs::read_to_string(at("found").join("rejects.jsonl")).unwrap();
    assert!(
        rejects.contains("acts.jsonl") && rejects.contains("\"line\":2") && rejects.contains("\"line\":3"),
        "{rejects}"
    );
    let (code, message) = failed(&[&base[..], &[text(&at("none")), "--actions", text(&at("nowhere.jsonl"))]].concat());
    assert!(code == 3 || code == 2 || code == 1, "{code}");
    assert!(message.contains("nowhere.jsonl"), "{message}");
    assert!(!at("none").exists());
}

#[test]
fn lists_and_word_vectors_that_are_none_are_named_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("log.jsonl"), "{\"id\":\"r\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"a\"}\n").unwrap();
    fs::write(at("asns.txt"), "# hosting\nAS64500\n\nfortress\n").unwrap();
    fs::write(at("vectors.txt"), "tree 1 2 3\nriver 1 2\n").unwrap();
    let base = ["hunt", text(&at("log.jsonl")), "--quiet", "--out", text(&at("found"))].map(str::to_owned);
    let base: Vec<&str> = base.iter().map(String::as_str).collect();
    for (option, file, said) in [("--hosting-asns", "asns.txt", "line 4"), ("--embedding", "vectors.txt", "line 2")] {
        let (code, message) = failed(&[&base[..], &[option, text(&at(file))]].concat());
        assert_eq!(code, 2, "{message}");
        assert!(message.contains(said) && message.contains(file), "{message}");
        assert!(!at("found").exists());
    }
    fs::write(at("asns.txt"), "# hosting\nAS64500\n64501 a company\n").unwrap();
    fs::write(at("vectors.txt"), "tree 1 2 3\nriver 1 2 4\n").unwrap();
    let (asns, vectors) = (at("asns.txt"), at("vectors.txt"));
    succeed(&[&base[..], &["--hosting-asns", text(&asns), "--embedding", text(&vectors)]].concat());
}

#[test]
fn vectors_of_two_embedders_are_not_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("log.jsonl"), "{\"id\":\"r\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"a\"}\n").unwrap();
    fs::write(at("vectors.txt"), "tree 1 2 3\nriver 1 2 4\n").unwrap();
    let (log, data, vectors, found) = (at("log.jsonl"), at("data"), at("vectors.txt"), at("found"));
    succeed(&["ingest", text(&log), "--data-dir", text(&data), "--quiet"]);
    let other = ["ingest", text(&log), "--data-dir", text(&data), "--quiet", "--embedding", text(&vectors)];
    let (code, message) = failed(&other);
    assert!(code == 2 && message.contains("--embedding"), "{code} {message}");
    let (code, message) = failed(&["hunt", text(&data), "--out", text(&found), "--embedding", text(&vectors), "-q"]);
    assert!(code == 2 && message.contains("word-vectors"), "{code} {message}");
    succeed(&["hunt", text(&data), "--out", text(&found), "-q"]);
}

#[test]
fn an_earlier_columnar_form_is_refused_and_says_what_to_do() {
    let days = ["exchange/v1", "exchange/v2", "exchange/v3"].map(|form| format!("{form}/day=2026-04-22"));
    let spans = ["profile/v1", "profile/v2"].map(|form| format!("{form}/span=day"));
    for earlier in days.iter().chain(&spans) {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("log.jsonl"), "{\"id\":\"r\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"a\"}\n").unwrap();
        let (data, log, found) = (at("data"), at("log.jsonl"), at("found"));
        // A directory with a manifest, as the versions before wrote it too.
        succeed(&["ingest", text(&log), "--data-dir", text(&data), "-q"]);
        fs::create_dir_all(at("data").join(earlier)).unwrap();
        for arguments in [
            vec!["hunt", text(&data), "--out", text(&found), "-q"],
            vec!["ingest", text(&log), "--data-dir", text(&data), "-q"],
        ] {
            let (code, message) = failed(&arguments);
            assert!(code == 2 && message.contains("ingest the logs again"), "{earlier}: {code} {message}");
        }
        assert!(!found.exists());
    }
}

#[test]
fn what_was_served_is_counted_anew_and_earlier_figures_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "1");
    let at = |name: &str| folder.path().join(name);
    let hunt = |out: &str, more: &[&str]| -> Value {
        let (found, data) = (at(out), at("data"));
        let base = ["hunt", text(&world.log), "--accounts", text(&world.accounts), "--data-dir", text(&data)];
        succeed(&[&base[..], &["--out", text(&found), "-q"], more].concat());
        json(&found.join("campaigns.json"))
    };
    let first = hunt("first", &["--until", "2026-05-01"]);
    let second = hunt("second", &[]);
    let of = |campaigns: &Value, id: &Value| {
        let campaigns = campaigns.as_array().unwrap();
        campaigns.iter().find(|campaign| campaign["id"] == *id).map(|campaign| campaign["leak"].clone())
    };
    let known = first.as_array().unwrap().iter().filter_map(|campaign| of(&second, &campaign["id"]));
    let mut compared = 0;
    for leak in known {
        compared += 1;
        let count = |pointer: &str| leak.pointer(pointer).and_then(Value::as_u64).unwrap();
        assert_eq!(leak["revisions"].as_array().unwrap().len(), 2);
        assert!(leak["first_alarm"].as_str().unwrap() < "2026-05-01", "{}", leak["first_alarm"]);
        assert!(count("/before_alarm/high") <= count("/high") && count("/before_alarm/high") > 0);
        assert!(count("/low") <= count("/exchanges") && count("/exchanges") <= count("/high"));
        let parts = leak["by_capability"].as_array().unwrap().iter().map(|part| part["high"].as_u64().unwrap());
        assert!(parts.sum::<u64>().abs_diff(count("/high")) <= 8);
        assert!(leak["contained"].is_null());
    }
    assert!(compared > 0, "no campaign was found in both runs");
}
