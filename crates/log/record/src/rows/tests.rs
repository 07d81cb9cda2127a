use std::io;

use proptest::prelude::*;

use super::*;
use crate::source::Meter;

fn rows(table: &[u8], head_bytes: usize) -> Rows {
    let (head, rest) = table.split_at(head_bytes.min(table.len()));
    let header = Header::of(table).unwrap();
    let rest: crate::source::Raw = Box::new(io::Cursor::new(rest.to_vec()));
    let source = Source::new(Vec::new(), rest, Meter::default()).unwrap();
    Rows::new(&header, head.to_vec(), false, source)
}

/// The lines of JSON, the rows that are none, and why reading stopped early.
fn read(table: &[u8], head_bytes: usize, limit: usize) -> (String, Vec<(u64, String)>, Option<String>) {
    let mut rows = rows(table, head_bytes);
    let mut out = Vec::new();
    let stopped = loop {
        match rows.read(&mut out, limit) {
            Ok(0) => break None,
            Ok(count) => assert!(count <= limit),
            Err(ReadError::Damaged(reason)) => break Some(reason),
            Err(ReadError::Io(error)) => break Some(error.to_string()),
        }
    };
    let bad = rows.take_bad().into_iter().map(|row| (row.line, row.reason)).collect();
    (String::from_utf8(out).unwrap(), bad, stopped)
}

#[test]
fn a_header_is_names_and_nothing_that_could_be_a_value() {
    let names = |line: &str| Header::of(line.as_bytes()).map(|header| header.names);
    assert_eq!(names("id,created_at\n1,2\n").unwrap(), ["id", "created_at"]);
    assert_eq!(names("\"Request ID\";user.id\r\n").unwrap(), ["Request ID", "user.id"]);
    assert_eq!(names("a\tb,c\td\n"), None, "a name holds no comma");
    for line in ["id,\n", "id\n", "2026-04-01,17\n", "{\"a\":1}\n", "id,id\n", "hello, what is \"this\"?\n", "a,b"] {
        assert_eq!(names(line), None, "{line}");
    }
}

#[test]
fn rows_are_objects_at_the_lines_of_the_file() {
    let table = b"id,text,status\r\n1,\"say \"\"hi\"\"\nto, all\",200\r\n2,,\r\n\r\n3,{\"a\":1},429\r\n";
    let (json, bad, stopped) = read(table, 20, 7);
    assert!(bad.is_empty() && stopped.is_none(), "{bad:?} {stopped:?}");
    let lines: Vec<&str> = json.split('\n').collect();
    assert_eq!(lines[1], r#"{"id":"1","text":"say \"hi\"\nto, all","status":"200"}"#);
    assert_eq!((lines[2], lines[3]), ("", r#"{"id":"2","text":"","status":""}"#));
    assert!(lines.contains(&r#"{"id":"3","text":"{\"a\":1}","status":"429"}"#), "{lines:?}");
}

#[test]
fn a_row_of_another_length_is_refused_and_the_next_is_read() {
    let (json, bad, _) = read(b"a,b\n1,2,3\n4\n5,\xff\n6,7\n", 100, 100);
    assert_eq!(json.trim(), r#"{"a":"6","b":"7"}"#);
    for ((line, reason), expected) in bad.iter().zip([(2, "a row of 3 values"), (3, "a row of 1 values"), (4, "UTF-8")])
    {
        assert!(*line == expected.0 && reason.contains(expected.1), "{line}: {reason}");
    }
    assert_eq!(bad.len(), 3);
}

#[test]
fn a_quote_that_is_not_closed_ends_the_table_in_bounded_memory() {
    let mut table = b"a,b\n1,2\n3,\"".to_vec();
    table.resize(40 << 20, b'x');
    let mut rows = rows(&table, 64);
    let mut out = Vec::new();
    while matches!(rows.read(&mut out, 1 << 20), Ok(count) if count > 0) {}
    assert_eq!(out.trim_ascii(), b"{\"a\":\"1\",\"b\":\"2\"}");
    assert!(rows.values.len() <= 2 * MAX_RECORD_BYTES + 2, "{}", rows.values.len());
}

proptest! {
    /// Whatever stands in the cells, and however the bytes come, the objects hold the cells.
    #[test]
    fn cells_come_back(
        cells in prop::collection::vec(("[a-z,\"\n;\\\\ {}é]{0,12}", "[a-z,\"\n\t]{0,12}"), 1..8),
        head_bytes in 0_usize..40,
        limit in 1_usize..40,
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let body: String = cells.iter().map(|(a, b)| format!("{},{}\n", quoted(a), quoted(b))).collect();
        let table = format!("a,b\n{body}");
        let (json, bad, stopped) = read(table.as_bytes(), head_bytes.max(4), limit);
        prop_assert!(bad.is_empty() && stopped.is_none());
        let objects = json.lines().filter(|line| !line.is_empty());
        let read: Vec<(String, String)> = objects
            .map(|line| {
                let object: serde_json::Value = serde_json::from_str(line).unwrap();
                let cell = |name: &str| object.get(name).and_then(|cell| cell.as_str()).unwrap_or_default().to_owned();
                (cell("a"), cell("b"))
            })
            .collect();
        prop_assert_eq!(read, cells);
        // A line of JSON, or an empty one, for every line of the table.
        prop_assert_eq!(json.matches('\n').count(), table.matches('\n').count());
    }
}
