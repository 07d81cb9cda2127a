use std::fs;
use std::io::Write as _;

use proptest::prelude::*;

use super::*;

fn limits(block_bytes: usize) -> Limits {
    Limits { block_bytes, max_record_bytes: 300 }
}

/// Everything that is read from these bytes, in order, as text.
fn read_with(bytes: &[u8], format: Option<Format>, limits: Limits) -> Result<Vec<String>, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    fs::write(&path, bytes).unwrap();
    let inputs = crate::expand(&[path.display().to_string()]).unwrap();
    let mut out = Vec::new();
    for block in Blocks::open_with(&inputs[0], Records::Exchanges(format), limits)? {
        block?.read(&mut |record| {
            out.push(match record {
                Ok(exchange) => {
                    let mut line = Vec::new();
                    native::write_exchange(&exchange, &mut line);
                    String::from_utf8(line).unwrap()
                }
                Err(Reject { line, byte_offset, reason, .. }) => {
                    format!("{line}@{}: {reason}", byte_offset.unwrap_or_default())
                }
            });
        });
    }
    Ok(out)
}

/// What is read, once it is sure that the size of blocks does not matter.
fn read(bytes: &[u8]) -> Vec<String> {
    let whole = read_with(bytes, None, limits(1 << 20)).unwrap();
    for block_bytes in [1, 2, 63, 100, 301] {
        assert_eq!(read_with(bytes, None, limits(block_bytes)).unwrap(), whole, "in blocks of {block_bytes}");
    }
    whole
}

fn line(id: &str) -> String {
    format!(r#"{{"id":"{id}","at":"2026-04-22T00:00:00Z","account":"b"}}"#)
}

fn lines(count: usize) -> String {
    (0..count).map(|number| line(&number.to_string()) + "\n").collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn byte_order_mark_line_ends_and_empty_lines_are_accepted() {
    let text = format!("\u{feff}{}\r\n\r\n\n  {}  \n{}", line("a"), line("b"), line("c"));
    assert_eq!(read(text.as_bytes()), [line("a") + "\n", line("b") + "\n", line("c") + "\n"]);
}

#[test]
fn a_bad_line_is_refused_with_its_place_and_the_next_ones_go_on() {
    let mut bytes = line("a").into_bytes();
    let length = bytes.len() + 1;
    bytes.extend_from_slice(b"\n{\"id\":\"\xff\"}\nnot json\n");
    bytes.extend_from_slice(line("b").as_bytes());
    bytes.extend_from_slice(b"\n{\"id\":\"cut");
    assert_eq!(
        read(&bytes),
        [
            line("a") + "\n",
            format!("2@{length}: invalid UTF-8 at byte 7 of the record (write the log as UTF-8)"),
            format!("3@{}: not JSON: expected ident at column 2", length + 11),
            line("b") + "\n",
            format!("5@{}: the record is cut: EOF while parsing a string at column 10", length * 2 + 20),
        ]
    );
}

#[test]
fn a_record_beyond_its_bound_is_refused_once_and_passed_over() {
    let long = line(&"x".repeat(5000));
    let bytes = long.len();
    let reason =
        format!("the record of {bytes} bytes is longer than the bound of 300 (cut its texts, or leave out its media)");
    let text = format!("{}\n{long}\n{}\n", line("a"), line("b"));
    let place = line("a").len() + 1;
    assert_eq!(read(text.as_bytes()), [line("a") + "\n", format!("2@{place}: {reason}"), line("b") + "\n"]);
    let array = format!("[{},\n{long},{}]\n", line("a"), line("b"));
    let place = line("a").len() + 3;
    assert_eq!(read(array.as_bytes()), [line("a") + "\n", format!("2@{place}: {reason}"), line("b") + "\n"]);
}

#[test]
fn compression_is_found_from_the_content() {
    let text = lines(200);
    let expected = read(text.as_bytes());
    assert_eq!(expected.len(), 200);
    let (first, second) = text.as_bytes().split_at(text.len() / 3);
    let members = [gzip(first), gzip(second)].concat();
    assert_eq!(read(&members), expected, "gzip of two members");
    let frames = [zstd::encode_all(first, 3).unwrap(), zstd::encode_all(second, 3).unwrap()].concat();
    assert_eq!(read(&frames), expected, "zstd of two frames");
}

#[test]
fn a_truncated_stream_gives_what_came_before_and_one_reject() {
    let text: String =
        (0..20_000_u64).map(|n| line(&format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))) + "\n").collect();
    for (kind, whole) in [("gzip", gzip(text.as_bytes())), ("zstd", zstd::encode_all(text.as_bytes(), 3).unwrap())] {
        let cut = &whole[..whole.len() / 2];
        let found = read_with(cut, None, limits(1 << 20)).unwrap();
        let (last, records) = found.split_last().unwrap();
        let expected: Vec<_> = text.lines().take(records.len()).map(|line| format!("{line}\n")).collect();
        assert!(records.len() > 1000, "{kind}: {}", records.len());
        assert_eq!(records, expected, "{kind}");
        let reason =
            format!("truncated {kind} stream: it ends at byte {} of the file (copy the file again)", cut.len());
        assert!(last.ends_with(&reason), "{last}");
        assert!(last.starts_with(&format!("{}@", records.len() + 1)), "{last}");
        for block_bytes in [64, 1000] {
            assert_eq!(read_with(cut, None, limits(block_bytes)).unwrap(), found);
        }
    }
    let tail = gzip(text.as_bytes());
    let tail = &tail[..tail.len() - 4];
    let found = read_with(tail, None, limits(1 << 20)).unwrap();
    assert_eq!(found.len(), 20_001, "only the checksum is missing");
}

