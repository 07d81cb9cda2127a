//! Writes rows to partitioned Parquet, within a bound of memory.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::BooleanArray;
use arrow_array::Int64Array;
use arrow_array::RecordBatch;
use arrow_select::filter::filter_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::basic::Encoding;
use parquet::basic::ZstdLevel;
use parquet::file::properties::EnabledStatistics;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use record::Exchange;
use sketch::hash::mix;

use crate::error::Error;
use crate::row::Kept;
use crate::row::RowId;
use crate::row::Rows;
use crate::row::exchange_schema;
use crate::seal::Sealer;
use crate::store::Partition;
use crate::table::Table;

/// Rows of one partition from which it is written out.
const FULL: usize = 64 * 1024;
/// Bytes of one partition from which it is written out. Without texts so many rows take less.
const FULL_BYTES: usize = 64 * 1024 * 1024;
/// Partitions that are open at most: a log may have any number of days.
const MAX_OPEN: usize = 1024;

/// One worker's rows on their way to files.
pub struct PartitionWriter<'a> {
    staging: &'a Path,
    /// Bytes held in all partitions before the largest is written out.
    max_bytes: usize,
    held_bytes: usize,
    open: BTreeMap<Partition, Rows>,
    kept: Kept,
    sealer: Option<&'a Sealer>,
}

impl<'a> PartitionWriter<'a> {
    /// A writer into a folder that holds about so many bytes in memory at most.
    #[must_use]
    pub fn new(staging: &'a Path, max_bytes: usize, kept: Kept) -> Self {
        Self { staging, max_bytes, held_bytes: 0, open: BTreeMap::new(), kept, sealer: None }
    }

    /// Commits to the rows on their way.
    pub(crate) const fn with_sealer(mut self, sealer: Option<&'a Sealer>) -> Self {
        self.sealer = sealer;
        self
    }

    /// Adds one exchange; writes a file when a partition is full or too much is held.
    pub fn push(
        &mut self,
        partition: Partition,
        exchange: &Exchange<'_>,
        features: &observation::Features,
        row: RowId,
    ) -> Result<(), Error> {
        let rows = self.open.entry(partition).or_default();
        let before = rows.bytes();
        rows.push(exchange, features, row, &self.kept);
        self.held_bytes += rows.bytes() - before;
        if rows.len() >= FULL || rows.bytes() >= FULL_BYTES {
            return self.write(partition);
        }
        if (self.held_bytes >= self.max_bytes || self.open.len() > MAX_OPEN)
            && let Some(largest) = self.open.iter().max_by_key(|(_, rows)| rows.bytes()).map(|(at, _)| *at)
        {
            return self.write(largest);
        }
        Ok(())
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<(), Error> {
        let left: Vec<Partition> = self.open.keys().copied().collect();
        left.into_iter().try_for_each(|partition| self.write(partition))
    }

    fn write(&mut self, partition: Partition) -> Result<(), Error> {
        let Some(mut rows) = self.open.remove(&partition) else { return Ok(()) };
        self.held_bytes -= rows.bytes();
        let batch = rows.finish().map_err(|error| Error::Bug(error.to_string()))?;
        write_rows(self.staging, partition, &batch, self.sealer)
    }
}

/// Writes rows of one partition as a file below a staging folder, and commits to them on their way.
pub(crate) fn write_rows(
    staging: &Path,
    partition: Partition,
    rows: &RecordBatch,
    sealer: Option<&Sealer>,
) -> Result<(), Error> {
    let folder = staging.join(partition.folder());
    fs::create_dir_all(&folder).map_err(Error::write(&folder))?;
    let name = file_name(rows);
    if let Some(sealer) = sealer {
        sealer.seal(&partition.folder().join(&name), rows)?;
    }
    write_batch(&folder.join(name), rows)
}

/// A name from the rows inside, whatever their order: the same rows have the same name.
#[derive(Debug, Default, Clone, Copy)]
pub struct NameSum {
    rows: u64,
    sum: u64,
}

impl NameSum {
    /// Counts a row in.
    pub fn add(&mut self, row: RowId) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(mix((row.id as u64).rotate_left(17) ^ row.row as u64));
    }

    /// Rows counted in.
    pub const fn rows(self) -> u64 {
        self.rows
    }

    /// The digest of the rows, whatever their order.
    pub const fn digest(self) -> u64 {
        self.rows.wrapping_add(self.sum)
    }

    /// The name of the file that holds them.
    pub fn file_name(self) -> String {
        format!("part-{:016x}.parquet", self.digest())
    }
}

fn file_name(batch: &RecordBatch) -> String {
    let (Some(ids), Some(rows)) = (int64(batch, "id_hash"), int64(batch, "row_hash")) else { return String::new() };
    let mut name = NameSum::default();
    ids.values().iter().zip(rows.values()).for_each(|(id, row)| name.add(RowId { id: *id, row: *row }));
    name.file_name()
}

