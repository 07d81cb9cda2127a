//! Cuts a stream of OTLP messages in protobuf: each after its length, or one that is the file.
//!
//! A message of OTLP is a list of resources under the field 1 and nothing else, so that a file of one message can also be
//! cut into its resources: each of them is a message too.

use prost::decode_length_delimiter;

use crate::elements::Span;

/// Bytes of the length before a message.
const LENGTH_BYTES: usize = 4;
/// Longest form of a length inside a message.
const MAX_VARINT_BYTES: usize = 10;
/// A first message that claims more is none.
const MAX_FIRST_BYTES: usize = 256 * 1024 * 1024;
/// The mark of the field 1 as a list of bytes: a resource of a message, the resource's own description, an attribute.
const FIELD_1: u8 = 0x0a;
/// The mark of the field 2 as a list of bytes: a scope of a resource, the spans or log records of a scope.
const FIELD_2: u8 = 0x12;

/// How messages lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Each after its length, as four bytes: the OpenTelemetry collector's file exporter.
    Lengths,
    /// One message without a length.
    Bare,
}

impl Framing {
    /// The framing of a file that begins so, if it holds OTLP as protobuf.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let after_length = || {
            let (length, rest) = head.split_first_chunk::<LENGTH_BYTES>()?;
            let length = u32::from_be_bytes(*length) as usize;
            let message = rest.get(..length.min(rest.len()))?;
            (length <= MAX_FIRST_BYTES).then_some((message, length))
        };
        if is_export(head, usize::MAX) {
            return Some(Self::Bare);
        }
        after_length().is_some_and(|(message, length)| is_export(message, length)).then_some(Self::Lengths)
    }
}

/// Whether bytes begin as an export of OTLP of this length does: a resource with its attributes, or a scope.
fn is_export(bytes: &[u8], length: usize) -> bool {
    let Some((resource, length)) = opened(bytes, length, FIELD_1) else { return false };
    let described = opened(resource, length, FIELD_1);
    let scoped = opened(resource, length, FIELD_2);
    match (described, scoped) {
        // A resource that nothing is said of: a scope follows.
        (Some((rest, 0)), _) => rest.first() == Some(&FIELD_2),
        (Some((attributes, length)), _) => {
            let key = opened(attributes, length, FIELD_1).and_then(|(pair, length)| opened(pair, length, FIELD_1));
            key.is_some_and(|(key, length)| {
                let key = key.get(..length.min(key.len())).unwrap_or_default();
                !key.is_empty() && key.iter().all(u8::is_ascii_graphic)
            })
        }
        (None, Some((scope, length))) => {
            opened(scope, length, FIELD_1).is_some() || opened(scope, length, FIELD_2).is_some()
        }
        (None, None) => false,
    }
}

/// What follows the mark of a field and its length, and the length, which fits into the `room` of what the field is in.
fn opened(bytes: &[u8], room: usize, mark: u8) -> Option<(&[u8], usize)> {
    let mut rest = bytes.strip_prefix(&[mark])?;
    let length = decode_length_delimiter(&mut rest).ok()?;
    (length <= room).then_some((rest, length))
}

/// What comes next in the buffer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Whole messages, and where the last of them ends.
    Spans(Vec<Span>, usize),
    /// The next message needs so many bytes in the buffer.
    Needs(usize),
    /// A message of so many bytes that is longer than its bound.
    TooLong(u64),
    /// The file ends within a message.
    Cut,
    /// No message begins here.
    Lost,
    /// The file ends.
    End,
}

/// The place of the cutting in one file.
#[derive(Debug)]
pub(crate) struct Messages {
    framing: Framing,
    /// Messages so far.
    count: u64,
    /// Whether the file may be one message that can be held.
    may_be_whole: bool,
}

impl Messages {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, count: 0, may_be_whole: framing == Framing::Bare }
    }

    /// The number of the message that is looked for, from 1.
    pub(crate) const fn number(&self) -> u64 {
        self.count + 1
    }

    /// Says that the message at the buffer's beginning is passed over.
    pub(crate) const fn pass(&mut self) {
        self.count += 1;
    }

    /// Finds the messages at the beginning of `buffer`, of about `wanted` bytes in all. `ended` says that no bytes come
    /// after it.
    pub(crate) fn find(&mut self, buffer: &[u8], ended: bool, wanted: usize, max_bytes: usize) -> Found {
        if self.may_be_whole {
            if !ended && buffer.len() <= max_bytes {
                return Found::Needs(max_bytes + 1);
            }
            self.may_be_whole = false;
            if buffer.len() <= max_bytes && is_whole(buffer) {
                self.count += 1;
                return Found::Spans(vec![Span { start: 0, end: buffer.len(), line: 1, dropped: 0 }], buffer.len());
            }
        }
        let (mut spans, mut at) = (Vec::new(), 0);
        loop {
            let rest = buffer.get(at..).unwrap_or_default();
            let next = self.next(rest, ended, max_bytes);
            match next {
                Found::Spans(ref found, length) if at < wanted => {
                    spans.extend(found.iter().map(|span| Span { start: span.start + at, end: span.end + at, ..*span }));
                    at += length;
                    self.count += 1;
                }
                // What is no message is told when those before it are taken.
                _ if !spans.is_empty() => return Found::Spans(spans, at),
                other => return other,
            }
        }
    }

    /// What is at the beginning of `rest`.
    fn next(&self, rest: &[u8], ended: bool, max_bytes: usize) -> Found {
        let (start, header, length) = match self.header(rest, ended) {
            Ok(header) => header,
            Err(found) => return found,
        };
        let whole = (header as u64).saturating_add(length);
        if length > max_bytes as u64 {
            return Found::TooLong(whole);
        }
        let whole = usize::try_from(whole).unwrap_or(usize::MAX);
        match (rest.len() >= whole, ended) {
            (true, _) => Found::Spans(vec![Span { start, end: whole, line: self.number(), dropped: 0 }], whole),
            (false, true) => Found::Cut,
            (false, false) => Found::Needs(whole),
        }
    }

    /// Where the next message begins, the bytes of its header, and its length without the header.
    fn header(&self, rest: &[u8], ended: bool) -> Result<(usize, usize, u64), Found> {
        if rest.is_empty() {
            return Err(if ended { Found::End } else { Found::Needs(1) });
        }
        let more = |bytes: usize| if ended { Found::Cut } else { Found::Needs(bytes) };
        match self.framing {
            Framing::Lengths => {
                let Some((length, message)) = rest.split_first_chunk::<LENGTH_BYTES>() else {
                    return Err(more(LENGTH_BYTES + 1));
                };
                match message.first() {
                    None => Err(more(LENGTH_BYTES + 1)),
                    Some(&FIELD_1) if *length != [0; LENGTH_BYTES] => {
                        Ok((LENGTH_BYTES, LENGTH_BYTES, u64::from(u32::from_be_bytes(*length))))
                    }
                    Some(_) => Err(Found::Lost),
                }
            }
            Framing::Bare => {
                let mut after = rest.strip_prefix(&[FIELD_1]).ok_or(Found::Lost)?;
                match decode_length_delimiter(&mut after) {
                    Ok(length) => Ok((0, rest.len() - after.len(), length as u64)),
                    Err(_) if rest.len() <= MAX_VARINT_BYTES => Err(more(MAX_VARINT_BYTES + 1)),
                    Err(_) => Err(Found::Lost),
                }
            }
        }
    }
}

/// Whether bytes are one whole message.
fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((content, length)) = opened(rest, rest.len(), FIELD_1) else { return false };
        let Some(after) = content.get(length..) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests;
