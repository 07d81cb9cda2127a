//! Exchanges that are in several directories: each id counts once.

use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use columns::Table;
use columns::row_ids;
use workers::try_parallel_map;

use crate::batch::lists;
use crate::error::Error;

/// Rows of a batch of increments.
const BATCH_ROWS: usize = 1024;

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
        let mut rows = in_files(files, workers, |file| {
            let mut rows = Vec::new();
            row_ids(file, &mut |row| rows.push(row))?;
            Ok(rows)
        })?;
        rows.sort_unstable();
        let repeated = rows.chunk_by(|a, b| a.id == b.id).filter(|rows| rows.len() > 1);
        let rows = repeated
            .filter_map(|rows| rows.first())
            .map(|first| (first.id, Repeated { row_hash: first.row, is_taken: AtomicBool::new(false) }));
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
    let mut ids = in_files(exchanges, workers, |file| {
        let mut ids = Vec::new();
        row_ids(file, &mut |row| ids.push(row.id))?;
        Ok(ids)
    })?;
    ids.extend(in_files(increments, workers, |file| {
        let table = Table::open(file)?;
        let mut ids = Vec::new();
        for batch in table.read(0..table.row_groups(), &["ids"], BATCH_ROWS)? {
            let batch = batch?;
            let (_, all) = lists(&batch, "ids").map_err(|reason| table.failed(reason))?;
            ids.extend_from_slice(all.values());
        }
        Ok(ids)
    })?);
    ids.sort_unstable();
    Ok(ids.chunk_by(|a, b| a == b).filter(|run| run.len() > 1).count())
}

/// What is read of each file, together.
fn in_files<T: Send>(
    files: &[PathBuf],
    workers: usize,
    read: impl Fn(&Path) -> Result<Vec<T>, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let parts = try_parallel_map(files, workers, |file| read(file))?;
    Ok(parts.into_iter().flatten().collect())
}
