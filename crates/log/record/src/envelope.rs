//! Envelopes: what collectors and log services wrap around records.
//!
//! An envelope is opened only where the record itself is of no known kind, to a few levels, and only where something
//! known is inside.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::elements::Scanner;
use crate::json;
use crate::limits::MAX_RECORD_BYTES;
use crate::shape;

/// Members that hold lists of records.
const LISTS: [&str; 19] = [
    "records",
    "Records",
    "events",
    "logEvents",
    "data",
    "result",
    "results",
    "Results",
    "items",
    "value",
    "entries",
    "logs",
    "rows",
    "hits",
    "spans",
    "values",
    "streams",
    "observations",
    "messages",
];
/// Members that hold one record, as an object or as text.
const SINGLES: [&str; 23] = [
    "message",
    "@message",
    "body",
    "attributes",
    "_source",
    "jsonPayload",
    "textPayload",
    "log",
    "event",
    "payload",
    "record",
    "line",
    "_raw",
    "MESSAGE",
    "data",
    "fields",
    "value",
    "Value",
    "Message",
    "kinesis",
    "awslogs",
    "Data",
    "node",
];
/// Envelopes within envelopes.
const MAX_DEPTH: u32 = 5;
/// Records of one envelope that are looked at before it is called none.
const MAX_INNER: usize = 200_000;

/// What is inside an envelope.
pub(crate) struct Opened<'v> {
    /// Records of a known kind, in order.
    pub(crate) records: Vec<Inner<'v>>,
    /// Members that are of no known kind.
    pub(crate) others: u64,
}

/// One record of an envelope.
pub(crate) struct Inner<'v> {
    /// The record; one that was text is owned.
    pub(crate) value: Cow<'v, Value>,
    /// The record's text, where it was one: a parsed record has lost the order of its keys.
    pub(crate) text: Option<String>,
}

/// Opens an envelope; `None` where nothing known is inside. `read` reads the JSON of a text.
pub(crate) fn open<'v>(
    value: &'v Value,
    is_known: &dyn Fn(&Value) -> bool,
    read: &dyn Fn(&str) -> Option<Value>,
) -> Option<Opened<'v>> {
    let mut opener = Opener { is_known, read, opened: Opened { records: Vec::new(), others: 0 } };
    opener.members(value, MAX_DEPTH);
    (!opener.opened.records.is_empty()).then_some(opener.opened)
}

struct Opener<'v, 'f> {
    is_known: &'f dyn Fn(&Value) -> bool,
    read: &'f dyn Fn(&str) -> Option<Value>,
    opened: Opened<'v>,
}

impl<'v> Opener<'v, '_> {
    /// Looks into the members of an object that may be an envelope; whether anything known was there.
    fn members(&mut self, value: &'v Value, depth: u32) -> bool {
        let Value::Object(object) = value else { return false };
        let Some(depth) = depth.checked_sub(1) else { return false };
        for key in LISTS {
            match object.get(key) {
                Some(Value::Array(list)) if self.list(list, depth) => return true,
                Some(inner @ Value::Object(_)) if self.members(inner, depth) => return true,
                _ => {}
            }
        }
        SINGLES.iter().filter_map(|key| object.get(*key)).any(|inner| self.single(inner, depth))
    }

    fn list(&mut self, list: &'v [Value], depth: u32) -> bool {
        let before = self.opened.records.len();
        let mut others = 0;
        for inner in list.iter().take(MAX_INNER) {
            others += u64::from(!self.single(inner, depth));
        }
        let is_found = self.opened.records.len() > before;
        if is_found {
            self.opened.others += others;
        }
        is_found
    }

    /// One member: a record, an envelope itself, or the text of either.
    fn single(&mut self, inner: &'v Value, depth: u32) -> bool {
        match inner {
            Value::String(text) => self.text(text, depth) || self.packed(text, depth),
            // A row: a time and a line, or a field after a field.
            Value::Array(list) if depth > 0 => list.iter().any(|inner| self.single(inner, depth - 1)),
            inner if (self.is_known)(inner) => {
                self.opened.records.push(Inner { value: Cow::Borrowed(inner), text: None });
                true
            }
            inner => self.members(inner, depth),
        }
    }

    /// A text that holds records in base64, packed with gzip or not, as message queues write them.
    fn packed(&mut self, text: &str, depth: u32) -> bool {
        unpacked(text).is_some_and(|text| self.text(&text, depth))
    }

    /// A text that holds records: one or several, with words before them or without.
    fn text(&mut self, text: &str, depth: u32) -> bool {
        let Some(json) = json_part(text) else { return false };
        let mut spans = Vec::new();
        Scanner::new(1).scan(json.as_bytes(), true, &mut spans);
        let before = self.opened.records.len();
        for span in spans.iter().take(MAX_INNER) {
            let Some(text) = json.get(span.start..span.end) else { continue };
            let Some(value) = (self.read)(text) else { continue };
            if (self.is_known)(&value) {
                self.opened.records.push(Inner { value: Cow::Owned(value), text: Some(text.to_owned()) });
            } else if depth > 0 {
                let opened = Opened { records: Vec::new(), others: 0 };
                let mut inner = Opener { is_known: self.is_known, read: self.read, opened };
                inner.members(&value, depth);
                let Opened { records, others } = inner.opened;
                let own = |Inner { value, text }: Inner<'_>| Inner { value: Cow::Owned(value.into_owned()), text };
                self.opened.records.extend(records.into_iter().map(own));
                self.opened.others += others;
            }
        }
        self.opened.records.len() > before
    }
}

/// The text that is written as base64, packed with gzip or not.
pub(crate) fn unpacked(text: &str) -> Option<String> {
    let is_base64 = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    let bytes = is_base64.then(|| STANDARD.decode(text).ok()).flatten()?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes).ok();
    }
    let mut whole = Vec::new();
    // What was cut is read as far as it goes: a first look at a file cuts long texts.
    let _ = MultiGzDecoder::new(bytes.as_slice()).take(MAX_RECORD_BYTES as u64).read_to_end(&mut whole);
    Some(String::from_utf8_lossy(&whole).into_owned())
}

/// The text of a record that an envelope holds as an object right below it; the empty text where it is none of these.
pub(crate) fn text_within<'r>(record: &'r str, envelope: &Value, inner: &Value) -> &'r str {
    let key = SINGLES.iter().find(|key| envelope.get(**key).is_some_and(|held| std::ptr::eq(held, inner)));
    key.and_then(|key| json::raw_field(record, key)).unwrap_or_default()
}

/// The part of a text from its first brace on, where what stands before it can be the words of a log.
pub(crate) fn json_part(text: &str) -> Option<&str> {
    if shape::looks_like_json(text) {
        return Some(text);
    }
    let head = text.get(..text.floor_char_boundary(MAX_PREFIX_BYTES))?;
    let (before, _) = head.split_once('{')?;
    // A quote or a closing brace is the rest of a record that was cut, and no prefix.
    let is_stream = before.trim_start().starts_with("data:") || before.trim_start().starts_with("event:");
    let is_prefix = !before.contains(['"', '}']) && !is_stream;
    is_prefix.then(|| text.get(before.len()..)).flatten()
}

/// Longest text before a record: times, names of streams, hosts.
const MAX_PREFIX_BYTES: usize = 512;
