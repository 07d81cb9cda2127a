//! Reads the Parquet files of a data directory, here or in an object store.

use std::fmt::Display;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::datatypes::Schema;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::statistics::Statistics;
use record::TableFile;

use crate::error::Error;

/// A Parquet file of a data directory. Its bytes are read when its rows are.
#[derive(Debug, Clone)]
pub struct Table {
    path: Arc<Path>,
    metadata: ArrowReaderMetadata,
}

impl Table {
    /// Reads the file's footer.
    ///
    /// # Errors
    /// [`Error::Table`] where the file cannot be opened or is no Parquet file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = TableFile::open(path).map_err(Error::table(path))?;
        // The embedded Arrow schema is not needed, and a damaged one is not read safely.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = guarded(path, || ArrowReaderMetadata::load(&file, options))?;
        Ok(Self { path: path.into(), metadata })
    }

    /// The same file with a column of texts read as a dictionary: each distinct text once a batch, and a number a row.
    ///
    /// # Errors
    /// [`Error::Table`] where there is no such column of texts.
    pub fn with_dictionary(self, column: &'static str) -> Result<Self, Error> {
        let schema = self.metadata.schema();
        let fields = schema.fields().iter().map(|field| match field.data_type() {
            DataType::Utf8 if field.name() == column => {
                let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                Arc::new(field.as_ref().clone().with_data_type(kind))
            }
            _ => Arc::clone(field),
        });
        let schema = Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()));
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(schema);
        let metadata = Arc::clone(self.metadata.metadata());
        let metadata = guarded(&self.path, || ArrowReaderMetadata::try_new(metadata, options))?;
        Ok(Self { path: self.path, metadata })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of row groups.
    #[must_use]
    pub fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Number of rows of a row group.
    #[must_use]
    pub fn rows(&self, row_group: usize) -> u64 {
        let group = self.metadata.metadata().row_groups().get(row_group);
        group.map_or(0, |group| u64::try_from(group.num_rows()).unwrap_or(0))
    }

    /// The least and the greatest value of a column of 64-bit integers in a row group, where the file tells.
    #[must_use]
    pub fn bounds(&self, row_group: usize, column: &str) -> Option<(i64, i64)> {
        let group = self.metadata.metadata().row_groups().get(row_group)?;
        let column = group.columns().iter().find(|chunk| chunk.column_path().string() == column)?;
        match column.statistics()? {
            Statistics::Int64(statistics) => statistics.min_opt().copied().zip(statistics.max_opt().copied()),
            _ => None,
        }
    }

    /// Reads some columns of some row groups, `batch_rows` rows at a time.
    ///
    /// # Errors
    /// [`Error::Table`] with the name of a column that is missing, or where the file is damaged. The iterator ends
    /// after its first error.
    pub fn read(
        &self,
        row_groups: Range<usize>,
        columns: &[&str],
        batch_rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, Error>> + use<>, Error> {
        let roots = self.roots(columns)?;
        let file = TableFile::open(&self.path).map_err(Error::table(&self.path))?;
        let metadata = self.metadata.clone();
        let reader = guarded(&self.path, || {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
            let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
            let groups = row_groups.collect();
            builder.with_projection(mask).with_row_groups(groups).with_batch_size(batch_rows).build()
        })?;
        Ok(Batches { path: Arc::clone(&self.path), reader: Some(reader) })
    }

    /// The numbers of the top-level columns with these names.
    fn roots(&self, columns: &[&str]) -> Result<Vec<usize>, Error> {
        let fields = self.metadata.metadata().file_metadata().schema_descr().root_schema().get_fields();
        let place = |name: &&str| {
            fields.iter().position(|field| field.name() == *name).ok_or_else(|| {
                Error::table(&self.path)(format!("it has no column {name} (docs/columns.md lists them)"))
            })
        };
        columns.iter().map(place).collect()
    }
}

/// The batches of a read, up to the first error.
struct Batches {
    path: Arc<Path>,
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut reader = self.reader.take()?;
        match guarded(&self.path, || reader.next().transpose()) {
            Ok(None) => None,
            Ok(Some(batch)) => {
                self.reader = Some(reader);
                Some(Ok(batch))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// Runs a step of the Parquet library, which panics on some damaged files: a panic there is the file's error.
fn guarded<T, E: Display>(path: &Path, step: impl FnOnce() -> Result<T, E>) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Error::table(path)(error)),
        Err(_) => Err(Error::table(path)("the file is damaged (restore it, or ingest its logs again)")),
    }
}

/// Opens tables in the order of their paths.
///
/// # Errors
/// As [`Table::open`].
pub fn open_tables(paths: &[PathBuf]) -> Result<Vec<Table>, Error> {
    paths.iter().map(|path| Table::open(path)).collect()
}
