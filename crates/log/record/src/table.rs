//! The native form as a Parquet table: flat columns, or the JSON's own nesting as struct columns.

use std::ffi::OsStr;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde_json::Value;

use crate::Account;
use crate::Addition;
use crate::Error;
use crate::Input;
use crate::Maps;
use crate::Origin;
use crate::Record;
use crate::Reject;
use crate::format::Records;
use crate::formats::parse_mapped;
use crate::formats::parse_mapped_addition;
use crate::json::shown_names;
use crate::limits::MAX_RECORD_BYTES;
use crate::limits::too_long;
use crate::maps::Map;
use crate::source::Meter;
use crate::table_file::TableFile;

mod accounts;
mod apart;
mod columns;
mod decode;
mod exchanges;
mod mapped;
mod write;

pub use write::ExchangeWriter;
pub use write::exchange_schema;

pub use apart::decode_apart;
pub use apart::serve;

use accounts::AccountColumns;
use apart::Apart;
use apart::Piece;
use columns::Finder;
use decode::Decoder;
use decode::Opening;
use decode::Wanted;
use exchanges::ExchangeColumns;

/// What reads a row by a map.
type Parse = fn(&Map, &Value, &mut dyn FnMut(Record<'_>));

/// The blocks of one table, in order.
pub(crate) struct TableBlocks {
    name: Arc<str>,
    reader: Reader,
    records: Records,
    map: Option<Arc<Map>>,
    rows_read: u64,
    rows: u64,
    size_bytes: u64,
    meter: Meter,
    failed: bool,
}

/// Who decodes.
enum Reader {
    Here(Decoder),
    Apart(Apart),
}

impl Reader {
    /// The next rows, after so many; `None` at the end.
    fn next(&mut self, rows_read: u64) -> Option<Result<Piece, String>> {
        match self {
            Self::Here(decoder) => Some(decoder.next()?.map(Piece::Rows)),
            Self::Apart(apart) => apart.next(rows_read),
        }
    }
}

/// What is read of a table, and how.
struct Begun {
    reader: Reader,
    rows: u64,
    map: Option<Map>,
}

impl Begun {
    fn here(file: TableFile, records: Records, maps: &Maps) -> Result<Self, String> {
        let opening = Opening::open(file)?;
        let (columns, map) = used_columns(opening.schema(), records, maps)?;
        let rows = opening.rows();
        let reader = Reader::Here(opening.read(Wanted { columns, from_row: 0, few_rows: false })?);
        Ok(Self { reader, rows, map })
    }

    fn apart(mut apart: Apart, records: Records, maps: &Maps) -> Result<Self, String> {
        let (columns, map) = used_columns(apart.schema(), records, maps)?;
        let rows = apart.rows();
        apart.begin(Wanted { columns, from_row: 0, few_rows: false })?;
        Ok(Self { reader: Reader::Apart(apart), rows, map })
    }
}

impl TableBlocks {
    /// Opens a table that is at a path or URL.
    pub(crate) fn open(
        input: &Input,
        (place, file): (&OsStr, TableFile),
        records: Records,
        maps: &Maps,
        meter: Meter,
    ) -> Result<Self, Error> {
        let begun = match Apart::open(place) {
            Some(apart) => apart.and_then(|apart| Begun::apart(apart, records, maps)),
            None => Begun::here(file, records, maps),
        };
        let Begun { reader, rows, map } =
            begun.map_err(|reason| Error::Table { file: input.name().to_owned(), reason })?;
        Ok(Self {
            name: input.name().into(),
            reader,
            records,
            map: map.map(Arc::new),
            rows_read: 0,
            rows,
            size_bytes: input.size_bytes().unwrap_or(0),
            meter,
            failed: false,
        })
    }

    pub(crate) fn next(&mut self) -> Option<Result<TableBlock, Error>> {
        if self.failed {
            return None;
        }
        let piece = match self.reader.next(self.rows_read)? {
            Ok(piece) => piece,
            Err(reason) => {
                self.failed = true;
                let reason = format!("after row {}: {reason}", self.rows_read);
                return Some(Err(Error::Table { file: self.name.to_string(), reason }));
            }
        };
        let first_row = self.rows_read + 1;
        self.rows_read += match &piece {
            Piece::Rows(batch) => batch.num_rows() as u64,
            Piece::Long(_) => 1,
        };
        // Columns are read from all over the file: the share of rows is the share of bytes.
        let share = self.rows_read as f64 / self.rows.max(1) as f64;
        self.meter.set_bytes((self.size_bytes as f64 * share.min(1.0)) as u64);
        let map = self.map.clone();
        Some(Ok(TableBlock { file: Arc::clone(&self.name), piece, first_row, records: self.records, map }))
    }
}

/// The top-level columns to read, and the map of a foreign table; an error names a column that is missing or of a wrong
/// type.
fn used_columns(schema: &SchemaRef, records: Records, maps: &Maps) -> Result<(Vec<usize>, Option<Map>), String> {
    if let Some(table) = table_of_ours(schema) {
        return Err(format!("it is a file of the {table} of a data directory (give the directory itself)"));
    }
    let empty = RecordBatch::new_empty(Arc::clone(schema));
    let mut finder = Finder::new(&empty);
    match records {
        Records::Exchanges(_) => {
            let reason = match ExchangeColumns::find(&mut finder) {
                Ok(_) => return Ok((finder.into_used(), None)),
                Err(reason) => reason,
            };
            let map = mapped::map_of(schema, maps)
                .ok_or_else(|| format!("{reason}; found {} (name its columns with --map)", shown(schema)))?;
            Ok(((0..schema.fields().len()).collect(), Some(map)))
        }
        Records::Additions => {
            let map = mapped::addition_of(schema, maps).ok_or_else(|| {
                let found = shown(schema);
                format!(
                    "no map of a second log is of the columns {found} (say with a --map of `adds = true` which is what)"
                )
            })?;
            Ok(((0..schema.fields().len()).collect(), Some(map)))
        }
        Records::Accounts => AccountColumns::find(&mut finder).map(|_| (finder.into_used(), None)),
    }
}

/// The table of a data directory that a file is of: as a log it would be its exchanges once more, without their texts.
fn table_of_ours(schema: &SchemaRef) -> Option<&'static str> {
    let tables = [(["id_hash", "row_hash"], "exchanges"), (["profile", "ids"], "increments")];
    let has = |columns: &[&str; 2]| columns.iter().all(|column| schema.column_with_name(column).is_some());
    tables.into_iter().find(|(columns, _)| has(columns)).map(|(_, table)| table)
}

/// The names of the first columns.
fn shown(schema: &SchemaRef) -> String {
    shown_names(schema.fields().iter().map(|field| field.name().as_str()), 12)
}

/// Rows of a table.
#[derive(Debug)]
pub(crate) struct TableBlock {
    file: Arc<str>,
    piece: Piece,
    first_row: u64,
    records: Records,
    map: Option<Arc<Map>>,
}

impl TableBlock {
    pub(crate) fn bytes(&self) -> usize {
        match &self.piece {
            Piece::Rows(batch) => batch.get_array_memory_size(),
            Piece::Long(_) => 0,
        }
    }

    /// The rows; one that is too long is refused.
    fn rows(&self, refuse: impl FnOnce(Reject)) -> Option<&RecordBatch> {
        match &self.piece {
            Piece::Rows(batch) => Some(batch),
            Piece::Long(bytes) => {
                refuse(self.reject(0, too_long(*bytes, MAX_RECORD_BYTES)));
                None
            }
        }
    }

    pub(crate) fn read_exchanges(&self, sink: &mut dyn FnMut(Record<'_>)) {
        if !matches!(self.records, Records::Exchanges(_)) {
            return;
        }
        if let Some(map) = &self.map {
            return self.read_mapped(map, parse_mapped, sink);
        }
        let Some(batch) = self.rows(|reject| sink(Record::Refused(reject))) else { return };
        match ExchangeColumns::find(&mut Finder::new(batch)) {
            Ok(columns) => {
                for row in 0..batch.num_rows() {
                    sink(match columns.exchange(row) {
                        Ok(exchange) => Record::Exchange(exchange, Origin::default()),
                        Err(reason) => Record::Refused(self.reject(row, reason)),
                    });
                }
            }
            Err(reason) => self.refuse_all(batch, &reason, &mut |reject| sink(Record::Refused(reject))),
        }
    }

    /// Reads the rows as what a second log says of exchanges.
    pub(crate) fn read_additions(&self, sink: &mut dyn FnMut(Result<Addition<'_>, Reject>)) {
        let Some(map) = &self.map else { return };
        self.read_mapped(map, parse_mapped_addition, &mut |record| match record {
            Record::Exchange(exchange, origin) => sink(Ok(Addition { exchange, trace: origin.trace })),
            Record::Refused(reject) => sink(Err(reject)),
            Record::PassedOver(_) | Record::Owner { .. } => {}
        });
    }

    /// Reads each row by a map, and gives what is refused its place.
    fn read_mapped(&self, map: &Map, parse: Parse, sink: &mut dyn FnMut(Record<'_>)) {
        let Some(batch) = self.rows(|reject| sink(Record::Refused(reject))) else { return };
        for row in 0..batch.num_rows() {
            let place = |reject: Reject| self.reject(row, reject.reason);
            parse(map, &mapped::row_value(batch, row), &mut |record| match record {
                Record::Refused(reject) => sink(Record::Refused(place(reject))),
                Record::Exchange(exchange, mut origin) => {
                    origin.orphan = origin.orphan.map(place);
                    sink(Record::Exchange(exchange, origin));
                }
                other @ (Record::PassedOver(_) | Record::Owner { .. }) => sink(other),
            });
        }
    }

    pub(crate) fn read_accounts(&self, sink: &mut dyn FnMut(Result<Account, Reject>)) {
        let Some(batch) = self.rows(|reject| sink(Err(reject))) else { return };
        match AccountColumns::find(&mut Finder::new(batch)) {
            Ok(columns) => {
                for row in 0..batch.num_rows() {
                    sink(columns.account(row).map_err(|reason| self.reject(row, reason)));
                }
            }
            Err(reason) => self.refuse_all(batch, &reason, &mut |reject| sink(Err(reject))),
        }
    }

    /// The reject for a table that cannot hold what was asked for.
    pub(crate) fn refused(&self, reason: &str) -> Reject {
        Reject { file: self.file.to_string(), line: 1, byte_offset: None, reason: reason.to_owned() }
    }

    /// The types were checked when the file was opened; what fails now fails for every row.
    fn refuse_all(&self, batch: &RecordBatch, reason: &str, refuse: &mut dyn FnMut(Reject)) {
        for row in 0..batch.num_rows() {
            refuse(self.reject(row, reason.to_owned()));
        }
    }

    #[cold]
    fn reject(&self, row: usize, reason: String) -> Reject {
        Reject { file: self.file.to_string(), line: self.first_row + row as u64, byte_offset: None, reason }
    }
}

#[cfg(test)]
mod tests;
