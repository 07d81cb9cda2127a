//! The native form as a Parquet table: flat columns, or the JSON's own nesting as struct columns.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaData;
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
use crate::maps::Map;
use crate::source::Meter;
use crate::table_file::TableFile;
use crate::table_file::guarded;

mod accounts;
mod columns;
mod exchanges;
mod mapped;
mod write;

pub use write::ExchangeWriter;
pub use write::exchange_schema;

use accounts::AccountColumns;
use columns::Finder;
use exchanges::ExchangeColumns;

/// What a block aims at, decompressed.
const BLOCK_BYTES: i64 = 2 * 1024 * 1024;
/// What reads a row by a map.
type Parse = fn(&Map, &Value, &mut dyn FnMut(Record<'_>));
/// Rows of a block at least and at most.
const BLOCK_ROWS: (i64, i64) = (16, 8192);

/// The blocks of one table, in order.
pub(crate) struct TableBlocks {
    name: Arc<str>,
    reader: ParquetRecordBatchReader,
    records: Records,
    map: Option<Arc<Map>>,
    rows_read: u64,
    rows: u64,
    size_bytes: u64,
    meter: Meter,
    failed: bool,
}

impl TableBlocks {
    pub(crate) fn open(
        input: &Input,
        file: TableFile,
        records: Records,
        maps: &Maps,
        meter: Meter,
    ) -> Result<Self, Error> {
        let failed = |reason: String| Error::Table { file: input.name().to_owned(), reason };
        let (reader, rows, map) = guarded(|| {
            // The embedded Arrow schema is not needed, and damaged ones are not read safely.
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
                .map_err(|error| format!("{error} (the file may be cut: copy it again)"))?;
            if let Some(table) = table_of_ours(builder.schema()) {
                return Err(format!("it is a file of the {table} of a data directory (give the directory itself)"));
            }
            let (roots, map) = used_columns(builder.schema(), records, maps)?;
            let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
            let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
            let block_rows = block_rows(builder.metadata());
            let reader = builder.with_projection(mask).with_batch_size(block_rows).build();
            reader.map(|reader| (reader, rows, map)).map_err(|error| error.to_string())
        })
        .map_err(failed)?;
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
        let reader = &mut self.reader;
        let next = guarded(|| reader.next().transpose()).transpose()?;
        let batch = match next {
            Ok(batch) => batch,
            Err(reason) => {
                self.failed = true;
                let reason = format!("{reason} after row {} (copy the file again)", self.rows_read);
                return Some(Err(Error::Table { file: self.name.to_string(), reason }));
            }
        };
        let first_row = self.rows_read + 1;
        self.rows_read += batch.num_rows() as u64;
        // Columns are read from all over the file: the share of rows is the share of bytes.
        let share = self.rows_read as f64 / self.rows.max(1) as f64;
        self.meter.set_bytes((self.size_bytes as f64 * share.min(1.0)) as u64);
        let map = self.map.clone();
        Some(Ok(TableBlock { file: Arc::clone(&self.name), batch, first_row, records: self.records, map }))
    }
}

/// The top-level columns to read, and the map of a foreign table; an error names a column that is missing or of a wrong
/// type.
fn used_columns(schema: &SchemaRef, records: Records, maps: &Maps) -> Result<(Vec<usize>, Option<Map>), String> {
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
    schema.fields().iter().take(12).map(|field| format!("`{}`", field.name())).collect::<Vec<_>>().join(", ")
}

/// Rows that make up a block of about [`BLOCK_BYTES`].
fn block_rows(metadata: &ParquetMetaData) -> usize {
    let bytes: i64 = metadata.row_groups().iter().map(|group| group.total_byte_size()).fold(0, i64::saturating_add);
    let rows = metadata.file_metadata().num_rows().max(1);
    let row_bytes = (bytes / rows).max(1);
    usize::try_from((BLOCK_BYTES / row_bytes).clamp(BLOCK_ROWS.0, BLOCK_ROWS.1)).unwrap_or(1024)
}

/// Rows of a table.
#[derive(Debug)]
pub(crate) struct TableBlock {
    file: Arc<str>,
    batch: RecordBatch,
    first_row: u64,
    records: Records,
    map: Option<Arc<Map>>,
}

impl TableBlock {
    pub(crate) fn bytes(&self) -> usize {
        self.batch.get_array_memory_size()
    }

    pub(crate) fn read_exchanges(&self, sink: &mut dyn FnMut(Record<'_>)) {
        if !matches!(self.records, Records::Exchanges(_)) {
            return;
        }
        if let Some(map) = &self.map {
            return self.read_mapped(map, parse_mapped, sink);
        }
        match ExchangeColumns::find(&mut Finder::new(&self.batch)) {
            Ok(columns) => {
                for row in 0..self.batch.num_rows() {
                    sink(match columns.exchange(row) {
                        Ok(exchange) => Record::Exchange(exchange, Origin::default()),
                        Err(reason) => Record::Refused(self.reject(row, reason)),
                    });
                }
            }
            Err(reason) => self.refuse_all(&reason, &mut |reject| sink(Record::Refused(reject))),
        }
    }

    /// Reads the rows as what a second log says of exchanges.
    pub(crate) fn read_additions(&self, sink: &mut dyn FnMut(Result<Addition<'_>, Reject>)) {
        let Some(map) = &self.map else { return };
        self.read_mapped(map, parse_mapped_addition, &mut |record| match record {
            Record::Exchange(exchange, origin) => sink(Ok(Addition { exchange, trace: origin.trace })),
            Record::Refused(reject) => sink(Err(reject)),
            Record::PassedOver(_) => {}
        });
    }

    /// Reads each row by a map, and gives what is refused its place.
    fn read_mapped(&self, map: &Map, parse: Parse, sink: &mut dyn FnMut(Record<'_>)) {
        for row in 0..self.batch.num_rows() {
            let place = |reject: Reject| self.reject(row, reject.reason);
            parse(map, &mapped::row_value(&self.batch, row), &mut |record| match record {
                Record::Refused(reject) => sink(Record::Refused(place(reject))),
                Record::Exchange(exchange, mut origin) => {
                    origin.orphan = origin.orphan.map(place);
                    sink(Record::Exchange(exchange, origin));
                }
                Record::PassedOver(kind) => sink(Record::PassedOver(kind)),
            });
        }
    }

    pub(crate) fn read_accounts(&self, sink: &mut dyn FnMut(Result<Account, Reject>)) {
        match AccountColumns::find(&mut Finder::new(&self.batch)) {
            Ok(columns) => {
                for row in 0..self.batch.num_rows() {
                    sink(columns.account(row).map_err(|reason| self.reject(row, reason)));
                }
            }
            Err(reason) => self.refuse_all(&reason, &mut |reject| sink(Err(reject))),
        }
    }

    /// The reject for a table that cannot hold what was asked for.
    pub(crate) fn refused(&self, reason: &str) -> Reject {
        Reject { file: self.file.to_string(), line: 1, byte_offset: None, reason: reason.to_owned() }
    }

    /// The types were checked when the file was opened; what fails now fails for every row.
    fn refuse_all(&self, reason: &str, refuse: &mut dyn FnMut(Reject)) {
        for row in 0..self.batch.num_rows() {
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
