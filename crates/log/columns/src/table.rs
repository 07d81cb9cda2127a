//! Reads the Parquet files of a data directory, here or in an object store.

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use arrow_schema::Schema;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::statistics::Statistics;
use record::TablePlace;
use record::guarded;

use crate::error::Error;

/// A Parquet file of a data directory. Its bytes are read when its rows are.
#[derive(Debug, Clone)]
pub struct Table {
    path: Arc<Path>,
    place: TablePlace,
    metadata: ArrowReaderMetadata,
}

impl Table {
    /// Reads the file's footer.
    ///
    /// # Errors
    /// [`Error::Table`] where the file cannot be opened or is no Parquet file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let place = TablePlace::find(path).map_err(Error::table(path))?;
        let file = place.open().map_err(Error::table(path))?;
        // The embedded Arrow schema is not needed, and a damaged one is not read safely.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, options)).map_err(Error::table(path))?;
        Ok(Self { path: path.into(), place, metadata })
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
        let metadata =
            guarded(|| ArrowReaderMetadata::try_new(metadata, options)).map_err(|reason| self.failed(reason))?;
        Ok(Self { metadata, ..self })
    }

    /// Says what is wrong with the file.
    pub fn failed(&self, reason: impl Display) -> Error {
        Error::table(&self.path)(reason)
    }

    /// Number of row groups.
    #[must_use]
    pub fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let fields = self.metadata.metadata().file_metadata().schema_descr().root_schema().get_fields();
        fields.iter().map(|field| field.name().to_owned()).collect()
    }

    /// Number of rows of the file.
    #[must_use]
    pub fn all_rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
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
        let file = self.place.open().map_err(|error| self.failed(error))?;
        let metadata = self.metadata.clone();
        let reader = guarded(|| {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
            let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
            let groups = row_groups.collect();
            builder.with_projection(mask).with_row_groups(groups).with_batch_size(batch_rows).build()
        })
        .map_err(|reason| self.failed(reason))?;
        Ok(Batches { path: Arc::clone(&self.path), reader: Some(reader) })
    }

    /// The numbers of the top-level columns with these names.
    fn roots(&self, columns: &[&str]) -> Result<Vec<usize>, Error> {
        let fields = self.metadata.metadata().file_metadata().schema_descr().root_schema().get_fields();
        let place = |name: &&str| {
            let place = fields.iter().position(|field| field.name() == *name);
            place.ok_or_else(|| self.failed(format!("it has no column {name} (docs/columns.md lists them)")))
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
        match guarded(|| reader.next().transpose()) {
            Ok(None) => None,
            Ok(Some(batch)) => {
                self.reader = Some(reader);
                Some(Ok(batch))
            }
            Err(reason) => Some(Err(Error::table(&self.path)(reason))),
        }
    }
}
