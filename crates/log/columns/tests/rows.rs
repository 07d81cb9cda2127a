//! Rows are read as they were written, and which of two records of one id stays does not depend on their order.

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
use columns::Observations;
use columns::Store;
use columns::Table;
use columns::exchange_schema;
use columns::ingest;
use observation::Observation;
use observation::Observer;
use proptest::prelude::*;
use record::Input;
use workers::Silent;

/// An exchange as a line of a log. Every argument changes something that a profile is made of.
fn line(id: u32, agent: u8, system: u8, prompt: u8, status: Option<u16>, turns: usize) -> String {
    let mut messages = Vec::new();
    for turn in 0..turns {
        messages.push(serde_json::json!({"role": "user", "content": format!("turn {turn} of the talk about boats")}));
        messages.push(serde_json::json!({"role": "assistant", "content":
            format!("the boat number {turn} is painted in blue and has a mast, and it sails in the morning to the isle")}));
    }
    messages.push(serde_json::json!({"role": "user", "content":
        format!("write the story number {prompt} about a gardener who sorts the tools of the shed by weight")}));
    let answer = "the gardener took the heaviest spade first and then the rake, and sorted all the tools of the shed by \
                  their weight until the evening came and the lamp was lit";
    serde_json::json!({
        "id": format!("req_{id}"), "at": format!("2026-05-01T00:00:{:02}Z", id % 60), "account": format!("acct_{}", id % 3),
        "end_user": "someone", "conversation": format!("talk_{id}"),
        "client": {"ip": "203.0.113.7", "asn": 64_500, "user_agent": format!("tool/{agent}"), "ja4": "t13d", "headers": "a1"},
        "request": {"model": "m-large", "messages": messages,
            "system": format!("You are the helper number {system} of a shop for garden tools, and you answer in short sentences.")},
        "response": {"status": status, "input_tokens": 5, "content": answer}
    })
    .to_string()
}

fn ingest_lines(lines: &[String], folder: &Path, name: &str) -> std::path::PathBuf {
    let (log, data) = (folder.join(format!("{name}.jsonl")), folder.join(name));
    fs::write(&log, lines.join("\n")).unwrap();
    let options = IngestOptions { inputs: vec![log.display().to_string()], ..IngestOptions::default() };
    ingest(&options, &data, &Silent::default()).unwrap();
    data
}

/// The observations of a data directory as text, sorted by id.
fn observations(data: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for file in Store::open(data).unwrap().exchange_files().unwrap() {
        let table = Table::open(&file).unwrap();
        let names: Vec<&str> = ["id"].iter().chain(Observation::COLUMNS).copied().collect();
        for batch in table.read(0..table.row_groups(), &names, 7).unwrap() {
            let batch = batch.unwrap();
            let ids = arrow_array::cast::AsArray::as_string::<i32>(batch.column_by_name("id").unwrap());
            let rows = Observations::new(&batch).unwrap();
            all.extend((0..rows.len()).map(|row| format!("{} {:?}", ids.value(row), rows.get(row))));
        }
    }
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn observations_are_read_as_they_were_written(
        seeds in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), proptest::option::of(200_u16..600), 0_usize..3), 1..30)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let lines: Vec<String> = seeds
            .iter()
            .zip(0..)
            .map(|((agent, system, prompt, status, turns), id)| line(id, *agent, *system, *prompt, *status, *turns))
            .collect();
        let data = ingest_lines(&lines, folder.path(), "data");
        let mut expected = Vec::new();
        for input in record::expand(&[folder.path().join("data.jsonl").display().to_string()]).unwrap() {
            read(&input, &mut expected);
        }
        expected.sort();
        prop_assert_eq!(observations(&data), expected);
    }
}

fn read(input: &Input, expected: &mut Vec<String>) {
    let mut observer = Observer::default();
    let blocks = input.open(None).unwrap();
    for block in blocks {
        block.unwrap().read(&mut |item| {
            let exchange = item.unwrap();
            let features = observer.observe(&exchange);
            expected.push(format!("{} {:?}", exchange.id, features.observation(&exchange)));
        });
    }
}

/// Two records of one id that differ in one thing only: the same one stays in either order.
#[test]
fn of_two_records_of_one_id_the_same_stays_in_any_order() {
    let first = line(1, 1, 1, 1, Some(200), 1);
    let others = [
        ("user agent", line(1, 2, 1, 1, Some(200), 1)),
        ("system prompt", line(1, 1, 2, 1, Some(200), 1)),
        ("prompt", line(1, 1, 1, 2, Some(200), 1)),
        ("status", line(1, 1, 1, 1, Some(429), 1)),
        ("conversation", line(1, 1, 1, 1, Some(200), 2)),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (what, other) in others {
        let forth = ingest_lines(&[first.clone(), other.clone()], folder.path(), &format!("{what} forth"));
        let back = ingest_lines(&[other, first.clone()], folder.path(), &format!("{what} back"));
        let (forth, back) = (observations(&forth), observations(&back));
        assert_eq!(forth.len(), 1, "{what}: one record of an id stays");
        assert_eq!(forth, back, "{what}: which one depends on the order");
    }
}

#[test]
fn the_reference_of_the_columns_names_every_column() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/columns.md")).unwrap();
    for field in exchange_schema().fields() {
        assert!(docs.contains(&format!("`{}`", field.name())), "docs/columns.md says nothing of {}", field.name());
    }
}
