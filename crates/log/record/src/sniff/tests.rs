use super::*;

fn find(head: &[u8], ended: bool, records: Records) -> Result<(Layout, Option<Format>), String> {
    let maps = crate::Maps::default();
    super::find(head, ended, records, &|record| crate::formats::format_of(&maps, record))
}

fn found(text: &str) -> Result<(Layout, Option<Format>), String> {
    find(text.as_bytes(), true, Records::Exchanges(None))
}

#[test]
fn what_is_no_log_is_named() {
    for (head, name) in [
        (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "a PNG image"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04....", "a ZIP archive or Office document (unpack it)"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", "binary data beginning 0x0001020304050607"),
        (b"\xc3\x28\xa0\xa1", "binary data beginning 0xc328a0a1"),
        (b"<!DOCTYPE html>\n<html></html>", "HTML"),
        (b"<?xml version=\"1.0\"?>", "XML"),
        (
            b"event: message_start\ndata: {}\n\n",
            "a bare event stream (put it into a record with `at`, `account` and `request`, as `response`)",
        ),
        (b"dear all\nhello\n", "text that is no JSON"),
        (
            b"{\"name\":\"x\",\"version\":\"1\"}\n",
            "a JSON object with the keys `name`, `version` (say with --map which of them is what)",
        ),
        (b"[1,2,3]", "JSON without objects"),
        (b"{\"account\":\"a\",\"email\":\"a@example.com\"}\n", "account records (give them with --accounts)"),
        (b"\xff\xfe{\0", "UTF-16 text (convert it to UTF-8)"),
    ] {
        assert_eq!(find(head, true, Records::Exchanges(None)).unwrap_err(), name);
    }
}

#[test]
fn an_empty_file_is_a_log_without_records() {
    assert_eq!(found(""), Ok((Layout::Lines, None)));
    assert_eq!(found(" \n\r\n"), Ok((Layout::Lines, None)));
}

#[test]
fn a_broken_first_line_does_not_hide_the_format() {
    let good = r#"{"id":"a","at":"2026-04-22T00:00:00Z","account":"b"}"#;
    for first in ["half a line", r#"","at":"2026"}"#, r#"{"id":"a","at":"20"#, r#"{"id":"a","x":["#, "{}"] {
        let text = format!("{first}\n{good}\n{good}\n");
        let (_, format) = found(&text).unwrap();
        assert_eq!(format, Some(Format::Native), "{first}");
    }
    let (layout, _) = found(&format!("{{\"id\":\"a\",\"at\":\"20\n{good}\n")).unwrap();
    assert_eq!(layout, Layout::Lines);
}

#[test]
fn a_record_that_does_not_end_in_the_head_is_known_by_its_first_keys() {
    let text =
        format!(r#"{{"id":"a","at":"2026-04-22T00:00:00Z","account":"b","request":{{"system":"{}"#, "x".repeat(5000));
    assert_eq!(find(text.as_bytes(), false, Records::Exchanges(None)), Ok((Layout::Lines, Some(Format::Native))));
    let text = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"name":"{}"#, "x".repeat(5000));
    assert_eq!(find(text.as_bytes(), false, Records::Exchanges(None)), Ok((Layout::Elements, Some(Format::Otel))));
}

#[test]
fn a_forced_format_still_needs_json() {
    let text = find(b"dear all\n", true, Records::Exchanges(Some(Format::Otel))).unwrap_err();
    assert_eq!(text, "text that is no JSON");
    let forced = find(b"{\"x\":1}\n", true, Records::Exchanges(Some(Format::Otel)));
    assert_eq!(forced, Ok((Layout::Lines, Some(Format::Otel))));
}
