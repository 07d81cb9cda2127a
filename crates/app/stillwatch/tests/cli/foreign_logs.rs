//! Logs that others write: what is passed over is counted, what is not read is named, and a map makes a log readable.

use std::fs;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::common::failed;
use crate::common::stillwatch;
use crate::common::text;

fn summary(found: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(found.join("summary.json")).unwrap()).unwrap()
}

const GOOD: &str = r#"{"id":"r1","at":"2026-04-22T00:00:01Z","account":"a1","request":{"messages":[{"role":"user","content":"name three rivers"}]}}"#;

#[test]
fn a_file_that_cannot_be_read_is_counted_and_named_and_is_no_reject() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("log")).unwrap();
    fs::write(at("log/good.jsonl"), GOOD).unwrap();
    fs::write(at("log/picture.json"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    fs::write(at("log/notes.txt"), "remember the milk").unwrap();
    let found = at("found");
    let (code, message) = failed(&["hunt", text(&at("log")), "--out", text(&found)]);
    assert_eq!(code, 3, "{message}");
    assert!(message.contains("picture.json") && message.contains("PNG"), "{message}");
    let summary = summary(&found);
    for (count, expected) in
        [("accepted", 1), ("refused", 0), ("unread_files", 1), ("skipped_files", 1), ("without_status", 1)]
    {
        assert_eq!(summary[count], expected, "{count} in {summary}");
    }
    assert_eq!(summary["without_account_records"], 1);
    assert!(summary["notes"].to_string().contains("notes.txt"), "{summary}");
}

#[test]
fn signals_that_are_no_exchange_are_counted_by_kind() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let span = |operation: &str| {
        json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "1", "spanId": "2", "startTimeUnixNano": "1776000000000000000",
            "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": operation}},
                           {"key": "gen_ai.request.model", "value": {"stringValue": "m"}},
                           {"key": "enduser.id", "value": {"stringValue": "a"}}]}]}]}]}).to_string()
    };
    fs::write(at("log.jsonl"), [span("chat"), span("execute_tool"), span("execute_tool")].join("\n")).unwrap();
    let output = stillwatch(&["hunt", text(&at("log.jsonl")), "--out", text(&at("found"))]);
    assert_eq!(output.status.code(), Some(0));
    let summary = summary(&at("found"));
    assert_eq!(summary["passed_over"], json!({"a tool's span": 2}));
    assert_eq!(summary["accepted"], 1);
    assert!(String::from_utf8_lossy(&output.stdout).contains("passed over: 2 of a tool's span"));
}

#[test]
fn a_map_makes_a_log_of_no_known_format_readable() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(
        at("log.jsonl"),
        r#"{"who":{"team":"t-1"},"when":"2026-04-22 00:00:01","said":"name three rivers","model":"m"}"#,
    )
    .unwrap();
    let run = |more: &[&str]| {
        failed(&[&["hunt", text(&at("log.jsonl")), "--out", text(&at("found")), "--quiet"], more].concat())
    };
    let (code, message) = run(&[]);
    assert_eq!(code, 3, "{message}");
    assert!(message.contains("`who`"), "{message}");
    fs::write(at("map.toml"), "[fields]\naccount = \"who.team\"\nat = \"when\"\ntext = \"said\"\nmodel = \"model\"\n")
        .unwrap();
    let (code, message) = run(&["--map", text(&at("map.toml"))]);
    assert_eq!(code, 0, "{message}");
    assert_eq!(summary(&at("found"))["accepted"], 1);
    fs::write(at("map.toml"), "[fields]\naccuont = \"who.team\"\n").unwrap();
    let (code, message) = run(&["--map", text(&at("map.toml"))]);
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("map.toml") && message.contains("accuont"), "{message}");
}

