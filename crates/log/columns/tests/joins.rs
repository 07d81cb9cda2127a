//! What records say for each other, and what an ingest counts beside its rows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::fs;
use std::path::Path;

use columns::IngestOptions;
use columns::Ingested;
use columns::Store;
use columns::Table;
use columns::ingest;
use serde_json::Value;
use serde_json::json;
use workers::Silent;

/// Ingests files of lines; gives the counts, and the rows as `account text`, sorted.
fn ingested(files: &[(&str, Vec<Value>)]) -> (Ingested, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    fs::create_dir(&log).unwrap();
    for (name, lines) in files {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        fs::write(log.join(name), lines.join("\n")).unwrap();
    }
    let data = folder.path().join("data");
    let options =
        IngestOptions { inputs: vec![log.display().to_string()], keep_text: true, ..IngestOptions::default() };
    let ingested = ingest(&options, &data, &Silent::default()).unwrap();
    (ingested, rows(&data))
}

fn rows(data: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for file in Store::open(data).unwrap().exchange_files().unwrap() {
        let table = Table::open(&file).unwrap();
        for batch in table.read(0..table.row_groups(), &["account", "text"], 100).unwrap() {
            let batch = batch.unwrap();
            let text = |name| arrow_array::cast::AsArray::as_string::<i32>(batch.column_by_name(name).unwrap());
            all.extend(
                (0..batch.num_rows()).map(|row| format!("{} {}", text("account").value(row), text("text").value(row))),
            );
        }
    }
    all.sort();
    all
}

/// A capture with a key, and with the provider's name of the customer in the answer where one came.
fn capture(id: u32, key: &str, organization: Option<&str>) -> Value {
    let response = organization.map(|organization| {
        json!({"status": 200, "headers": {"anthropic-organization-id": organization},
               "body": {"type": "message", "content": [{"type": "text", "text": "yes"}], "usage": {"output_tokens": 1}}})
    });
    json!({"request": {"timestamp": 1_776_000_000 + id, "method": "POST", "url": "/v1/messages",
                       "headers": {"x-api-key": key}, "body": {"model": "m", "messages": [{"role": "user", "content": format!("ask {id}")}]}},
           "response": response})
}

#[test]
fn a_failure_stays_with_the_customer_of_its_key() {
    let lines = vec![capture(1, "key-one", None), capture(2, "key-one", Some("org-1")), capture(3, "key-two", None)];
    let (counts, rows) = ingested(&[("a.jsonl", lines)]);
    assert_eq!(counts.accepted, 3);
    assert_eq!(rows.iter().filter(|row| row.starts_with("org-1 ")).count(), 2, "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("xxh3:") && row.ends_with("ask 3")), "{rows:?}");
    assert_eq!((counts.counts.accounts_joined, counts.counts.accounts_by_key), (1, 1));
}

#[test]
fn a_key_of_two_customers_tells_nobodys_account() {
    let lines = vec![capture(1, "key", Some("org-1")), capture(2, "key", Some("org-2")), capture(3, "key", None)];
    let (_, rows) = ingested(&[("a.jsonl", lines)]);
    assert!(rows.iter().any(|row| row.starts_with("xxh3:") && row.ends_with("ask 3")), "{rows:?}");
}

#[test]
fn a_masked_key_is_no_account() {
    let (counts, rows) = ingested(&[("a.jsonl", vec![capture(1, "***", None), capture(2, "***", Some("org-1"))])]);
    assert_eq!((counts.accepted, counts.refused), (1, 1), "{rows:?}");
    assert!(counts.rejects[0].reason.contains("masked"), "{:?}", counts.rejects);
    assert_eq!(counts.rejects[0].line, 1);
    // What still shows its end is told from others, and belongs to their customer.
    let (counts, rows) =
        ingested(&[("a.jsonl", vec![capture(1, "ke...wxyz", None), capture(2, "ke...wxyz", Some("org-1"))])]);
    assert_eq!((counts.accepted, counts.refused), (2, 0), "{rows:?}");
    assert!(rows.iter().all(|row| row.starts_with("org-1 ")), "{rows:?}");
}

fn attributes(pairs: &[(&str, &str)]) -> Vec<Value> {
    pairs.iter().map(|(key, value)| json!({"key": key, "value": {"stringValue": value}})).collect()
}

fn span(number: u32, more: &[(&str, &str)]) -> Value {
    let mut own = vec![("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m")];
    own.extend(more);
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": format!("{number:032x}"), "spanId": format!("{number:016x}"),
        "startTimeUnixNano": format!("17760000{number:02}000000000"), "endTimeUnixNano": format!("17760000{number:02}500000000"),
        "attributes": attributes(&own)}]}]}]})
}

