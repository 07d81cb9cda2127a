//! A piece of a text file, and the records in it.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use crate::Record;
use crate::Reject;
use crate::elements::Scanner;
use crate::elements::Span;
use crate::formats;
use crate::formats::Reading;
use crate::limits::too_long;

/// A piece of a text file.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) file: Arc<str>,
    pub(super) bytes: Vec<u8>,
    /// Line of the file at the first byte, from 1.
    pub(super) line: u64,
    /// Offset of the first byte in the decompressed file.
    pub(super) offset: u64,
    /// Whether offsets are those of the file; of what was made of a table they are not.
    pub(super) has_offsets: bool,
    pub(super) reading: Arc<Reading>,
    pub(super) max_record_bytes: usize,
    /// Whether the records are messages of OTLP in protobuf.
    pub(super) is_protobuf: bool,
    /// The records, where they are not the lines.
    pub(super) spans: Option<Vec<Span>>,
    /// What was refused while cutting, ahead of this block's records.
    pub(super) before: Vec<Reject>,
}

/// What takes each record's text and place.
type Each<'e> = dyn FnMut(Result<(&str, Place), Reject>) + 'e;

/// Where a record is.
#[derive(Debug, Clone, Copy)]
struct Place {
    line: u64,
    offset: u64,
}

/// Records that may be refused one after another before the rest of a block is left: it is no log.
const MAX_REFUSED_IN_A_ROW: u32 = 250_000;

impl Text {
    /// Reads the records as exchanges, in order.
    pub(super) fn read_exchanges(&self, sink: &mut dyn FnMut(Record<'_>)) {
        if self.is_protobuf {
            return self.read_messages(sink);
        }
        let in_a_row = Cell::new(0);
        let is_junk = || in_a_row.get() > MAX_REFUSED_IN_A_ROW;
        let mut counted = |record: Record<'_>| {
            in_a_row.set(if matches!(record, Record::Refused(_)) { in_a_row.get() + 1 } else { 0 });
            sink(record);
        };
        self.records(&is_junk, &mut |record| match record {
            Ok((record, place)) => {
                formats::parse(&self.reading, record, &mut |found| self.pass_on(place, found, &mut counted));
            }
            Err(reject) => counted(Record::Refused(reject)),
        });
    }

    fn read_messages(&self, sink: &mut dyn FnMut(Record<'_>)) {
        self.before.iter().for_each(|reject| sink(Record::Refused(reject.clone())));
        for span in self.spans.iter().flatten() {
            let place = Place { line: span.line, offset: self.offset + span.start as u64 };
            let message = self.bytes.get(span.start..span.end).unwrap_or_default();
            formats::parse_protobuf(&self.reading, message, &mut |found| self.pass_on(place, found, sink));
        }
    }

    /// Passes on what was found, with its place.
    fn pass_on(&self, place: Place, found: Record<'_>, sink: &mut dyn FnMut(Record<'_>)) {
        match found {
            Record::Refused(reject) => sink(Record::Refused(self.reject(place, reject.reason))),
            Record::Exchange(exchange, mut origin) => {
                origin.orphan = origin.orphan.map(|reject| self.reject(place, reject.reason));
                sink(Record::Exchange(exchange, origin));
            }
            other @ (Record::PassedOver(_) | Record::Owner { .. }) => sink(other),
        }
    }

    /// Reads the records by `parse`, in order.
    pub(super) fn read_each<T>(
        &self,
        parse: impl Fn(&str) -> Result<T, String>,
        sink: &mut dyn FnMut(Result<T, Reject>),
    ) {
        self.records(&|| false, &mut |record| match record {
            Ok((record, place)) => sink(parse(record).map_err(|reason| self.reject(place, reason))),
            Err(reject) => sink(Err(reject)),
        });
    }

    #[cold]
    fn reject(&self, place: Place, reason: String) -> Reject {
        let byte_offset = self.has_offsets.then_some(place.offset);
        Reject { file: self.file.to_string(), line: place.line, byte_offset, reason }
    }

    /// Every record's text with its place. Lines are left, with one reject that counts them, once `is_junk` says so.
    fn records(&self, is_junk: &dyn Fn() -> bool, each: &mut Each<'_>) {
        for reject in &self.before {
            each(Err(reject.clone()));
        }
        // One look over the whole block costs less than one at each record.
        let whole = str::from_utf8(&self.bytes).ok();
        let Some(spans) = &self.spans else { return self.lines(whole, is_junk, each) };
        for span in spans {
            let place = Place { line: span.line, offset: self.offset + span.start as u64 };
            self.record(whole, span.start..span.end, place, each);
        }
    }

    fn lines(&self, whole: Option<&str>, is_junk: &dyn Fn() -> bool, each: &mut Each<'_>) {
        let mut start = 0;
        let mut place = Place { line: self.line, offset: self.offset };
        while start < self.bytes.len() {
            let rest = self.bytes.get(start..).unwrap_or_default();
            if is_junk() {
                let left = memchr::memchr_iter(b'\n', rest).count();
                let reason = format!(
                    "{left} lines are left from here on, since the {MAX_REFUSED_IN_A_ROW} before them were all refused"
                );
                return each(Err(self.reject(place, reason)));
            }
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let record = line.trim_ascii();
            if length > self.max_record_bytes {
                each(Err(self.reject(place, too_long(length as u64, self.max_record_bytes))));
            } else if record.first() == Some(&b'[') {
                self.array(whole, start..start + length, place, each);
            } else if !record.is_empty() {
                let blank = line.len() - line.trim_ascii_start().len();
                let record_start = start + blank;
                self.record(whole, record_start..record_start + record.len(), place, each);
            }
            start += length + 1;
            place = Place { line: place.line + 1, offset: place.offset + length as u64 + 1 };
        }
    }

    /// A line that is a list of records. Elements that are no objects, one after another, are one reject: a list of numbers
    /// is no log, and may have millions.
    fn array(&self, whole: Option<&str>, line: Range<usize>, place: Place, each: &mut Each<'_>) {
        let mut spans = Vec::new();
        let bytes = self.bytes.get(line.clone()).unwrap_or_default();
        Scanner::new(place.line).scan(bytes, true, &mut spans);
        let is_object = |span: &Span| matches!(bytes.get(span.start), Some(b'{' | b'['));
        for run in spans.chunk_by(|one, next| !is_object(one) && !is_object(next)) {
            let Some(first) = run.first() else { continue };
            let place = Place { offset: place.offset + first.start as u64, ..place };
            match run.len() {
                1 => self.record(whole, line.start + first.start..line.start + first.end, place, each),
                many => {
                    each(Err(self.reject(place, format!("{many} elements of a list are no objects, and no records"))))
                }
            }
        }
    }

    fn record(&self, whole: Option<&str>, range: Range<usize>, place: Place, each: &mut Each<'_>) {
        if range.len() > self.max_record_bytes {
            return each(Err(self.reject(place, too_long(range.len() as u64, self.max_record_bytes))));
        }
        // The edges of a record are ASCII, so that it can be taken from its block as text.
        if let Some(record) = whole.and_then(|whole| whole.get(range.clone())) {
            return each(Ok((record, place)));
        }
        match str::from_utf8(self.bytes.get(range).unwrap_or_default()) {
            Ok(record) => each(Ok((record, place))),
            Err(error) => {
                let at = error.valid_up_to();
                let reason = format!("invalid UTF-8 at byte {at} of the record (write the log as UTF-8)");
                each(Err(self.reject(place, reason)));
            }
        }
    }
}
