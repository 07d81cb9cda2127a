//! Rows of comma-separated values as lines of JSON, which maps read.
//!
//! A row becomes an object with the header's names. A row keeps its place: where a value holds line feeds, as many follow the
//! object, so that the lines of a reject are those of the file.

use std::collections::BTreeSet;

use csv_core::ReadRecordResult;
use csv_core::Reader;
use csv_core::ReaderBuilder;
use csv_core::Terminator;

use crate::json::shown_names;
use crate::limits::MAX_RECORD_BYTES;
use crate::source::ReadError;
use crate::source::Source;

/// Separators, the most usual first.
const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Longest name of a column in bytes.
const MAX_NAME_BYTES: usize = 100;
/// Most columns of a table.
const MAX_COLUMNS: usize = 4_096;
/// Bytes that are read at a time.
const INPUT_BYTES: usize = 64 * 1024;

/// The first line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The names of its columns.
    pub(crate) names: Vec<String>,
    separator: u8,
}

impl Header {
    /// The header that a file begins with: at least two names, all different, and nothing that could be a value.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let end = memchr::memchr(b'\n', head)?;
        let line = str::from_utf8(head.get(..end)?).ok()?.trim_end();
        let of = |separator: u8| {
            let names = || line.split(char::from(separator)).map(|name| unquoted(name.trim()));
            // The first line of a log that is no table fails at its first name, however long it is.
            if !names().all(is_name) {
                return None;
            }
            let different: BTreeSet<&str> = names().collect();
            let names: Vec<String> = names().map(str::to_owned).collect();
            ((2..=MAX_COLUMNS).contains(&names.len()) && different.len() == names.len())
                .then_some(Self { names, separator })
        };
        SEPARATORS.into_iter().filter_map(of).max_by_key(|header| header.names.len())
    }

    /// The first names, for messages.
    pub(crate) fn shown(&self) -> String {
        shown_names(self.names.iter().map(String::as_str), 12)
    }
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}

