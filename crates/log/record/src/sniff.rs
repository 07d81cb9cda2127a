//! Finds from a file's first bytes how its records are laid out and in which format they are.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::Format;
use crate::elements;
use crate::elements::Scanner;
use crate::elements::Span;
use crate::envelope;
use crate::format::Records;

pub(crate) mod foreign;
mod outline;

pub(crate) use outline::outline;

/// Records that are looked at before a file is called no log: a file may begin in the middle of one.
const RECORDS_LOOKED_AT: usize = 32;

/// How records lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One record, or one list of records, a line.
    Lines,
    /// Elements of arrays, or documents spread over lines.
    Elements,
    /// As elements, in an envelope that is too long to be held.
    Envelope,
}

/// What tells the format of one record.
type FormatOf<'f> = dyn Fn(&Value) -> Option<Format> + 'f;

/// Layout, and the format that most of the first records are in; `Err` says what was found in place of a log.
pub(crate) fn find(
    head: &[u8],
    ended: bool,
    records: Records,
    format_of: &FormatOf<'_>,
) -> Result<(Layout, Option<Format>), String> {
    let text = head.trim_ascii_start();
    if text.is_empty() {
        // A file of white space has no records, which is no error. One that goes on so for long is none of ours.
        return if ended { Ok((Layout::Lines, None)) } else { Err("1 MiB of white space".to_owned()) };
    }
    let layout = match layout(text, ended, format_of) {
        Layout::Elements if !ended && elements::envelope(text).is_some() => Layout::Envelope,
        layout => layout,
    };
    let candidates = candidates(text, layout);
    if candidates.is_empty() {
        return Err(foreign::describe(head));
    }
    match records {
        Records::Accounts | Records::Additions => Ok((layout, None)),
        Records::Exchanges(Some(format)) => Ok((layout, Some(format))),
        Records::Exchanges(None) => {
            let outlines: Vec<Value> = candidates.iter().map(|record| outline(record)).collect();
            let mut votes: BTreeMap<Format, usize> = BTreeMap::new();
            outlines.iter().filter_map(format_of).for_each(|format| *votes.entry(format).or_default() += 1);
            // Of formats with the same number the first of the list counts.
            match votes.iter().rev().max_by_key(|(_, votes)| **votes) {
                Some((format, _)) => Ok((layout, Some(*format))),
                None => Err(unknown(head, &outlines)),
            }
        }
    }
}

/// What a file should have been.
pub(crate) fn expected(records: Records) -> String {
    match records {
        Records::Accounts => "account records, one JSON object a line, or Parquet".to_owned(),
        Records::Additions => "records of a second log, one JSON object a line, a table of text, or Parquet".to_owned(),
        Records::Exchanges(Some(format)) => format!("JSON records in the format {format}, or Parquet"),
        Records::Exchanges(None) => format!("JSON records in one of the formats {}, or Parquet", Format::names()),
    }
}

fn layout(text: &[u8], ended: bool, format_of: &FormatOf<'_>) -> Layout {
    if text.first() == Some(&b'[') {
        return Layout::Elements;
    }
    let mut lines = text.split(|byte| *byte == b'\n');
    let first_line = lines.next().unwrap_or_default();
    let has_more_lines = first_line.len() < text.len();
    if !has_more_lines {
        // One line, perhaps without an end: an export that wraps all its records must be taken apart to be held, and so
        // must records that follow one another without a line feed.
        let is_wrapped =
            !ended && (elements::wrapper(text).or_else(|| elements::envelope(text)).is_some() || has_several(text));
        return if is_wrapped { Layout::Elements } else { Layout::Lines };
    }
    let mut spans = Vec::new();
    let mut scanner = Scanner::new(1);
    scanner.scan(text, ended, &mut spans);
    // A document spread over lines: its first line stops where a value goes on.
    let goes_on = matches!(first_line.trim_ascii_end().last(), Some(b'{' | b'[' | b',' | b':'));
    let first_end = spans.first().map_or(usize::MAX, |span| span.end);
    if first_end > first_line.len() && goes_on && !is_record(lines.next().unwrap_or_default(), format_of) {
        Layout::Elements
    } else {
        Layout::Lines
    }
}

/// Whether a text without a line feed holds more than one object.
fn has_several(text: &[u8]) -> bool {
    let mut spans = Vec::new();
    Scanner::new(1).scan(text, false, &mut spans);
    spans.len() > 1
}

/// Whether a line is a whole record of a known format: then the line before it was cut, and does not go on in it.
fn is_record(line: &[u8], format_of: &FormatOf<'_>) -> bool {
    let Ok(line) = str::from_utf8(line) else { return false };
    serde_json::from_str::<IgnoredAny>(line).is_ok() && format_of(&outline(line)).is_some()
}

/// The first records, as text, the last of them perhaps cut; without those that are not JSON by their first byte.
fn candidates(text: &[u8], layout: Layout) -> Vec<&str> {
    let mut spans = Vec::new();
    if layout == Layout::Envelope {
        Scanner::of_envelopes(1).scan(text, true, &mut spans);
    } else if layout == Layout::Elements {
        Scanner::new(1).scan(text, true, &mut spans);
    } else {
        let mut start = 0;
        for line in text.split(|byte| *byte == b'\n') {
            if spans.len() >= RECORDS_LOOKED_AT {
                break;
            }
            // A file may begin with any number of lines that are none of its records.
            if memchr::memchr2(b'{', b'[', line).is_none() {
                start += line.len() + 1;
                continue;
            }
            if line.trim_ascii_start().first() == Some(&b'[') {
                let mut inner = Vec::new();
                Scanner::new(1).scan(line, true, &mut inner);
                let moved = |span: Span| Span { start: span.start + start, end: span.end + start, ..span };
                spans.extend(inner.into_iter().map(moved));
            } else {
                spans.push(Span { start, end: start + line.len(), line: 1, dropped: 0 });
            }
            start += line.len() + 1;
        }
    }
    let record = |span: &Span| {
        let bytes = text.get(span.start..span.end)?.trim_ascii();
        let valid = match str::from_utf8(bytes) {
            Ok(text) => text,
            // The head may end within a character.
            Err(error) => str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
        };
        envelope::json_part(valid).filter(|json| json.starts_with('{'))
    };
    spans.iter().take(RECORDS_LOOKED_AT).filter_map(record).collect()
}

#[cold]
fn unknown(head: &[u8], outlines: &[Value]) -> String {
    let is_filled = |outline: &&Value| outline.as_object().is_some_and(|object| !object.is_empty());
    let named = outlines.iter().find_map(foreign::name).map(str::to_owned);
    named.or_else(|| outlines.iter().find(is_filled).map(foreign::unknown)).unwrap_or_else(|| foreign::describe(head))
}

#[cfg(test)]
mod tests;
