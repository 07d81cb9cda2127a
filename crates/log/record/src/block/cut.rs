//! Cuts a stream of bytes into pieces of whole records.

use std::mem;
use std::sync::Arc;

use memchr::memchr;
use memchr::memrchr;
use serde::de::IgnoredAny;

use super::text::Text;
use crate::Error;
use crate::Input;
use crate::Reject;
use crate::elements::Scanner;
use crate::elements::Span;
use crate::formats::Reading;
use crate::limits::Limits;
use crate::limits::too_long;
use crate::messages::Found;
use crate::messages::Framing;
use crate::messages::Messages;
use crate::rows::Header;
use crate::rows::Rows;
use crate::sniff::Layout;
use crate::source::ReadError;
use crate::source::Source;

/// What the format is found from.
const HEAD_BYTES: usize = 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The state of one file's cutting.
pub(super) struct Cutter {
    input: Input,
    file: Arc<str>,
    stream: Stream,
    limits: Limits,
    reading: Arc<Reading>,
    /// Set where records are not lines.
    scanner: Option<Scanner>,
    /// Set where records are messages in protobuf.
    messages: Option<Messages>,
    /// Bytes read and not yet given out.
    buffer: Vec<u8>,
    /// Place of the buffer's first byte.
    line: u64,
    offset: u64,
    /// How much of the buffer is looked at; grows while no record ends in it.
    window: usize,
    /// A line, or a message, that is being passed over.
    skipped: Option<Skipped>,
    before: Vec<Reject>,
    ended: bool,
    damage: Option<String>,
}

/// The bytes that are cut: the file's, or those made of the rows of a table.
enum Stream {
    Plain(Source),
    Rows(Box<Rows>),
    /// Between the two.
    None,
}

#[derive(Clone, Copy)]
struct Skipped {
    offset: u64,
    bytes: u64,
}

impl Cutter {
    pub(super) fn new(input: &Input, source: Source, limits: Limits) -> Self {
        Self {
            input: input.clone(),
            file: input.name().into(),
            stream: Stream::Plain(source),
            limits,
            reading: Arc::default(),
            scanner: None,
            messages: None,
            buffer: Vec::new(),
            line: 1,
            offset: 0,
            window: limits.block_bytes,
            skipped: None,
            before: Vec::new(),
            ended: false,
            damage: None,
        }
    }

