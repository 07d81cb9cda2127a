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