#[test]
fn a_corrupt_stream_gives_what_came_before_and_one_reject() {
    let text = lines(20_000);
    let mut bytes = gzip(text.as_bytes());
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    let found = read_with(&bytes, None, limits(1 << 20)).unwrap();
    let records = found.iter().take_while(|record| record.starts_with('{')).count();
    assert!(records > 5_000, "{records}");
    let last = found.last().unwrap();
    assert!(last.contains("corrupt gzip stream before byte"), "{last}");
    let mut no_log = gzip(b"");
    no_log.truncate(12);
    assert_eq!(read_with(&no_log, None, limits(100)).unwrap().len(), 1, "a stub of a file is one reject");
}

#[test]
fn an_array_cut_short_is_read_up_to_the_cut() {
    let text = format!("[{},\n {},\n {{\"id\":\"c", line("a"), line("b"));
    let found = read(text.as_bytes());
    assert_eq!(found.len(), 3);
    assert!(found[2].contains("the record is cut"), "{found:?}");
    let found = read(&gzip(text.as_bytes()));
    assert_eq!(found.len(), 3);
}

#[test]
fn an_empty_file_has_no_records() {
    for bytes in [&b""[..], b"\n\n", b"\xef\xbb\xbf"] {
        assert_eq!(read(bytes), Vec::<String>::new());
    }
    assert_eq!(read(&gzip(b"")), Vec::<String>::new());
}

#[test]
fn no_log_is_an_error_that_names_what_was_found() {
    let error = read_with(b"\x89PNG\r\n\x1a\n", None, limits(100)).unwrap_err().to_string();
    assert!(error.ends_with(
        "is no log this version reads: expected JSON records in one of the formats native, litellm, otel, bedrock, anthropic, openai, mapped, or Parquet, found a PNG image"
    ), "{error}");
}

#[test]
fn blocks_say_how_much_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    fs::write(&path, gzip(lines(1000).as_bytes())).unwrap();
    let inputs = crate::expand(&[path.display().to_string()]).unwrap();
    let mut blocks = inputs[0].open(None).unwrap();
    assert_eq!(blocks.by_ref().map(|block| block.unwrap().bytes()).sum::<usize>(), lines(1000).len());
    assert_eq!(Some(blocks.bytes_read()), inputs[0].size_bytes());
}

/// The fixtures of all formats.
fn fixtures() -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

/// Reads in blocks of two sizes and in every forced format; nothing may panic, and the sizes may not matter.
fn exercise(bytes: &[u8], block_bytes: usize) {
    let bounds = |block_bytes| Limits { block_bytes, max_record_bytes: 20_000 };
    for format in [None].into_iter().chain(Format::ALL.map(Some)) {
        let whole = read_with(bytes, format, bounds(1 << 20)).map_err(|error| error.to_string().split_off(20));
        let parts = read_with(bytes, format, bounds(block_bytes)).map_err(|error| error.to_string().split_off(20));
        if let (Ok(whole), Ok(parts)) = (&whole, &parts) {
            assert_eq!(whole, parts, "{format:?}");
        }
        assert_eq!(whole.is_ok(), parts.is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), block_bytes in 1_usize..200) {
        exercise(&bytes, block_bytes);
    }

    #[test]
    fn random_structure_never_panics(text in "[\\[\\]{}:,\"\\\\ \na1]{0,200}", block_bytes in 1_usize..200) {
        exercise(text.as_bytes(), block_bytes);
    }

    #[test]
    fn mutated_fixtures_never_panic(
        which in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), "[\\[\\]{}:,\"\\\\ \n\u{0}a1é]"), 0..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
        block_bytes in 1_usize..3000,
    ) {
        let fixtures = fixtures();
        let mut bytes = which.get(&fixtures).clone();
        for (at, with) in changes {
            let at = at.index(bytes.len());
            bytes.splice(at..at + 1, with.bytes());
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        exercise(&bytes, block_bytes);
    }
}

