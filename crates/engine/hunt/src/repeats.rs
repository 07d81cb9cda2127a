//! Exchanges that are in several directories: each id counts once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use arrow::array::AsArray;
use arrow::array::Int64Array;
use arrow::array::RecordBatch;
use arrow::datatypes::Int64Type;
use columns::Table;
use workers::try_parallel_map;

use crate::error::Error;

/// Rows of a batch of hashes.
const BATCH_ROWS: usize = 64 * 1024;

/// The ids that several rows have. Of such rows the one with the smallest row hash counts, as within one directory; rows
/// with the same row hash say the same, and whichever comes first is taken.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    rows: HashMap<i64, Repeated>,
}

#[derive(Debug)]
struct Repeated {
    row_hash: i64,
    is_taken: AtomicBool,
}

impl Repeats {
    /// Finds the repeated ids in exchange files. Holds sixteen bytes a row while it looks.
    pub(crate) fn find(files: &[PathBuf], workers: usize) -> Result<Self, Error> {
        let mut rows = hashes(files, workers, |table| {
            let mut rows = Vec::new();
            for batch in table.read(0..table.row_groups(), &["id_hash", "row_hash"], BATCH_ROWS)? {
                let batch = batch?;
                let (ids, row_hashes) = (integers(&batch, "id_hash")?, integers(&batch, "row_hash")?);
                rows.extend(ids.values().iter().copied().zip(row_hashes.values().iter().copied()));
            }
            Ok(rows)
        })?;
        rows.sort_unstable();
        let repeated = rows.chunk_by(|a, b| a.0 == b.0).filter(|rows| rows.len() > 1);
        let rows = repeated.filter_map(|rows| rows.first()).map(|(id, row_hash)| {
            let repeated = Repeated { row_hash: *row_hash, is_taken: AtomicBool::new(false) };
            (*id, repeated)
        });
        Ok(Self { rows: rows.collect() })
    }

    /// Whether a row counts. Says so of one row of each id, on whatever thread it is met.
    pub(crate) fn take(&self, id_hash: i64, row_hash: i64) -> bool {
        match self.rows.get(&id_hash) {
            None => true,
            Some(repeated) => row_hash == repeated.row_hash && !repeated.is_taken.swap(true, Ordering::Relaxed),
        }
    }
}

/// How many ids are in more than one place, of exchange files and of increments.
pub(crate) fn count_repeated(exchanges: &[PathBuf], increments: &[PathBuf], workers: usize) -> Result<usize, Error> {
    let mut ids = hashes(exchanges, workers, |table| {
        let mut ids = Vec::new();
        for batch in table.read(0..table.row_groups(), &["id_hash"], BATCH_ROWS)? {
            ids.extend_from_slice(integers(&batch?, "id_hash")?.values());
        }
        Ok(ids)
    })?;
    ids.extend(hashes(increments, workers, |table| {
        let mut ids = Vec::new();
        for batch in table.read(0..table.row_groups(), &["ids"], BATCH_ROWS)? {
            let batch = batch?;
            let lists = batch.column_by_name("ids").and_then(|column| column.as_list_opt::<i32>());
            let values = lists.and_then(|lists| lists.values().as_primitive_opt::<Int64Type>());
            ids.extend_from_slice(values.ok_or_else(|| other_type("ids"))?.values());
        }
        Ok(ids)
    })?);
    ids.sort_unstable();
    Ok(ids.chunk_by(|a, b| a == b).filter(|run| run.len() > 1).count())
}

fn hashes<T: Send>(
    files: &[PathBuf],
    workers: usize,
    read: impl Fn(&Table) -> Result<Vec<T>, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let parts = try_parallel_map(files, workers, |file| read(&Table::open(file)?))?;
    Ok(parts.into_iter().flatten().collect())
}

/// A column of 64-bit integers.
pub(crate) fn integers<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b Int64Array, Error> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
    column.ok_or_else(|| other_type(name))
}

/// A column is not of the columnar form.
pub(crate) fn other_type(name: &str) -> Error {
    Error::usage(format!("the column {name} of a data directory has another type than docs/columns.md says"))
}
