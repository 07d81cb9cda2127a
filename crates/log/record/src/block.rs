//! From a stream of bytes to blocks of whole records, and from a block to exchanges.
//!
//! Cutting is cheap and done by one thread; reading is dear and done by many, each on blocks of its own. What is read
//! does not depend on where the cuts fall.

use std::ops::Range;
use std::sync::Arc;

use crate::Account;
use crate::Action;
use crate::Error;
use crate::Exchange;
use crate::Format;
use crate::Input;
use crate::Reject;
use crate::elements::Scanner;
use crate::elements::Span;
use crate::formats;
use crate::input::Opened;
use crate::native;
use crate::sniff;
use crate::source::Meter;
use crate::source::Source;

mod cut;

use cut::Cutter;

/// Longest record in bytes. A longer one is passed over without being held, and refused.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;
/// What a block aims at; one long record makes it longer.
const BLOCK_BYTES: usize = 1024 * 1024;

/// The two sizes that tests make small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) block_bytes: usize,
    pub(crate) max_record_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { block_bytes: BLOCK_BYTES, max_record_bytes: MAX_RECORD_BYTES }
    }
}

/// What a file's records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Records {
    /// Exchanges, in this format or in the one that their content tells.
    Exchanges(Option<Format>),
    /// Account records.
    Accounts,
}

/// The blocks of one input, in order.
pub struct Blocks {
    format: Option<Format>,
    meter: Meter,
    kind: Kind,
}

enum Kind {
    Text(Box<Cutter>),
    #[cfg(feature = "parquet")]
    Table(Box<crate::table::TableBlocks>),
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Blocks {
    pub(crate) fn open(input: &Input, format: Option<Format>) -> Result<Self, Error> {
        Self::open_with(input, Records::Exchanges(format), Limits::default())
    }

    pub(crate) fn open_with(input: &Input, records: Records, limits: Limits) -> Result<Self, Error> {
        let meter = Meter::default();
        match input.open_raw(&meter)? {
            Opened::Text(source) => Self::open_text(input, source, meter, records, limits),
            #[cfg(feature = "parquet")]
            Opened::Table(file) => {
                let table = crate::table::TableBlocks::open(input, file, records, meter.clone())?;
                Ok(Self { format: None, meter, kind: Kind::Table(Box::new(table)) })
            }
        }
    }

    fn open_text(input: &Input, source: Source, meter: Meter, records: Records, limits: Limits) -> Result<Self, Error> {
        let mut cutter = Cutter::new(input, source, limits);
        let (head, ended) = cutter.head()?;
        let not_a_log =
            |found| Error::NotALog { file: input.name().to_owned(), expected: sniff::expected(records), found };
        let (layout, format) = sniff::find(head, ended, records).map_err(not_a_log)?;
        cutter.begin(layout, format);
        Ok(Self { format, meter, kind: Kind::Text(Box::new(cutter)) })
    }

    /// The format that was asked for or found; `None` for Parquet and for a file without records.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Bytes of the source read so far, compressed as they are: against [`Input::size_bytes`] it is the progress.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.meter.bytes()
    }
}

impl Iterator for Blocks {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.kind {
            Kind::Text(cutter) => cutter.next().transpose(),
            #[cfg(feature = "parquet")]
            Kind::Table(table) => table.next(),
        }
    }
}

/// Whole records of one input.
#[derive(Debug)]
pub struct Block {
    pub(crate) file: Arc<str>,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    Text(Text),
    #[cfg(feature = "parquet")]
    Table(crate::table::TableBlock),
}

/// A piece of a text file.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    /// Line of the file at the first byte, from 1.
    pub(crate) line: u64,
    /// Offset of the first byte in the decompressed file.
    pub(crate) offset: u64,
    pub(crate) format: Option<Format>,
    pub(crate) max_record_bytes: usize,
    /// The records, where they are not the lines.
    pub(crate) spans: Option<Vec<Span>>,
    /// What was refused while cutting, ahead of this block's records.
    pub(crate) before: Vec<Reject>,
}

/// What takes each record's text and place.
type Each<'e> = dyn FnMut(Result<(&str, Place), Reject>) + 'e;

/// Where a record is.
#[derive(Debug, Clone, Copy)]
struct Place {
    line: u64,
    offset: u64,
}

