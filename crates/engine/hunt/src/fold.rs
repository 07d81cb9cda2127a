//! The fold on one machine: files of exchanges and of increments in, profiles out.
//!
//! The files of an account shard are folded together, so that an account's profile is made on one thread. Where there
//! are fewer shards than threads, the row groups of a shard are divided, and the profiles of an account are merged: the
//! fold law says that the result is the same.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use arrow_array::Array;
use arrow_array::RecordBatch;
use columns::Observations;
use columns::Table;
use columns::Window;
use observation::Observation;
use profile::Profile;
use record::time::HOUR_US;
use workers::Phase;
use workers::Progress;
use workers::check;
use workers::try_parallel_map;

use crate::accounts::Accounts;
use crate::batch::integers;
use crate::batch::other_type;
use crate::batch::profile;
use crate::batch::profiles;
use crate::error::Error;
use crate::repeats::Repeats;

/// Rows of a batch of exchanges: about 600 bytes each.
pub(crate) const BATCH_ROWS: usize = 16 * 1024;
/// Rows of a batch of increments: up to 16 KiB each.
pub(crate) const INCREMENT_BATCH_ROWS: usize = 1024;

/// An account and the fold of its exchanges.
pub type Folded = (String, Box<Profile>);

/// Files that are folded together: those of one account shard, where the table is cut by account.
#[derive(Debug, Clone, Default)]
pub(crate) struct ShardFiles {
    /// Files of the exchange table.
    pub exchanges: Vec<PathBuf>,
    /// Increments that lie inside the window.
    pub whole: Vec<PathBuf>,
    /// Increments by the hour of which the window takes some.
    pub hours: Vec<PathBuf>,
    /// The ids that are in several of the exchange files.
    pub repeats: Option<Arc<Repeats>>,
}

/// A row group that is to be folded.
#[derive(Debug, Clone)]
struct RowGroup {
    table: Arc<Table>,
    number: usize,
    kind: RowKind,
    rows: u64,
}

/// What the rows are.
#[derive(Debug, Clone)]
enum RowKind {
    /// Exchanges, each id once.
    Exchanges(Option<Arc<Repeats>>),
    /// Increments. Of those by the hour, the hours inside this window count.
    Increments(Window),
}

/// Folds every account's exchanges in the window. The accounts are sorted, each once.
pub(crate) fn fold(
    shards: &[ShardFiles],
    window: Window,
    workers: usize,
    progress: &dyn Progress,
) -> Result<Vec<Folded>, Error> {
    let row_groups = try_parallel_map(shards, workers, |files| files.row_groups(window))?;
    let parts = workers.div_ceil(shards.len().max(1)).max(1);
    let jobs: Vec<Vec<RowGroup>> = row_groups.into_iter().flat_map(|row_groups| divide(row_groups, parts)).collect();
    let total = jobs.iter().flatten().map(|row_group| row_group.rows).sum();
    progress.begin(Phase::Fold, Some(total));
    let done = AtomicU64::new(0);
    let folded = try_parallel_map(&jobs, workers, |row_groups| {
        let mut profiles = Profiles::default();
        for row_group in row_groups {
            profiles.fold_row_group(row_group, window, |rows| {
                let done = done.fetch_add(rows, Ordering::Relaxed) + rows;
                progress.advance(done, done);
                Ok(check(progress)?)
            })?;
        }
        Ok::<_, Error>(profiles.into_folded())
    })?;
    Ok(merge_accounts(folded.into_iter().flatten().collect()))
}

impl ShardFiles {
    /// The row groups that hold anything inside the window.
    fn row_groups(&self, window: Window) -> Result<Vec<RowGroup>, Error> {
        let mut row_groups = Vec::new();
        for path in &self.exchanges {
            let table = Arc::new(Table::open(path)?.with_dictionary("account")?);
            let kind = RowKind::Exchanges(self.repeats.clone());
            let groups = (0..table.row_groups())
                .filter(|group| table.bounds(*group, "at").is_none_or(|(first, last)| window.meets(first, last)));
            row_groups.extend(groups.map(|row_group| RowGroup::new(&table, row_group, kind.clone())));
        }
        for (paths, window) in [(&self.whole, Window::default()), (&self.hours, window)] {
            for path in paths {
                let table = Arc::new(Table::open(path)?.with_dictionary("account")?);
                let groups = 0..table.row_groups();
                row_groups.extend(groups.map(|group| RowGroup::new(&table, group, RowKind::Increments(window))));
            }
        }
        Ok(row_groups)
    }
}