    /// The file's first bytes, and whether they are all.
    pub(super) fn head(&mut self) -> Result<(&[u8], bool), Error> {
        self.fill(HEAD_BYTES)?;
        if self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.buffer.drain(..BYTE_ORDER_MARK.len());
            self.offset = BYTE_ORDER_MARK.len() as u64;
        }
        Ok((&self.buffer, self.ended))
    }

    /// Reads the rest of the file, and what is read of it, as the rows of a table.
    pub(super) fn begin_rows(&mut self, header: &Header) {
        let Stream::Plain(source) = mem::replace(&mut self.stream, Stream::None) else { return };
        let rows = Rows::new(header, mem::take(&mut self.buffer), self.ended, source);
        self.stream = Stream::Rows(Box::new(rows));
        self.ended = false;
    }

    pub(super) fn begin(&mut self, layout: Layout, reading: Reading) {
        self.reading = Arc::new(reading);
        self.scanner = match layout {
            Layout::Lines => None,
            Layout::Elements => Some(Scanner::new(1)),
            Layout::Envelope => Some(Scanner::of_envelopes(1)),
        };
        if self.scanner.is_none() {
            self.drop_cut_line();
        }
    }

    /// Begins to cut messages in protobuf.
    pub(super) fn begin_messages(&mut self, framing: Framing, reading: Reading) {
        self.reading = Arc::new(reading);
        self.messages = Some(Messages::new(framing));
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Text>, Error> {
        if self.messages.is_some() {
            return self.next_messages();
        }
        if self.scanner.is_some() { self.next_elements() } else { self.next_lines() }
    }

    fn fill(&mut self, bytes: usize) -> Result<(), Error> {
        while self.buffer.len() < bytes && !self.ended {
            let missing = bytes - self.buffer.len();
            let read = match &mut self.stream {
                Stream::Plain(source) => source.read(&mut self.buffer, missing),
                Stream::Rows(rows) => rows.read(&mut self.buffer, missing),
                Stream::None => Ok(0),
            };
            self.refuse_bad_rows();
            match read {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(ReadError::Io(error)) => {
                    self.ended = true;
                    return Err(self.input.failed(error));
                }
                Err(ReadError::Damaged(reason)) => {
                    self.ended = true;
                    self.damage = Some(reason);
                    self.drop_cut_line();
                }
            }
        }
        Ok(())
    }

    /// After damage: the last line is refused with the stream, unless it happens to be whole.
    fn drop_cut_line(&mut self) {
        let has_no_lines = self.scanner.is_some() || self.messages.is_some() || Framing::of(&self.buffer).is_some();
        if self.damage.is_none() || has_no_lines {
            return;
        }
        let start = memrchr(b'\n', &self.buffer).map_or(0, |at| at + 1);
        let last = self.buffer.get(start..).unwrap_or_default();
        if serde_json::from_slice::<IgnoredAny>(last).is_err() {
            self.buffer.truncate(start);
        }
    }

    fn next_lines(&mut self) -> Result<Option<Text>, Error> {
        loop {
            self.fill(self.window)?;
            if let Some(skipped) = self.skipped {
                self.skip_on(skipped);
                continue;
            }
            if self.buffer.is_empty() && self.ended {
                return Ok(self.finish());
            }
            let (near, far) = self.buffer.split_at(self.limits.block_bytes.min(self.buffer.len()));
            let newline = memrchr(b'\n', near).or_else(|| memchr(b'\n', far).map(|at| near.len() + at));
            let cut = match newline {
                Some(at) => at + 1,
                None if self.ended => self.buffer.len(),
                None if self.buffer.len() > self.limits.max_record_bytes => {
                    self.skipped = Some(Skipped { offset: self.offset, bytes: 0 });
                    continue;
                }
                None => {
                    self.window = self.buffer.len().saturating_mul(2).min(self.limits.max_record_bytes + 1);
                    continue;
                }
            };
            let text = self.take(cut, None);
            let lines = memchr::memchr_iter(b'\n', &text.bytes).count();
            self.line += lines as u64;
            return Ok(Some(text));
        }
    }

    /// Passes over the rest of a line that is too long to be held.
    fn skip_on(&mut self, skipped: Skipped) {
        let newline = memchr(b'\n', &self.buffer);
        let passed = newline.unwrap_or(self.buffer.len());
        let bytes = skipped.bytes + passed as u64;
        if newline.is_none() && !self.ended {
            self.offset += passed as u64;
            self.buffer.clear();
            self.skipped = Some(Skipped { bytes, ..skipped });
            return;
        }
        let reason = too_long(bytes, self.limits.max_record_bytes);
        self.refuse(self.line, skipped.offset, reason);
        let gone = newline.map_or(passed, |at| at + 1);
        self.buffer.drain(..gone);
        self.offset += gone as u64;
        self.line += 1;
        self.skipped = None;
        self.window = self.limits.block_bytes;
    }

    fn next_messages(&mut self) -> Result<Option<Text>, Error> {
        loop {
            self.fill(self.window)?;
            if let Some(skipped) = self.skipped {
                self.skip_message(skipped);
                continue;
            }
            let Some(messages) = &mut self.messages else { return Ok(None) };
            let (line, offset, bound) = (messages.number(), self.offset, self.limits.max_record_bytes);
            match messages.find(&self.buffer, self.ended, self.limits.block_bytes, bound) {
                Found::Spans(spans, end) => return Ok(Some(self.take(end, Some(spans)))),
                Found::Needs(bytes) => self.window = bytes,
                Found::TooLong(bytes) => {
                    messages.pass();
                    self.refuse(line, offset, too_long(bytes, bound));
                    self.skipped = Some(Skipped { offset, bytes });
                    self.window = self.limits.block_bytes;
                }
                Found::End => return Ok(self.finish()),
                found => {
                    // A damaged stream is refused once, with what it cuts.
                    if self.damage.is_none() {
                        let what = if found == Found::Cut {
                            "the file ends within a message"
                        } else {
                            "no message begins here, and the rest of the file is passed over"
                        };
                        self.refuse(line, offset, format!("{what} (copy the file again)"));
                    }
                    (self.line, self.ended, self.messages) = (line, true, None);
                    self.buffer.clear();
                    return Ok(self.finish());
                }
            }
        }
    }

    /// Passes over the rest of a message that is too long to be held, and is refused.
    fn skip_message(&mut self, skipped: Skipped) {
        let passed = self.buffer.len().min(usize::try_from(skipped.bytes).unwrap_or(usize::MAX));
        self.buffer.drain(..passed);
        self.offset += passed as u64;
        let bytes = skipped.bytes - passed as u64;
        self.skipped = (bytes > 0 && !self.ended).then_some(Skipped { bytes, ..skipped });
    }

    fn next_elements(&mut self) -> Result<Option<Text>, Error> {
        loop {
            // The scanner may be further on than the window that a block begins with.
            let seen = self.scanner.as_ref().map_or(0, Scanner::position);
            let wanted = self.window.max(seen + self.limits.block_bytes);
            self.fill(wanted)?;
            let window = wanted.min(self.buffer.len());
            let at_end = self.ended && window == self.buffer.len();
            let mut spans = Vec::new();
            let Some(scanner) = &mut self.scanner else { return Ok(None) };
            let is_cut = scanner.scan(self.buffer.get(..window).unwrap_or_default(), at_end, &mut spans);
            self.line = scanner.line();
            if let Some(last) = spans.last().copied() {
                if is_cut && self.damage.is_some() {
                    spans.pop();
                }
                let spans = self.refuse_dropped(spans);
                return Ok(Some(self.take(last.end, Some(spans))));
            }
            if at_end {
                self.offset += window as u64;
                self.buffer.clear();
                return Ok(self.finish());
            }
            self.let_go(window);
        }
    }

    /// Lets go of what is before the open record, or of that too if it is beyond its bound, and looks further.
    fn let_go(&mut self, window: usize) {
        let Some(scanner) = &mut self.scanner else { return };
        let open = scanner.open_at();
        let gone = if scanner.is_open() && window - open > self.limits.max_record_bytes { window } else { open };
        scanner.forget(gone);
        self.buffer.drain(..gone);
        self.offset += gone as u64;
        let held = window - gone;
        self.window = held.saturating_mul(2).clamp(self.limits.block_bytes, self.limits.max_record_bytes.max(1) * 2);
    }

    /// Refuses the record whose beginning was let go; it can only be the first.
    fn refuse_dropped(&mut self, mut spans: Vec<Span>) -> Vec<Span> {
        if let Some(first) = spans.first().copied().filter(|span| span.dropped > 0) {
            let bytes = first.dropped + (first.end - first.start) as u64;
            let offset = (self.offset + first.start as u64).saturating_sub(first.dropped);
            self.refuse(first.line, offset, too_long(bytes, self.limits.max_record_bytes));
            spans.remove(0);
        }
        spans
    }

    fn refuse(&mut self, line: u64, offset: u64, reason: String) {
        let byte_offset = self.has_offsets().then_some(offset);
        self.before.push(Reject { file: self.file.to_string(), line, byte_offset, reason });
    }

    fn refuse_bad_rows(&mut self) {
        let Stream::Rows(rows) = &mut self.stream else { return };
        for row in rows.take_bad() {
            let file = self.file.to_string();
            self.before.push(Reject { file, line: row.line, byte_offset: None, reason: row.reason });
        }
    }

    /// Whether the bytes that are cut are the file's own.
    const fn has_offsets(&self) -> bool {
        matches!(self.stream, Stream::Plain(_))
    }

    /// Takes the buffer's first `count` bytes.
    fn take(&mut self, count: usize, spans: Option<Vec<Span>>) -> Text {
        let rest = self.buffer.get(count..).unwrap_or_default();
        let mut next = Vec::with_capacity(rest.len().max(self.limits.block_bytes) + 64);
        next.extend_from_slice(rest);
        let mut bytes = mem::replace(&mut self.buffer, next);
        bytes.truncate(count);
        if let Some(scanner) = &mut self.scanner {
            scanner.forget(count);
        }
        let offset = self.offset;
        self.offset += count as u64;
        self.window = self.limits.block_bytes;
        Text {
            file: Arc::clone(&self.file),
            bytes,
            line: self.line,
            offset,
            has_offsets: self.has_offsets(),
            reading: Arc::clone(&self.reading),
            max_record_bytes: self.limits.max_record_bytes,
            is_protobuf: self.messages.is_some(),
            spans,
            before: mem::take(&mut self.before),
        }
    }

    /// After the last record: what is still to be refused, in a piece without records.
    fn finish(&mut self) -> Option<Text> {
        if let Some(reason) = self.damage.take() {
            self.refuse(self.line, self.offset, reason);
        }
        if self.before.is_empty() {
            return None;
        }
        Some(self.take(0, None))
    }
}
