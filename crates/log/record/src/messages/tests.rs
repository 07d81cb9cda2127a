use super::*;

/// A field of a message: its mark, its length in one byte, and its content.
fn field(mark: u8, content: &[u8]) -> Vec<u8> {
    [&[mark, u8::try_from(content.len()).unwrap()], content].concat()
}

/// An export of one resource that is named so, with a scope of one empty span.
fn export(name: &str) -> Vec<u8> {
    let pair = [field(FIELD_1, b"service.name"), field(FIELD_2, &field(FIELD_1, name.as_bytes()))].concat();
    let resource = field(FIELD_1, &field(FIELD_1, &pair));
    field(FIELD_1, &[resource, field(FIELD_2, &field(FIELD_2, b""))].concat())
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

#[test]
fn a_framing_is_told_by_the_first_message() {
    let bare = export("gateway");
    assert_eq!(Framing::of(&bare), Some(Framing::Bare));
    assert_eq!(Framing::of(&framed(&bare)), Some(Framing::Lengths));
    // A resource without attributes, and one that is absent.
    let scope = field(FIELD_2, &field(FIELD_1, b"scope"));
    assert_eq!(Framing::of(&field(FIELD_1, &[field(FIELD_1, b""), scope.clone()].concat())), Some(Framing::Bare));
    assert_eq!(Framing::of(&framed(&field(FIELD_1, &scope))), Some(Framing::Lengths));
    // The head may end within the message.
    assert_eq!(Framing::of(&bare[..24]), Some(Framing::Bare));
}

#[test]
fn text_is_no_message() {
    let texts = [
        "",
        "\n",
        "\n{\n  \"resourceSpans\": []}",
        "\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
        "\n{\"at\":\"2026-04-22T00:00:00Z\"}",
        "{\"resourceSpans\":[]}",
    ];
    texts.iter().for_each(|text| assert_eq!(Framing::of(text.as_bytes()), None, "{text:?}"));
    // An inner length beyond the outer one.
    let mut wrong = export("gateway");
    wrong[3] = 120;
    assert_eq!(Framing::of(&wrong), None);
}

fn spans(found: Found) -> Vec<(usize, usize, u64)> {
    let Found::Spans(spans, _) = found else { panic!("{found:?}") };
    spans.iter().map(|span| (span.start, span.end, span.line)).collect()
}

#[test]
fn messages_after_their_lengths_are_cut_and_numbered() {
    let (one, two) = (framed(&export("a")), framed(&export("bc")));
    let both = [one.clone(), two.clone()].concat();
    let (end, whole) = (one.len(), both.len());
    let find = |buffer: &[u8], ended| Messages::new(Framing::Lengths).find(buffer, ended, 1000, 100);
    assert_eq!(spans(find(&both, false)), [(4, end, 1), (end + 4, whole, 2)]);
    assert_eq!(spans(find(&both[..whole - 1], false)), [(4, end, 1)]);
    assert_eq!(find(&one[..end - 1], false), Found::Needs(end));
    assert_eq!(find(&one[..end - 1], true), Found::Cut);
    assert_eq!(find(&one[..3], true), Found::Cut);
    assert_eq!(find(b"", true), Found::End);
    assert_eq!(find(b"\0\0\0\x05hello", true), Found::Lost);
    assert_eq!(find(&[0; 64], true), Found::Lost, "zeros are no messages, however many");
    assert_eq!(Messages::new(Framing::Lengths).find(&one, false, 1000, 10), Found::TooLong(end as u64));
}

#[test]
fn a_message_without_a_length_is_whole_or_its_resources() {
    let both = [export("a"), export("bc")].concat();
    let (end, whole) = (export("a").len(), both.len());
    let find = |buffer: &[u8], ended, bound| Messages::new(Framing::Bare).find(buffer, ended, 1000, bound);
    assert_eq!(spans(find(&both, true, 100)), [(0, whole, 1)]);
    assert_eq!(find(&both, false, 100), Found::Needs(101));
    // Too long to be held as one, or cut.
    assert_eq!(spans(find(&both, true, end)), [(0, end, 1), (end, whole, 2)]);
    assert_eq!(spans(find(&both[..whole - 1], true, 100)), [(0, end, 1)]);
}