fn event(number: u32, text: &str) -> Value {
    let messages = json!([{"role": "user", "parts": [{"type": "text", "content": text}]}]).to_string();
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{
        "traceId": format!("{number:032x}"), "spanId": format!("{number:016x}"),
        "eventName": "gen_ai.client.inference.operation.details", "timeUnixNano": format!("17760000{number:02}900000000"),
        "attributes": attributes(&[("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m"), ("gen_ai.input.messages", &messages)])}]}]}]})
}

#[test]
fn a_span_and_the_event_of_one_call_are_one_exchange_in_either_order() {
    let spans = vec![span(1, &[("enduser.id", "user-1")]), span(2, &[("enduser.id", "user-2")])];
    for (first, second) in [("a.jsonl", "b.jsonl"), ("b.jsonl", "a.jsonl")] {
        let (counts, rows) = ingested(&[(first, spans.clone()), (second, vec![event(1, "what the event says")])]);
        assert_eq!(rows, ["user-1 what the event says", "user-2 "]);
        assert_eq!((counts.accepted, counts.refused, counts.counts.without_text), (2, 0, 1));
        assert_eq!(counts.counts.passed_over.values().sum::<u64>(), 1);
    }
    // An event whose span is not there, and that names nobody, is refused.
    let (counts, _) = ingested(&[("a.jsonl", vec![event(3, "alone")])]);
    assert_eq!((counts.accepted, counts.refused), (0, 1));
}

#[test]
fn one_id_on_two_calls_is_two_exchanges_and_a_warning() {
    let line = |second: u32, tokens: u32| json!({"id": "same", "at": format!("2026-04-22T00:00:{second:02}Z"), "account": "a", "response": {"output_tokens": tokens}});
    let lines = vec![line(1, 5), line(2, 5), line(1, 6), line(1, 5)];
    let (counts, rows) = ingested(&[("a.jsonl", lines)]);
    assert_eq!((counts.accepted, counts.duplicates, counts.reused_ids), (3, 1, 2), "{rows:?}");
}

#[test]
fn what_is_no_exchange_is_counted_by_kind() {
    let tool = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "1", "spanId": "2", "startTimeUnixNano": "1776000000000000000",
        "attributes": attributes(&[("gen_ai.operation.name", "execute_tool")])}]}]}]});
    let (counts, _) = ingested(&[
        ("a.jsonl", vec![span(1, &[("enduser.id", "user-1")]), tool]),
        ("b.jsonl", vec![json!({"name": "no log", "version": 1})]),
        ("c.txt", vec![json!({})]),
    ]);
    assert_eq!(counts.accepted, 1);
    assert_eq!(counts.counts.passed_over.get("a tool's span"), Some(&1), "{:?}", counts.counts);
    assert_eq!((counts.unread.len(), counts.skipped.len(), counts.refused), (1, 1, 0), "{counts:?}");
    assert!(counts.unread[0].file.ends_with("b.jsonl") && counts.skipped[0].ends_with("c.txt"));
}

#[test]
fn the_record_of_one_caller_decides_for_no_other() {
    let line = |id: u32, params: bool| {
        let mut body =
            json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": format!("ask {id}")}]});
        if params {
            body["params"] = json!({});
        }
        json!({"id": format!("r{id}"), "at": "2026-04-22T00:00:00Z", "account": "a", "client_ip": "203.0.113.1",
               "headers": {"x-api-key": "k"}, "request": body,
               "response": {"type": "message", "content": [], "usage": {"input_tokens": 3, "output_tokens": 4}}})
    };
    let of = |poisoned: bool| ingested(&[("a.jsonl", (0..5).map(|id| line(id, poisoned && id == 0)).collect())]).1;
    assert_eq!(of(true), of(false));
}

#[test]
fn the_requests_of_a_batch_are_joined_with_its_results() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, lines: &[Value]| {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        let path = folder.path().join(name);
        fs::write(&path, lines.join("\n")).unwrap();
        path.display().to_string()
    };
    let result = |name: &str| {
        json!({"id": format!("batch_{name}"), "custom_id": name, "error": null,
               "response": {"status_code": 200, "body": {"created": 1_776_816_000, "model": "m", "choices": [{"message": {"content": "yes"}}]}}})
    };
    let request = |name: &str| {
        json!({"custom_id": name, "method": "POST", "url": "/v1/chat/completions",
               "body": {"model": "m", "messages": [{"role": "user", "content": format!("ask {name}")}]}})
    };
    let owner = |name: &str, account: &str| json!({"id": format!("batch_{name}"), "account": account});
    let inputs = vec![write("results.jsonl", &[result("a"), result("b"), result("c")])];
    let joins = vec![
        write("requests.jsonl", &[request("a"), request("b")]),
        write("owners.jsonl", &[owner("a", "acct_1"), owner("b", "acct_2")]),
    ];
    let data = folder.path().join("data");
    let options = IngestOptions { inputs, joins, keep_text: true, ..IngestOptions::default() };
    let ingested = ingest(&options, &data, &Silent::default()).unwrap();
    assert_eq!(rows(&data), ["acct_1 ask a", "acct_2 ask b"]);
    assert_eq!((ingested.accepted, ingested.refused, ingested.second_log.exchanges), (2, 1, 2));
    let reason = &ingested.rejects[0].reason;
    assert!(reason.contains("no account") && reason.contains("--map") && reason.contains("--join"), "{reason}");
}