#[test]
fn blocks_go_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<Blocks>();
    is_send::<Block>();
    is_send::<Input>();
}

/// A field of a message in protobuf, with its length in one byte.
fn field(mark: u8, content: &[u8]) -> Vec<u8> {
    [&[mark, u8::try_from(content.len()).unwrap()], content].concat()
}

/// An export in protobuf of one span, and its length before it.
fn export(account: &str) -> Vec<u8> {
    let attribute = |name: &str, value: &str| {
        let value = field(0x12, &field(0x0a, value.as_bytes()));
        field(0x4a, &[field(0x0a, name.as_bytes()), value].concat())
    };
    let started = [&[0x39][..], &1_776_816_000_000_000_000_u64.to_le_bytes()].concat();
    let span = [started, attribute("gen_ai.request.model", "m"), attribute("enduser.id", account)].concat();
    let message = field(0x0a, &field(0x12, &field(0x12, &span)));
    [&u32::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat()
}

#[test]
fn messages_in_protobuf_are_read_and_what_is_none_is_refused_with_its_offset() {
    let (one, two) = (export("acct_1"), export("acct_2"));
    let long = [&[0, 0, 2, 0, 0x0a][..], &[0xff; 511]].concat();
    let read_of = |parts: &[&[u8]]| -> Vec<String> {
        let of = |line: &String| {
            line.split_once("\"account\":\"").map_or(line.clone(), |(_, rest)| rest.chars().take(6).collect())
        };
        read(&parts.concat()).iter().map(of).collect()
    };
    assert_eq!(read_of(&[&one, &two]), ["acct_1", "acct_2"]);
    assert_eq!(read_of(&[&one[4..]]), ["acct_1"], "a message alone");
    assert_eq!(read_of(&[&one[4..], &two[4..]]), ["acct_1", "acct_2"], "messages that are one");
    assert_eq!(read_of(&[&gzip(&one)]), ["acct_1"]);
    let at = one.len();
    let too_long = format!(
        "2@{at}: the record of 516 bytes is longer than the bound of 300 (cut its texts, or leave out its media)"
    );
    assert_eq!(read_of(&[&one, &long, &two]), ["acct_1", &too_long, "acct_2"]);
    assert_eq!(read_of(&[&one, &long[..100]]), ["acct_1", &too_long]);
    let cut = format!("2@{at}: the file ends within a message (copy the file again)");
    assert_eq!(read_of(&[&one, &two[..20]]), ["acct_1", &cut]);
    let lost = format!("2@{at}: no message begins here, and the rest of the file is passed over (copy the file again)");
    assert_eq!(read_of(&[&one, &[0; 400], &two]), ["acct_1", &lost]);
    // A stream that is cut is refused once, for all that is lost with it. How much comes before depends on the decoder.
    let damaged = read_of(&[&gzip(&[one.clone(), two].concat())[..one.len() + 20]]);
    let refused = |found: &&String| !found.starts_with("acct_");
    assert!(damaged.last().unwrap().contains("truncated gzip"), "{damaged:?}");
    assert_eq!(damaged.iter().filter(refused).count(), 1, "{damaged:?}");
}

#[test]
fn a_message_in_protobuf_is_read_as_no_other_format() {
    let refused = read_with(&export("acct_1"), Some(Format::LiteLlm), limits(100)).unwrap_err().to_string();
    assert!(refused.contains("OTLP as protobuf"), "{refused}");
}

#[test]
fn a_list_of_millions_of_numbers_is_one_reject() {
    let numbers = vec!["7"; 100_000].join(",");
    let text = format!("{}\n[{numbers}]\n[{},7,8,{}]\n", line("a"), line("b"), line("c"));
    let found = read_with(text.as_bytes(), None, Limits { block_bytes: 1 << 20, max_record_bytes: 1 << 20 }).unwrap();
    assert_eq!(found.len(), 5, "{:?}", found.get(..5));
    assert!(found[1].contains("100000 elements of a list are no objects"), "{}", found[1]);
    assert!(found[3].contains("2 elements of a list"), "{}", found[3]);
    assert!(found[2].contains(r#""id":"b""#) && found[4].contains(r#""id":"c""#));
}

#[test]
fn a_block_of_junk_is_left_and_what_is_left_is_counted() {
    let junk = "7\n".repeat(300_000);
    let text = format!("{}\n{junk}", line("a"));
    let found = read_with(text.as_bytes(), None, Limits { block_bytes: 1 << 22, max_record_bytes: 300 }).unwrap();
    assert_eq!(found.len(), 1 + 250_001 + 1);
    assert!(found.last().unwrap().contains("49999 lines are left from here on"), "{:?}", found.last());
}
