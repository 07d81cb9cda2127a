//! Questions to the table of exchanges, over the API of the real binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;

use serde_json::Value;
use serde_json::json;

use crate::api::Served;
use crate::api::is_problem;
use crate::api::token;
use crate::common::succeed;
use crate::common::text;

/// A name and an agent that an adversary chose.
const HOSTILE: &str = "<script>alert(1)</script> \u{202e}\"x\" \\";
/// What nobody may see outside a case.
const PROMPT: &str = "sort the tools of the garden shed by their weight";

/// A hundred exchanges of four days, of ten accounts, and one that is hostile, with prompts that are kept.
fn seed(folder: &Path) -> std::path::PathBuf {
    let line = |number: u32| {
        json!({
            "id": format!("req_{number}"), "at": format!("2026-04-{:02}T{:02}:10:00Z", 20 + number / 25, number % 24),
            "account": format!("acct_{}", number % 10), "key": "key_1",
            "client": {"ip": format!("203.0.113.{}", number % 5), "user_agent": "tool/1.2"},
            "request": {"model": if number.is_multiple_of(4) { "m-small" } else { "m-large" },
                "messages": [{"role": "user", "content": PROMPT}]},
            "response": {"status": if number.is_multiple_of(7) { 429 } else { 200 }, "input_tokens": number, "output_tokens": 5}
        })
        .to_string()
    };
    let hostile = json!({"id": HOSTILE, "at": "2026-04-23T23:59:59Z", "account": HOSTILE, "client": {"user_agent": HOSTILE},
        "request": {"model": "m".repeat(5_000), "messages": [{"role": "user", "content": PROMPT}]}});
    let lines: Vec<String> = (0..100).map(line).chain([hostile.to_string()]).collect();
    let (log, data, out) = (folder.join("log.jsonl"), folder.join("data"), folder.join("out"));
    fs::write(&log, lines.join("\n")).unwrap();
    succeed(&["ingest", text(&log), "--data-dir", text(&data), "--keep-text", "--quiet"]);
    succeed(&["hunt", text(&data), "--data-dir", text(&data), "--out", text(&out), "--quiet"]);
    data
}

/// A text as it stands in an address.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn cells(row: &Value) -> BTreeMap<&str, &str> {
    let values = row["values"].as_array().unwrap();
    values.iter().map(|cell| (cell["field"].as_str().unwrap(), cell["value"].as_str().unwrap())).collect()
}

#[test]
fn the_table_of_exchanges_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let data = seed(folder.path());
    let reader = token(&data, "rita", "reader");
    let served = Served::start(&data, &folder.path().join("out"), &[]);
    is_problem(&served.get("/api/v1/explore", ""), 401);
    is_problem(&served.get("/api/v1/explore/fields", ""), 401);
    let ask = |question: &str, more: &str| {
        let (status, told, _) = served.get(&format!("/api/v1/explore?q={}{more}", escaped(question)), &reader);
        assert_eq!(status, 200, "{question}: {told}");
        assert!(!told.to_string().contains("garden"), "the text of a prompt came out");
        told
    };
    let all = ask("", "");
    assert_eq!((&all["rows"], &all["accounts"], &all["is_complete"]), (&101.into(), &11.into(), &true.into()), "{all}");
    assert_eq!((&all["before"], &all["table_from"]), (&Value::Null, &"2026-04-20T00:10:00Z".into()));
    assert_eq!(all["newest"].as_array().unwrap().len(), 50);
    let rows =
        |told: &Value| told["buckets"].as_array().unwrap().iter().map(|one| one["rows"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(rows(&all), 101);
    // A day, with the day before, and the models of both.
    let day = ask("from:2026-04-22 to:2026-04-23 status:200", "&top=model&rows=3");
    assert_eq!(day["before"]["from"], "2026-04-21T00:00:00Z", "{day}");
    let of_day = |day: u32| (0..100_u32).filter(|number| number / 25 == day && number % 7 != 0).count();
    assert_eq!((&day["rows"], &day["before"]["rows"]), (&of_day(2).into(), &of_day(1).into()));
    let first = &day["top"]["values"][0];
    let large =
        |day: u32| (0..100_u32).filter(|number| number / 25 == day && number % 7 != 0 && number % 4 != 0).count();
    assert_eq!(
        (&first["value"], &first["rows"], &first["rows_before"]),
        (&"m-large".into(), &large(2).into(), &large(1).into())
    );
    assert_eq!(day["newest"].as_array().unwrap().len(), 3);
    // The term of a value asks for it; a keyed hash leads to what has it.
    let address = cells(&day["newest"][0])["ip"].to_owned();
    assert_eq!(ask(&format!("ip:{address}"), "")["rows"], 20);
    assert!(!all.to_string().contains("203.0.113"), "an address came out");
    let hostile = all["newest"][0].clone();
    assert_eq!((cells(&hostile)["account"], cells(&hostile)["user_agent"]), (HOSTILE, HOSTILE));
    for cell in hostile["values"].as_array().unwrap() {
        assert_eq!(ask(cell["term"].as_str().unwrap(), "&rows=1")["newest"][0], hostile, "{cell}");
    }
    assert_eq!(ask(&format!("-{}", first["term"].as_str().unwrap()), "")["rows"], 101 - 75);
    mistakes_are_told(&served, &reader);
}

fn mistakes_are_told(served: &Served, reader: &str) {
    let get = |more: &str| served.get(&format!("/api/v1/explore{more}"), reader);
    let wrong = get(&format!("?q={}", escaped("status:200 modle:x")));
    is_problem(&wrong, 400);
    assert_eq!(wrong.1["place"], json!({ "start": 11, "end": 16 }));
    let detail = wrong.1["detail"].as_str().unwrap();
    assert!(detail.starts_with("character 12: ") && detail.contains("did you mean model?"), "{detail}");
    for bad in ["?rows=201", "?values=0", "?values=101", "?top=text", "?top=", "?limit=3", "?q=text%3Ax", "?rows=x"] {
        is_problem(&get(bad), 400);
    }
    is_problem(&get(&format!("?q={}", "x".repeat(5_000))), 400);
    let (_, fields, _) = served.get("/api/v1/explore/fields", reader);
    let names: Vec<&str> =
        fields["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"account") && !names.contains(&"text"), "{names:?}");
    for field in fields["items"].as_array().unwrap() {
        let example = escaped(field["example"].as_str().unwrap());
        let (status, told, _) = get(&format!("?q={example}&top={}", field["name"].as_str().unwrap()));
        assert_eq!(status, 200, "{field}: {told}");
    }
}

#[test]
fn two_questions_are_answered_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = seed(folder.path());
    let reader = token(&data, "rita", "reader");
    let served = Served::start(&data, &folder.path().join("out"), &[]);
    let told: Vec<(u16, Value)> = thread::scope(|scope| {
        let ask = || {
            (0..40).map(|_| served.get("/api/v1/explore", &reader)).map(|(status, told, _)| (status, told)).collect()
        };
        let all: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        all.into_iter().flat_map(|one| -> Vec<(u16, Value)> { one.join().unwrap() }).collect()
    });
    let of = |status: u16| told.iter().filter(|(told, _)| *told == status).count();
    assert_eq!(of(200) + of(429), told.len());
    assert!(of(200) >= 2 && of(429) > 0, "{} {}", of(200), of(429));
    let (_, refused) = told.iter().find(|(status, _)| *status == 429).unwrap();
    assert!(refused["code"] == "busy" && refused["detail"].as_str().unwrap().contains("ask again"), "{refused}");
    // The turns come back.
    assert_eq!(served.get("/api/v1/explore", &reader).0, 200);
}