impl RowGroup {
    fn new(table: &Arc<Table>, number: usize, kind: RowKind) -> Self {
        Self { table: Arc::clone(table), number, kind, rows: table.rows(number) }
    }
}

/// Divides row groups into at most so many runs with about as many rows each.
fn divide(row_groups: Vec<RowGroup>, parts: usize) -> Vec<Vec<RowGroup>> {
    let total: u64 = row_groups.iter().map(|row_group| row_group.rows).sum();
    let share = total.div_ceil(parts as u64).max(1);
    let mut runs: Vec<Vec<RowGroup>> = Vec::new();
    let mut rows = share;
    for row_group in row_groups {
        if rows >= share {
            runs.push(Vec::new());
            rows = 0;
        }
        rows += row_group.rows;
        if let Some(run) = runs.last_mut() {
            run.push(row_group);
        }
    }
    runs
}

/// Profiles being folded, by the number of their account.
#[derive(Debug, Default)]
struct Profiles {
    accounts: Accounts,
    #[expect(clippy::vec_box, reason = "a vector that grows moves pointers, and not profiles of a kilobyte")]
    profiles: Vec<Box<Profile>>,
}

impl Profiles {
    fn fold_row_group(
        &mut self,
        row_group: &RowGroup,
        window: Window,
        mut report: impl FnMut(u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let groups = row_group.number..row_group.number + 1;
        match &row_group.kind {
            RowKind::Exchanges(repeats) => {
                let mut names = vec!["account"];
                names.extend(Observation::COLUMNS);
                if repeats.is_some() {
                    names.extend(["id_hash", "row_hash"]);
                }
                for batch in row_group.table.read(groups, &names, BATCH_ROWS)? {
                    let batch = batch?;
                    self.fold_exchanges(&batch, window, repeats.as_deref())
                        .map_err(|reason| row_group.table.failed(reason))?;
                    report(batch.num_rows() as u64)?;
                }
            }
            RowKind::Increments(window) => {
                let names = ["hour", "account", "profile"];
                for batch in row_group.table.read(groups, &names, INCREMENT_BATCH_ROWS)? {
                    let batch = batch?;
                    self.merge_increments(&batch, *window).map_err(|reason| row_group.table.failed(reason))?;
                    report(batch.num_rows() as u64)?;
                }
            }
        }
        Ok(())
    }

    fn fold_exchanges(&mut self, batch: &RecordBatch, window: Window, repeats: Option<&Repeats>) -> Result<(), String> {
        let rows = self.accounts.rows(batch)?;
        self.profiles.resize_with(self.accounts.len(), Box::default);
        let observations = Observations::new(batch).map_err(other_type)?;
        let hashes = repeats
            .map(|repeats| Ok::<_, String>((repeats, integers(batch, "id_hash")?, integers(batch, "row_hash")?)))
            .transpose()?;
        for account_row in rows {
            let row = account_row.row as usize;
            let seen = observations.get(row);
            if !window.holds(seen.at_us) {
                continue;
            }
            if let Some((repeats, ids, row_hashes)) = hashes
                && !repeats.take(ids.value(row), row_hashes.value(row))
            {
                continue;
            }
            if let Some(profile) = self.profiles.get_mut(account_row.account as usize) {
                profile.observe(&seen);
            }
        }
        Ok(())
    }

    fn merge_increments(&mut self, batch: &RecordBatch, window: Window) -> Result<(), String> {
        let rows = self.accounts.rows(batch)?;
        self.profiles.resize_with(self.accounts.len(), Box::default);
        let (hours, stored) = (integers(batch, "hour")?, profiles(batch)?);
        for account_row in rows {
            let row = account_row.row as usize;
            if hours.is_valid(row) && !window.holds(hours.value(row).saturating_mul(HOUR_US)) {
                continue;
            }
            let other = profile(stored.value(row))?;
            if let Some(own) = self.profiles.get_mut(account_row.account as usize) {
                if own.exchanges == 0 { **own = other } else { own.merge(&other) }
            }
        }
        Ok(())
    }

    /// The profiles that hold anything.
    fn into_folded(self) -> Vec<Folded> {
        let folded = self.accounts.into_names().into_iter().zip(self.profiles);
        folded.filter(|(_, profile)| profile.exchanges > 0).collect()
    }
}

/// Sorts by account and merges what several parts hold of one.
fn merge_accounts(mut folded: Vec<Folded>) -> Vec<Folded> {
    folded.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    folded.dedup_by(|later, first| {
        let is_same = later.0 == first.0;
        if is_same {
            first.1.merge(&later.1);
        }
        is_same
    });
    folded
}

#[cfg(test)]
mod tests;