fn is_name(name: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. /:@$()".contains(&byte);
    !name.is_empty()
        && name.len() <= MAX_NAME_BYTES
        && name.bytes().all(is_of_name)
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A row that is none, with its line.
pub(crate) struct BadRow {
    pub(crate) line: u64,
    pub(crate) reason: String,
}

/// The rows of a table as lines of JSON.
pub(crate) struct Rows {
    source: Source,
    /// Bytes of the table from `at` on that are still to be read.
    input: Vec<u8>,
    at: usize,
    is_over: bool,
    reader: Reader,
    /// Names of the columns, as JSON.
    names: Vec<String>,
    /// The values of a row, one after another, and where each ends.
    values: Vec<u8>,
    ends: Vec<usize>,
    /// Line of the file at `at`, from 1.
    line: u64,
    /// Lines of JSON that are not given out yet.
    made: Vec<u8>,
    given: usize,
    bad: Vec<BadRow>,
}

impl Rows {
    /// The rows of a table whose first bytes are `head`, the header among them. `is_over` says that they are all.
    pub(crate) fn new(header: &Header, head: Vec<u8>, is_over: bool, source: Source) -> Self {
        let at = memchr::memchr(b'\n', &head).map_or(head.len(), |at| at + 1);
        let names = header.names.iter().map(|name| serde_json::Value::from(name.as_str()).to_string()).collect();
        let reader = ReaderBuilder::new().delimiter(header.separator).terminator(Terminator::Any(b'\n')).build();
        Self {
            source,
            input: head,
            at,
            is_over,
            reader,
            names,
            values: vec![0; 64 * 1024],
            ends: vec![0; header.names.len() + 1],
            line: 2,
            // The header's line holds no record.
            made: vec![b'\n'],
            given: 0,
            bad: Vec::new(),
        }
    }

    /// Appends at most `limit` bytes to `out`; 0 is the end.
    pub(crate) fn read(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<usize, ReadError> {
        let before = out.len();
        while out.len() - before < limit {
            if self.given == self.made.len() {
                (self.given, self.made) = (0, Vec::new());
                match self.next_row() {
                    Ok(true) => continue,
                    Ok(false) => break,
                    Err(error) if out.len() == before => return Err(error),
                    // Told at the next call, which begins with it.
                    Err(error) => {
                        self.source.fail(error);
                        break;
                    }
                }
            }
            let rest = self.made.get(self.given..).unwrap_or_default();
            let count = rest.len().min(limit - (out.len() - before));
            out.extend_from_slice(rest.get(..count).unwrap_or_default());
            self.given += count;
        }
        Ok(out.len() - before)
    }

    /// Takes the rows that were none since the last call.
    pub(crate) fn take_bad(&mut self) -> Vec<BadRow> {
        std::mem::take(&mut self.bad)
    }

    /// Makes the next row's line; `false` at the end.
    fn next_row(&mut self) -> Result<bool, ReadError> {
        let (mut filled, mut columns) = (0, 0);
        let first = self.line;
        loop {
            let input = self.input.get(self.at..).unwrap_or_default();
            if input.is_empty() && !self.is_over {
                self.refill()?;
                continue;
            }
            let values = self.values.get_mut(filled..).unwrap_or_default();
            let ends = self.ends.get_mut(columns..).unwrap_or_default();
            let (result, taken, written, ended) = self.reader.read_record(input, values, ends);
            let passed = input.get(..taken).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
            (self.at, filled, columns) = (self.at + taken, filled + written, columns + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.values.len() > MAX_RECORD_BYTES => {
                    let reason = "is longer than 16 MiB (is a quote not closed?), and ends the reading of this table";
                    return Err(ReadError::Damaged(format!("the row at line {first} {reason}")));
                }
                ReadRecordResult::OutputFull => self.values.resize(self.values.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() > 2 * MAX_COLUMNS => {
                    let reason = format!("the row at line {first} has more than {} values", 2 * MAX_COLUMNS);
                    return Err(ReadError::Damaged(reason));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.make(first, filled, columns);
                    return Ok(true);
                }
                ReadRecordResult::End => return Ok(false),
            }
        }
    }

    fn refill(&mut self) -> Result<(), ReadError> {
        (self.at, self.input) = (0, Vec::with_capacity(INPUT_BYTES));
        self.is_over = self.source.read(&mut self.input, INPUT_BYTES)? == 0;
        Ok(())
    }

    /// Writes a row's line, and an empty one for each line feed in its values.
    fn make(&mut self, line: u64, filled: usize, columns: usize) {
        if let Err(reason) = self.write(filled, columns) {
            self.made.clear();
            self.bad.push(BadRow { line, reason });
        }
        let lines = self.line.saturating_sub(line).max(1) as usize;
        self.made.resize(self.made.len() + lines, b'\n');
    }

    fn write(&mut self, filled: usize, columns: usize) -> Result<(), String> {
        if columns == 1 && self.values.get(..filled).is_some_and(|line| line.trim_ascii().is_empty()) {
            return Ok(());
        }
        if columns != self.names.len() {
            return Err(format!("a row of {columns} values under a header of {} names", self.names.len()));
        }
        let values = self.values.get(..filled).unwrap_or_default();
        let values = str::from_utf8(values).map_err(|_| "invalid UTF-8 (write the table as UTF-8)".to_owned())?;
        let (mut start, last) = (0, columns.saturating_sub(1));
        self.made.push(b'{');
        for (at, (name, end)) in self.names.iter().zip(&self.ends).enumerate() {
            let value = values.get(start..*end).unwrap_or_default();
            // Of a line that ends in carriage return and line feed.
            let value = if at == last { value.strip_suffix('\r').unwrap_or(value) } else { value };
            start = *end;
            if at > 0 {
                self.made.push(b',');
            }
            self.made.extend_from_slice(name.as_bytes());
            self.made.push(b':');
            serde_json::to_writer(&mut self.made, value).map_err(|error| error.to_string())?;
        }
        self.made.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests;