/// A value of another type than expected is told by its field and its type: it may be a prompt, a key or a card.
#[test]
fn no_reason_quotes_a_value() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let lines = [
        GOOD.to_owned(),
        r#"{"id":"r2","at":"SECRET","account":"a"}"#.to_owned(),
        r#"{"id":"r3","at":"2026-04-22T00:00:01Z","account":"a","request":{"params":{"max_tokens":"SECRET"}}}"#
            .to_owned(),
        r#"{"id":"r4","at":"2026-04-22T00:00:01Z","account":"a","request":"SECRET, expected SECRET"}"#.to_owned(),
        r#"{"id":"r5","at":"2026-04-22T00:00:01Z","account":"a","response":{"status":4711471147}}"#.to_owned(),
        "SECRET".to_owned(),
    ];
    fs::write(at("log.jsonl"), lines.join("\n")).unwrap();
    let (_, message) = failed(&["hunt", text(&at("log.jsonl")), "--out", text(&at("found")), "--quiet"]);
    let rejects = fs::read_to_string(at("found/rejects.jsonl")).unwrap();
    assert_eq!(rejects.lines().count(), 5, "{rejects}");
    for said in [&message, &rejects] {
        assert!(!said.contains("SECRET") && !said.contains("4711471147"), "{said}");
    }
    for field in ["at", "max_tokens", "request", "status"] {
        assert!(rejects.contains(field), "{field} in {rejects}");
    }
}

#[test]
fn a_table_of_text_is_read_with_a_map() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("log.csv"), "when;team;said\n2026-04-22 00:00:01;t-1;\"three;\nrivers\"\n2026-04-22;t-2\n").unwrap();
    let hunt = |more: &[&str]| {
        failed(&[&["hunt", text(&at("log.csv")), "--out", text(&at("found")), "--quiet"], more].concat())
    };
    let (code, message) = hunt(&[]);
    assert!(code == 3 && message.contains("`when`, `team`, `said`") && message.contains("--map"), "{code}: {message}");
    fs::write(at("map.toml"), "[fields]\nat = \"when\"\naccount = \"team\"\ntext = \"said\"\n").unwrap();
    let (_, message) = hunt(&["--map", text(&at("map.toml"))]);
    let summary = summary(&at("found"));
    assert_eq!((&summary["accepted"], &summary["refused"]), (&json!(1), &json!(1)), "{message}");
    let rejects = fs::read_to_string(at("found/rejects.jsonl")).unwrap();
    assert!(rejects.contains("\"line\":4") && rejects.contains("2 values under a header of 3"), "{rejects}");
}

#[test]
fn a_second_log_says_what_the_first_one_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("log.jsonl"), format!("{GOOD}\n{}\n", GOOD.replace("r1", "r2"))).unwrap();
    fs::write(
        at("access.csv"),
        "request_id,remote_addr,status,http_user_agent\nr1,203.0.113.7,200,harness/1.2\nr9,203.0.113.8,200,other\n",
    )
    .unwrap();
    let hunt = |join: &str| {
        let output =
            stillwatch(&["hunt", text(&at("log.jsonl")), "--join", text(&at(join)), "--out", text(&at("found"))]);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (code, message) = hunt("access.csv");
    assert_eq!((code, &summary(&at("found"))["joined"]), (Some(0), &json!(1)), "{message}");
    assert!(message.contains("says more of 1 of 2 exchanges"), "{message}");
    fs::write(at("other.jsonl"), "{\"id\":\"nobody\",\"ip\":\"203.0.113.7\"}\n{\"ip\":\"203.0.113.7\"}\n").unwrap();
    let (code, message) = hunt("other.jsonl");
    assert_eq!(code, Some(0), "{message}");
    assert!(message.contains("no id or trace of it is one of the log's"), "{message}");
    assert!(message.contains("could not be read, the first: ") && message.contains("line 2"), "{message}");
    let (code, message) = hunt("log.parquet");
    assert!(code == Some(3) && message.contains("log.parquet"), "{code:?}: {message}");
}
