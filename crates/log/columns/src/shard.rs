//! Writes the rows of one account shard: few partitions, as many rows as there are.
//!
//! A log comes in any order, so that [`PartitionWriter`](crate::PartitionWriter) has every partition open and must write
//! what it holds in pieces. Whoever can give the rows of one shard after another has no more partitions open than the
//! log has days: each gets one file, written row group by row group.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use record::Exchange;

use crate::durable;
use crate::error::Error;
use crate::row::Kept;
use crate::row::RowId;
use crate::row::Rows;
use crate::row::exchange_schema;
use crate::store::Partition;
use crate::writer::NameSum;
use crate::writer::io_error;
use crate::writer::properties;

/// Rows of a row group, all that is held of a partition. About 900 bytes each: encoders left open between batches hold more.
const ROW_GROUP: usize = 8 * 1024;
/// Rows of the longest file.
const LONGEST: u64 = 64 * ROW_GROUP as u64;

/// The rows of one account shard on their way to files.
pub struct ShardWriter<'a> {
    staging: &'a Path,
    kept: Kept,
    open: BTreeMap<Partition, Open>,
}

/// A file that is being written.
struct Open {
    rows: Rows,
    encoder: ArrowWriter<File>,
    path: PathBuf,
    name: NameSum,
}

impl<'a> ShardWriter<'a> {
    /// Writes below `staging`, with identifying values as they are told.
    pub fn new(staging: &'a Path) -> Self {
        let kept = Kept { identifiers: true, ..Kept::default() };
        Self { staging, kept, open: BTreeMap::new() }
    }

    /// Adds one exchange, without the caller's text.
    ///
    /// # Errors
    /// [`Error::Write`] where a file cannot be written.
    pub fn push(
        &mut self,
        partition: Partition,
        exchange: &Exchange<'_>,
        features: &observation::Features,
        row: RowId,
    ) -> Result<(), Error> {
        if !self.open.contains_key(&partition) {
            let open = Open::new(&self.staging.join(partition.folder()))?;
            self.open.insert(partition, open);
        }
        let Some(open) = self.open.get_mut(&partition) else { return Ok(()) };
        open.rows.push(exchange, features, row, &self.kept);
        open.name.add(row);
        if open.rows.len() >= ROW_GROUP {
            open.encode()?;
            if open.name.rows() >= LONGEST {
                return self.open.remove(&partition).map_or(Ok(()), Open::finish);
            }
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// [`Error::Write`] where a file cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        self.open.into_values().try_for_each(Open::finish)
    }
}

impl Open {
    fn new(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
        // A file's name is only known when it is whole.
        let path = folder.join("part.open");
        let file = File::create_new(&path).map_err(Error::write(&path))?;
        let encoder = ArrowWriter::try_new(file, exchange_schema(), Some(properties()));
        let encoder = encoder.map_err(|error| Error::write(&path)(io_error(error)))?;
        Ok(Self { rows: Rows::default(), encoder, path, name: NameSum::default() })
    }

    fn encode(&mut self) -> Result<(), Error> {
        let failed = |error: ParquetError| Error::write(&self.path)(io_error(error));
        let batch = self.rows.finish().map_err(|error| Error::Bug(error.to_string()))?;
        self.encoder.write(&batch).and_then(|()| self.encoder.flush()).map_err(failed)
    }

    fn finish(mut self) -> Result<(), Error> {
        self.encode()?;
        let file = self.encoder.into_inner().map_err(|error| Error::write(&self.path)(io_error(error)))?;
        file.sync_all().map_err(Error::write(&self.path))?;
        let place = self.path.with_file_name(self.name.file_name());
        durable::rename(&self.path, &place).map_err(Error::write(&place))
    }
}