#[test]
fn a_call_that_is_logged_in_parts_is_one() {
    let part = |call: &str, number: u32, asked: &str, answered: &str| {
        json!({"category": "GatewayLlmLogs", "correlationId": call, "time": "2026-04-22T00:00:00Z",
               "properties": {"sequenceNumber": number, "deploymentName": "m", "apimSubscriptionId": "team-1",
                              "requestMessages": asked, "responseMessages": answered}})
    };
    let (asked, answered) = (r#"[{"role":"user","content":"ask "#, r#"[{"role":"assistant","content":"yes"}]"#);
    let lines = vec![
        part("a", 1, "one\"}]", ""),
        part("a", 0, asked, answered),
        part("b", 0, &format!("{asked}two\"}}]"), answered),
        part("c", 1, "three\"}]", ""),
        part("d", 0, asked, answered),
    ];
    let (counts, rows) = ingested(&[("a.jsonl", lines.clone())]);
    assert_eq!(rows, ["team-1 ", "team-1 ask one", "team-1 ask two"], "a text that stays cut is none");
    assert_eq!(counts.counts.passed_over.values().sum::<u64>(), 2, "{:?}", counts.counts);
    let halves = lines.split_at(1);
    let (_, again) = ingested(&[("a.jsonl", halves.1.to_vec()), ("b.jsonl", halves.0.to_vec())]);
    assert_eq!(again, rows);
}

/// A span of one trace, in an export of its own.
fn lone_span(trace: u8, id: u8, attributes: &Value) -> Value {
    let attributes: Vec<Value> = attributes
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))
        .collect();
    let start = 1_776_000_000_000_000_000_u64 + u64::from(id);
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": format!("{trace:032x}"), "spanId": format!("{id:016x}"),
        "startTimeUnixNano": start.to_string(), "attributes": attributes}]}]}]})
}

/// A log record of one message, in an export of its own.
fn message(trace: u8, id: u8, at: u64, name: &str, text: &str) -> Value {
    let body = json!({"kvlistValue": {"values": [{"key": "content", "value": {"stringValue": text}}]}});
    let time = (1_776_000_000_000_000_000_u64 + at * 1000).to_string();
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"traceId": format!("{trace:032x}"), "spanId": format!("{id:016x}"),
        "timeUnixNano": time, "eventName": name, "body": body}]}]}]})
}

#[test]
fn the_messages_of_a_call_are_put_together_from_several_exports() {
    let call = json!({"gen_ai.request.model": "m", "enduser.id": "acct-1"});
    let lines = vec![
        message(1, 1, 3, "gen_ai.user.message", "then"),
        message(1, 1, 2, "gen_ai.user.message", "first"),
        lone_span(1, 1, &call),
        message(2, 9, 2, "gen_ai.user.message", "whose span is lost"),
    ];
    let (counts, rows) = ingested(&[("a.jsonl", lines)]);
    assert_eq!(rows, ["acct-1 first\nthen"]);
    assert_eq!((counts.accepted, counts.refused, counts.counts.without_text), (1, 0, 0));
    let passed: u64 = counts.counts.passed_over.values().sum();
    assert_eq!(passed, 3, "{:?}", counts.counts.passed_over);
}

#[test]
fn a_call_belongs_to_whoever_another_span_of_its_trace_names() {
    let agent = |name: &str| json!({"gen_ai.operation.name": "invoke_agent", "enduser.id": name});
    let call = json!({"gen_ai.request.model": "m"});
    let lines = vec![
        lone_span(1, 1, &call),
        lone_span(1, 2, &agent("acct-1")),
        lone_span(2, 3, &call),
        lone_span(2, 4, &agent("acct-2")),
        lone_span(2, 5, &agent("acct-3")),
    ];
    let (counts, rows) = ingested(&[("a.jsonl", lines)]);
    assert_eq!(rows, ["acct-1 "]);
    // A trace of two accounts tells nobody's.
    assert_eq!((counts.accepted, counts.refused, counts.counts.accounts_joined), (1, 1, 1));
}
