//! What rows are compared with from one sweep to the next.

use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Instant;

use arrow_array::RecordBatch;
use columns::Holdings;
use columns::Table;
use record::clock::now_us;
use record::time::DAY_US;
use verdict::VerdictSnapshot;
use workers::available;
use workers::try_parallel_map;

use crate::error::Error;
use crate::items::COLUMNS;
use crate::items::RowItems;
use crate::locks::locked;
use crate::matcher::Common;
use crate::matcher::Index;
use crate::matcher::Kept;
use crate::matcher::with_matches;

/// Rows that are read at a time when the window is counted.
const BATCH_ROWS: usize = 16 * 1024;

/// What rows are compared with since a sweep.
#[derive(Debug)]
pub(crate) struct Since {
    swept: Arc<VerdictSnapshot>,
    index: Index,
    common: Mutex<Common>,
    /// Set when the window was counted; until then nobody is published.
    kept: OnceLock<Kept>,
    changed: AtomicBool,
    pub begun: Instant,
}

impl Since {
    pub fn new(swept: Arc<VerdictSnapshot>, index: Index) -> Self {
        Self {
            swept,
            index,
            common: Mutex::default(),
            kept: OnceLock::new(),
            changed: AtomicBool::new(false),
            begun: Instant::now(),
        }
    }

    /// Compares rows with the campaigns of the sweep.
    pub fn look(&self, batch: &RecordBatch, found: &mut Common) {
        self.index.see(batch, found);
    }

    /// Adds what rows have in common with campaigns, once they are kept.
    pub fn add(&self, found: Common) {
        if !found.is_empty() && locked(&self.common).merge(found) {
            self.changed.store(true, Ordering::Relaxed);
        }
    }

    /// Counts how often the accounts of the window match, from the rows of the table.
    pub fn calibrate(&self, root: &Path, since_us: i64, rate: f64) -> Result<(), Error> {
        let _reading = columns::reading(root);
        let held = Holdings::read(root)?;
        let first = since_us.div_euclid(DAY_US);
        let files = held.exchanges.into_iter().filter(|(partition, _)| partition.day >= first);
        let files: Vec<PathBuf> =
            files.flat_map(|(_, exchanges)| exchanges.files).map(|file| file.path).chain(held.loose).collect();
        let read = |path: &PathBuf| self.read(path.as_path());
        let (mut common, mut accounts) = (Common::default(), HashSet::new());
        for (seen, own) in try_parallel_map(&files, available(None), read)? {
            common.merge(seen);
            accounts.extend(own);
        }
        let kept = self.index.calibrate(&common, accounts.len() as u64, rate);
        // What was seen of an account before counts with what it does from now on.
        locked(&self.common).merge(common);
        let _ = self.kept.set(kept);
        Ok(())
    }

    /// What a file has in common with campaigns, and the hashes of its accounts.
    fn read(&self, path: &Path) -> Result<(Common, HashSet<u64>), Error> {
        let (mut common, mut accounts) = (Common::default(), HashSet::new());
        let table = Table::open(path)?;
        for batch in table.read(0..table.row_groups(), &COLUMNS, BATCH_ROWS)? {
            let batch = batch?;
            self.index.see(&batch, &mut common);
            let Some(rows) = RowItems::of(&batch) else { continue };
            accounts.extend((0..rows.len()).map(|row| xxhash_rust::xxh3::xxh3_64(rows.account(row).as_bytes())));
        }
        Ok((common, accounts))
    }

    /// What was to be published was not.
    pub fn again(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// The snapshot with those who match, if that changed; and how many they are.
    pub fn published(&self) -> Option<Result<(VerdictSnapshot, usize), Error>> {
        let kept = self.kept.get()?;
        if !self.changed.swap(false, Ordering::Relaxed) {
            return None;
        }
        let common = locked(&self.common);
        let matched = self.index.matched(&common, kept);
        let snapshot = with_matches(&self.swept, &matched, now_us());
        Some(snapshot.map_err(|error| Error::lost(error.to_string())))
    }
}
