use super::*;

/// The records of `text` when it comes in pieces of `piece` bytes, each with its line.
fn records(text: &str, piece: usize) -> Vec<(u64, &str)> {
    scanned(Scanner::new(1), text, piece)
}

fn scanned(mut scanner: Scanner, text: &str, piece: usize) -> Vec<(u64, &str)> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut end = 0;
    while end < bytes.len() {
        end = (end + piece).min(bytes.len());
        scanner.scan(&bytes[..end], end == bytes.len(), &mut spans);
    }
    spans.iter().map(|span| (span.line, text.get(span.start..span.end).unwrap())).collect()
}

#[track_caller]
fn check(text: &str, expected: &[(u64, &str)]) {
    for piece in [1, 2, 3, 7, 64, 65, 1_000_000] {
        assert_eq!(records(text, piece), expected, "in pieces of {piece}");
    }
}

#[test]
fn elements_of_arrays_and_documents_are_records() {
    check(
        r#"[{"a":1},{"b":"]}\"["}, {"c":[{}]}]"#,
        &[(1, r#"{"a":1}"#), (1, r#"{"b":"]}\"["}"#), (1, r#"{"c":[{}]}"#)],
    );
    check("[\n {\n  \"a\": 1\n },\n {}\n]\n[{}]", &[(2, "{\n  \"a\": 1\n }"), (5, "{}"), (7, "{}")]);
    check("{\"a\":\n1}\n\n{\"b\":2}{\"c\":3}", &[(1, "{\"a\":\n1}"), (4, "{\"b\":2}"), (4, "{\"c\":3}")]);
    check("[]", &[]);
}

#[test]
fn an_export_is_taken_apart() {
    check(
        "{\n \"resourceSpans\": [\n  {\"a\":[1]},\n  {\"b\":2}\n ]\n}\n{\"resourceSpans\":[{\"c\":3}]}\n",
        &[(3, "{\"a\":[1]}"), (4, "{\"b\":2}"), (7, "{\"c\":3}")],
    );
}

/// Members of a wrapper beside its list are passed over, but for another list of records.
#[test]
fn the_other_members_of_a_wrapper_are_no_records() {
    check(
        "{\"resourceSpans\":[{\"a\":1}],\"x\":\"y}\\\"\",\"z\":{\"n\":[{}]},\n\"resourceLogs\":[{\"b\":2}]}{\"c\":3}",
        &[(1, "{\"a\":1}"), (2, "{\"b\":2}"), (2, "{\"c\":3}")],
    );
    let envelope = "{ \"records\": [ {\"a\":1}, {\"b\":2} ], \"next\": null }\n{\"records\":[{\"c\":3}]}";
    for piece in [1, 7, 64, 1_000_000] {
        let found = scanned(Scanner::of_envelopes(1), envelope, piece);
        assert_eq!(found, [(1, "{\"a\":1}"), (1, "{\"b\":2}"), (2, "{\"c\":3}")], "in pieces of {piece}");
    }
    assert_eq!(records(envelope, 7).len(), 2, "a short envelope is one record");
}

#[test]
fn what_is_no_record_is_one_all_the_same() {
    check("[1, {\"a\":1}, \"x\"]", &[(1, "1"), (1, "{\"a\":1}"), (1, "\"x\"")]);
}

#[test]
fn a_cut_record_costs_only_itself() {
    // Cut in a string, before a bracket, and at the end of the file.
    check("[{\"a\":\"cut\n[{\"b\":1}]\n", &[(1, "{\"a\":\"cut"), (2, "{\"b\":1}")]);
    check("[{\"a\":[1}]\n[{\"b\":1}]\n", &[(1, "{\"a\":[1}"), (2, "{\"b\":1}")]);
    check("[{\"b\":1},{\"a\":[1", &[(1, "{\"b\":1}"), (1, "{\"a\":[1")]);
}

#[test]
fn forgotten_bytes_of_an_open_record_are_counted() {
    let (mut scanner, mut spans) = (Scanner::new(1), Vec::new());
    assert!(!scanner.scan(b"[ {\"a\":\"0123456789", false, &mut spans));
    assert!(scanner.is_open());
    scanner.forget(18);
    scanner.scan(b"\"},{}]", true, &mut spans);
    assert_eq!(spans[0].dropped, 16);
    assert_eq!((spans[0].start, spans[0].end), (0, 2));
    assert_eq!((spans[1].start, spans[1].end, spans[1].dropped), (3, 5, 0));
}
