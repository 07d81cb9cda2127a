//! Decodes a table.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaData;
use serde::Deserialize;
use serde::Serialize;

use crate::table_file::TableFile;
use crate::table_file::guarded;

/// What a batch of rows aims at, decompressed.
const BATCH_BYTES: i64 = 2 * 1024 * 1024;
/// Rows of a batch at least and at most.
const BATCH_ROWS: (i64, i64) = (16, 8192);

/// What is wanted of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// Places of the top-level columns, in the order of the schema.
    pub(super) columns: Vec<usize>,
    /// Rows at the start that are left out.
    pub(super) from_row: u64,
    /// Whether batches have as few rows as they can have, for a table whose rows unfold to much.
    pub(super) few_rows: bool,
}

/// A table whose columns are known.
pub(super) struct Opening(ParquetRecordBatchReaderBuilder<TableFile>);

impl Opening {
    /// Reads what a table says of itself.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn open(file: TableFile) -> Result<Self, String> {
        guarded(|| {
            // The embedded Arrow schema is not needed, and damaged ones are not read safely.
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
                .map(Self)
                .map_err(|error| format!("{error} (the file may be cut: copy it again)"))
        })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        self.0.schema()
    }

    /// Rows, as the table says.
    pub(super) fn rows(&self) -> u64 {
        u64::try_from(self.0.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Begins to decode.
    ///
    /// # Errors
    /// What is wrong with the table.
    pub(super) fn read(self, wanted: Wanted) -> Result<Decoder, String> {
        let rows = if wanted.few_rows { BATCH_ROWS.0 as usize } else { batch_rows(self.0.metadata()) };
        let mask = ProjectionMask::roots(self.0.parquet_schema(), wanted.columns);
        let from = usize::try_from(wanted.from_row).unwrap_or(usize::MAX);
        guarded(|| self.0.with_projection(mask).with_batch_size(rows).with_offset(from).build().map(Decoder))
    }
}

/// Rows that make up a batch of about [`BATCH_BYTES`], as far as the table says how long they are.
fn batch_rows(metadata: &ParquetMetaData) -> usize {
    let bytes: i64 = metadata.row_groups().iter().map(|group| group.total_byte_size()).fold(0, i64::saturating_add);
    let rows = metadata.file_metadata().num_rows().max(1);
    let row_bytes = (bytes / rows).max(1);
    usize::try_from((BATCH_BYTES / row_bytes).clamp(BATCH_ROWS.0, BATCH_ROWS.1)).unwrap_or(1024)
}

/// The batches of a table, in order.
pub(super) struct Decoder(ParquetRecordBatchReader);

impl Decoder {
    /// The next batch; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Result<RecordBatch, String>> {
        let reader = &mut self.0;
        let failed = |error| format!("{error} (copy the file again)");
        guarded(|| reader.next().transpose().map_err(failed)).transpose()
    }
}
