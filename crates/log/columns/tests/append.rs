//! Rows that are added piece by piece are those of one ingest, whatever the pieces, their order and the stops between them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use columns::Appender;
use columns::IngestOptions;
use columns::Mending;
use columns::RowId;
use columns::RowMaker;
use columns::Store;
use columns::check_data_dir;
use columns::ingest;
use columns::row_ids;
use proptest::prelude::*;
use record::Input;
use record::Maps;
use sketch::Embedder;
use sketch::HashedWords;
use workers::Silent;

/// A record: several ids are the same, and so are the days and accounts. Records of one id may say different things.
fn line((id, day, text): (u8, u8, u8)) -> String {
    format!(
        r#"{{"id":"r{}","at":"2026-05-{:02}T00:00:{:02}Z","account":"a{}","request":{{"messages":[{{"role":"user","content":"a question of the kind number {text}"}}]}},"response":{{"input_tokens":5}}}}"#,
        id % 24,
        1 + day % 3,
        id % 24,
        text % 3,
    )
}

/// A call of a trace: its span, and the event that has the text.
fn call(number: u8) -> [String; 2] {
    let ids = format!(r#""traceId":"{:032x}","spanId":"{:016x}""#, 7_000 + u32::from(number), 900 + u32::from(number));
    let attributes = r#"[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"user.id","value":{"stringValue":"acct_t"}},{"key":"gen_ai.request.model","value":{"stringValue":"m"}}]"#;
    let span = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{ids},"name":"chat m","startTimeUnixNano":"1777593600000000000","endTimeUnixNano":"1777593601000000000","attributes":{attributes}}}]}}]}}]}}"#
    );
    let body = r#"{"kvlistValue":{"values":[{"key":"content","value":{"stringValue":"the question that only the event has"}}]}}"#;
    let event = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{{ids},"timeUnixNano":"1777593600500000000","eventName":"gen_ai.user.message","attributes":{attributes},"body":{body}}}]}}]}}]}}"#
    );
    [span, event]
}

fn rows_of(data: &Path) -> Vec<RowId> {
    let mut rows = Vec::new();
    for file in Store::open(data).unwrap().exchange_files().unwrap() {
        row_ids(&file, &mut |row| rows.push(row)).unwrap();
    }
    rows.sort();
    rows
}

fn ingested(lines: &[String], folder: &Path) -> Vec<RowId> {
    let (log, data) = (folder.join("log.jsonl"), folder.join("ingested"));
    fs::write(&log, lines.join("\n")).unwrap();
    let options = IngestOptions { inputs: vec![log.display().to_string()], ..IngestOptions::default() };
    ingest(&options, &data, &Silent::default()).unwrap();
    rows_of(&data)
}

/// Adds a piece of a log.
fn append(appender: &mut Appender, lines: &[String]) -> columns::Appended {
    let mut maker = RowMaker::new(appender.key().clone(), None, false, false);
    let mut batches = Vec::new();
    let input = Input::memory("a piece", Arc::from(lines.join("\n").into_bytes()));
    maker
        .read(&input, None, &Maps::default(), &mut |batch| {
            batches.push(batch);
            Ok(())
        })
        .unwrap();
    appender.append(&mut batches.into_iter().map(Ok), &Silent::default()).unwrap()
}

fn open(data: &Path) -> Appender {
    Appender::open(data, None, &HashedWords.name(), true).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn pieces_are_what_one_ingest_is(
        records in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 1..60),
        cuts in proptest::collection::vec((1_usize..20, any::<bool>()), 1..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let lines: Vec<String> = records.into_iter().map(line).collect();
        let expected = ingested(&lines, folder.path());
        let data = folder.path().join("appended");
        let mut appender = open(&data);
        let (mut left, mut cuts) = (lines.as_slice(), cuts.into_iter().cycle());
        while !left.is_empty() {
            let (size, stops) = cuts.next().unwrap();
            let (piece, rest) = left.split_at(size.min(left.len()));
            append(&mut appender, piece);
            if stops {
                // What is known of the days is read again, and the piece comes again.
                appender = open(&data);
                append(&mut appender, piece);
            }
            left = rest;
        }
        prop_assert_eq!(rows_of(&data), expected);
        let checked = check_data_dir(&data, Mending::default(), &Silent::default()).unwrap();
        prop_assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    }
}

#[test]
fn what_came_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut appender = open(&folder.path().join("data"));
    let some = [line((1, 1, 1)), line((2, 1, 1))];
    let first = append(&mut appender, &some);
    assert_eq!((first.rows, first.duplicates, first.replaced), (2, 0, 0));
    let again = append(&mut appender, &some);
    assert_eq!((again.rows, again.duplicates, again.replaced), (2, 2, 0));
    // Of two records of one exchange one stays, whichever comes first.
    let (a, b) = (append(&mut appender, &[line((1, 1, 2))]), append(&mut appender, &[line((1, 1, 4))]));
    assert_eq!(a.duplicates + a.replaced + b.duplicates + b.replaced, 2);
}

#[test]
fn a_failure_in_the_middle_changes_nothing_and_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut appender = open(&data);
    append(&mut appender, &[line((1, 1, 1))]);
    let before = rows_of(&data);
    let mut maker = RowMaker::new(appender.key().clone(), None, false, false);
    let mut batches = Vec::new();
    let input = Input::memory("a piece", Arc::from(line((2, 1, 1)).into_bytes()));
    maker
        .read(&input, None, &Maps::default(), &mut |batch| {
            batches.push(Ok(batch));
            Ok(())
        })
        .unwrap();
    batches.push(Err(columns::Error::Usage("it ends here".to_owned())));
    assert!(appender.append(&mut batches.into_iter(), &Silent::default()).is_err());
    assert_eq!(rows_of(&data), before);
    assert_eq!(append(&mut appender, &[line((2, 1, 1))]).duplicates, 0, "the row that was not written is not known");
    assert_eq!(rows_of(&data).len(), 2);
}

#[test]
fn a_call_in_two_records_is_one_row_where_they_come_together() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..5).flat_map(call).collect();
    let expected = ingested(&lines, folder.path());
    let data = folder.path().join("data");
    append(&mut open(&data), &lines);
    assert_eq!(rows_of(&data), expected);
    let ids: BTreeSet<i64> = expected.iter().map(|row| row.id).collect();
    assert_eq!((ids.len(), expected.len()), (5, 5));
}