impl Block {
    /// Size in memory, decompressed.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.body {
            Body::Text(text) => text.bytes.len(),
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.bytes(),
        }
    }

    /// Reads the block's records in order. Each comes to `sink` as an exchange or as a reject.
    pub fn read(&self, sink: &mut dyn FnMut(Result<Exchange<'_>, Reject>)) {
        match &self.body {
            Body::Text(text) => self.read_text(text, sink),
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.read_exchanges(&self.file, sink),
        }
    }

    /// Reads the block's records as accounts.
    pub(crate) fn read_accounts(&self, sink: &mut dyn FnMut(Result<Account, Reject>)) {
        match &self.body {
            Body::Text(text) => self.read_text_accounts(text, sink),
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.read_accounts(&self.file, sink),
        }
    }

    /// Reads the block's records as enforcement acts; a table holds none.
    pub(crate) fn read_actions(&self, sink: &mut dyn FnMut(Result<Action, Reject>)) {
        match &self.body {
            Body::Text(text) => self.records(text, &mut |record| match record {
                Ok((record, place)) => {
                    sink(native::parse_action(record).map_err(|reason| self.reject(place, reason)));
                }
                Err(reject) => sink(Err(reject)),
            }),
            #[cfg(feature = "parquet")]
            Body::Table(_) => {
                let reason = "enforcement acts are JSON lines, not Parquet".to_owned();
                sink(Err(Reject { file: self.file.to_string(), line: 1, byte_offset: None, reason }));
            }
        }
    }

    fn read_text(&self, text: &Text, sink: &mut dyn FnMut(Result<Exchange<'_>, Reject>)) {
        // A file without a format has no records, but its stream may have been refused.
        let format = text.format.unwrap_or(Format::Native);
        self.records(text, &mut |record| match record {
            Ok((record, place)) => formats::parse(format, record, &mut |parsed| match parsed {
                Ok(exchange) => sink(Ok(exchange)),
                Err(reason) => sink(Err(self.reject(place, reason))),
            }),
            Err(reject) => sink(Err(reject)),
        });
    }

    fn read_text_accounts(&self, text: &Text, sink: &mut dyn FnMut(Result<Account, Reject>)) {
        self.records(text, &mut |record| match record {
            Ok((record, place)) => {
                sink(native::parse_account(record).map_err(|reason| self.reject(place, reason)));
            }
            Err(reject) => sink(Err(reject)),
        });
    }

    #[cold]
    fn reject(&self, place: Place, reason: String) -> Reject {
        Reject { file: self.file.to_string(), line: place.line, byte_offset: Some(place.offset), reason }
    }

    /// Every record's text with its place.
    fn records(&self, text: &Text, each: &mut Each<'_>) {
        for reject in &text.before {
            each(Err(reject.clone()));
        }
        // One look over the whole block costs less than one at each record.
        let whole = str::from_utf8(&text.bytes).ok();
        let Some(spans) = &text.spans else { return self.lines(text, whole, each) };
        for span in spans {
            let place = Place { line: span.line, offset: text.offset + span.start as u64 };
            self.record(text, whole, span.start..span.end, place, each);
        }
    }

    fn lines(&self, text: &Text, whole: Option<&str>, each: &mut Each<'_>) {
        let mut start = 0;
        let mut place = Place { line: text.line, offset: text.offset };
        while start < text.bytes.len() {
            let rest = text.bytes.get(start..).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let record = line.trim_ascii();
            if length > text.max_record_bytes {
                each(Err(self.reject(place, too_long(length as u64, text.max_record_bytes))));
            } else if record.first() == Some(&b'[') {
                self.array(text, whole, start..start + length, place, each);
            } else if !record.is_empty() {
                let blank = line.len() - line.trim_ascii_start().len();
                let record_start = start + blank;
                self.record(text, whole, record_start..record_start + record.len(), place, each);
            }
            start += length + 1;
            place = Place { line: place.line + 1, offset: place.offset + length as u64 + 1 };
        }
    }

    /// A line that is a list of records.
    fn array(&self, text: &Text, whole: Option<&str>, line: Range<usize>, place: Place, each: &mut Each<'_>) {
        let mut spans = Vec::new();
        let bytes = text.bytes.get(line.clone()).unwrap_or_default();
        Scanner::new(place.line).scan(bytes, true, &mut spans);
        for span in spans {
            let place = Place { offset: place.offset + span.start as u64, ..place };
            self.record(text, whole, line.start + span.start..line.start + span.end, place, each);
        }
    }

    fn record(&self, text: &Text, whole: Option<&str>, range: Range<usize>, place: Place, each: &mut Each<'_>) {
        if range.len() > text.max_record_bytes {
            return each(Err(self.reject(place, too_long(range.len() as u64, text.max_record_bytes))));
        }
        // The edges of a record are ASCII, so that it can be taken from its block as text.
        if let Some(record) = whole.and_then(|whole| whole.get(range.clone())) {
            return each(Ok((record, place)));
        }
        match str::from_utf8(text.bytes.get(range).unwrap_or_default()) {
            Ok(record) => each(Ok((record, place))),
            Err(error) => {
                let at = error.valid_up_to();
                let reason = format!("invalid UTF-8 at byte {at} of the record (write the log as UTF-8)");
                each(Err(self.reject(place, reason)));
            }
        }
    }
}

/// The reject for a record beyond its bound.
pub(crate) fn too_long(bytes: u64, bound: usize) -> String {
    format!("the record of {bytes} bytes is longer than the bound of {bound} (cut its texts, or leave out its media)")
}

#[cfg(test)]
mod tests;