fn int64<'b>(batch: &'b RecordBatch, name: &str) -> Option<&'b Int64Array> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}

/// How files are written.
pub fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_page_size_limit(256 * 1024);
    // Columns without repeats: a dictionary of them is built only to be thrown away.
    for name in ["id", "text"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    for name in ["id_hash", "row_hash", "prompt", "features"] {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_compression(ColumnPath::from(name), Compression::UNCOMPRESSED);
    }
    properties
        .set_column_dictionary_enabled(ColumnPath::from("at"), false)
        .set_column_encoding(ColumnPath::from("at"), Encoding::DELTA_BINARY_PACKED)
        .build()
}

fn write_batch(path: &Path, batch: &RecordBatch) -> Result<(), Error> {
    let file = File::create_new(path).map_err(Error::write(path))?;
    let failed = |error: parquet::errors::ParquetError| Error::write(path)(io_error(error));
    let mut writer = ArrowWriter::try_new(file, exchange_schema(), Some(properties())).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    let file = writer.into_inner().map_err(failed)?;
    file.sync_all().map_err(Error::write(path))
}

/// Writes a table of any columns.
///
/// # Errors
/// [`Error::Write`].
pub fn write_table(path: &Path, batch: &RecordBatch) -> Result<(), Error> {
    let file = File::create_new(path).map_err(Error::write(path))?;
    let failed = |error: parquet::errors::ParquetError| Error::write(path)(io_error(error));
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    let file = writer.into_inner().map_err(failed)?;
    file.sync_all().map_err(Error::write(path))
}

/// The system's error inside a Parquet error, so that a full disk is told as one.
pub fn io_error(error: parquet::errors::ParquetError) -> io::Error {
    match error {
        parquet::errors::ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(other) => io::Error::other(other.to_string()),
        },
        other => io::Error::other(other.to_string()),
    }
}

/// Rows of a batch of ids.
const ID_ROWS: usize = 64 * 1024;

/// Reads the ids of the rows of a file.
///
/// # Errors
/// [`Error::Table`] where it cannot be read or is not of the columnar form.
pub fn row_ids(path: &Path, sink: &mut dyn FnMut(RowId)) -> Result<(), Error> {
    let table = Table::open(path)?;
    for batch in table.read(0..table.row_groups(), &["id_hash", "row_hash"], ID_ROWS)? {
        let batch = batch?;
        let (Some(ids), Some(rows)) = (int64(&batch, "id_hash"), int64(&batch, "row_hash")) else {
            return Err(table.failed("its columns id_hash and row_hash are not of the columnar form"));
        };
        ids.values().iter().zip(rows.values()).for_each(|(id, row)| sink(RowId { id: *id, row: *row }));
    }
    Ok(())
}

/// What became of a file of which rows were to be taken out.
#[derive(Debug)]
pub enum Rewritten {
    /// None of them was in it.
    Same,
    /// Nothing is left of it.
    Empty,
    /// What is left of it, with the name that it is to have beside the old one.
    Left(PathBuf, String),
}

/// Writes what is left of a file without some rows, in a folder for new files.
///
/// # Errors
/// [`Error::Table`] where the file cannot be read; [`Error::Write`].
pub fn without_rows(path: &Path, losers: &BTreeSet<RowId>, staging: &Path) -> Result<Rewritten, Error> {
    let mut touched = false;
    row_ids(path, &mut |row| touched |= losers.contains(&row))?;
    if !touched {
        return Ok(Rewritten::Same);
    }
    let file = File::open(path).map_err(Error::table(path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
    let mut kept = Vec::new();
    for batch in reader.map_err(Error::table(path))? {
        let batch = batch.map_err(Error::table(path))?;
        let (Some(ids), Some(rows)) = (int64(&batch, "id_hash"), int64(&batch, "row_hash")) else { continue };
        let mask: BooleanArray = ids
            .values()
            .iter()
            .zip(rows.values())
            .map(|(id, row)| Some(!losers.contains(&RowId { id: *id, row: *row })))
            .collect();
        kept.push(filter_record_batch(&batch, &mask).map_err(Error::table(path))?);
    }
    let whole = arrow_select::concat::concat_batches(&exchange_schema(), &kept).map_err(Error::table(path))?;
    if whole.num_rows() == 0 {
        return Ok(Rewritten::Empty);
    }
    let name = file_name(&whole);
    let folder = tempfile::Builder::new().tempdir_in(staging).map_err(Error::write(staging))?.keep();
    let new = folder.join(&name);
    write_batch(&new, &whole)?;
    Ok(Rewritten::Left(new, name))
}
