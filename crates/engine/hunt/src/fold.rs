//! The fold on one machine: files of exchanges and of increments in, profiles out.
//!
//! The files of an account shard are folded together, so that an account's profile is made on one thread. Where there
//! are fewer shards than threads, the row groups of a shard are divided, and the profiles of an account are merged: the
//! fold law says that the result is the same.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use arrow::array::Array;
use arrow::array::RecordBatch;
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
pub(crate) struct Unit {
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
struct Piece {
    table: Arc<Table>,
    row_group: usize,
    kind: PieceKind,
    rows: u64,
}

#[derive(Debug, Clone)]
enum PieceKind {
    Exchanges(Option<Arc<Repeats>>),
    /// Increments, of the hours inside the window where they are by the hour.
    Increments {
        by_hour: bool,
    },
}

/// Folds every account's exchanges in the window. The accounts are sorted, each once.
pub(crate) fn fold(
    units: &[Unit],
    window: Window,
    workers: usize,
    progress: &dyn Progress,
) -> Result<Vec<Folded>, Error> {
    let pieces = try_parallel_map(units, workers, |unit| unit.pieces(window))?;
    let parts = workers.div_ceil(units.len().max(1)).max(1);
    let jobs: Vec<Vec<Piece>> = pieces.into_iter().flat_map(|pieces| divide(pieces, parts)).collect();
    let total = jobs.iter().flatten().map(|piece| piece.rows).sum();
    progress.begin(Phase::Fold, Some(total));
    let done = AtomicU64::new(0);
    let folded = try_parallel_map(&jobs, workers, |pieces| {
        let mut profiles = Profiles::default();
        for piece in pieces {
            profiles.fold_piece(piece, window, |rows| {
                let done = done.fetch_add(rows, Ordering::Relaxed) + rows;
                progress.advance(done, done);
                Ok(check(progress)?)
            })?;
        }
        Ok::<_, Error>(profiles.into_folded())
    })?;
    Ok(merge_accounts(folded.into_iter().flatten().collect()))
}

impl Unit {
    /// The row groups that hold anything inside the window.
    fn pieces(&self, window: Window) -> Result<Vec<Piece>, Error> {
        let mut pieces = Vec::new();
        for path in &self.exchanges {
            let table = Table::open(path)?.with_dictionary("account")?;
            let table = Arc::new(table);
            let kind = PieceKind::Exchanges(self.repeats.clone());
            let groups = (0..table.row_groups())
                .filter(|group| table.bounds(*group, "at").is_none_or(|(first, last)| window.meets(first, last)));
            pieces.extend(groups.map(|row_group| Piece::new(&table, row_group, kind.clone())));
        }
        for (paths, by_hour) in [(&self.whole, false), (&self.hours, true)] {
            for path in paths {
                let table = Arc::new(Table::open(path)?.with_dictionary("account")?);
                let groups = 0..table.row_groups();
                pieces.extend(groups.map(|group| Piece::new(&table, group, PieceKind::Increments { by_hour })));
            }
        }
        Ok(pieces)
    }
}

impl Piece {
    fn new(table: &Arc<Table>, row_group: usize, kind: PieceKind) -> Self {
        Self { table: Arc::clone(table), row_group, kind, rows: table.rows(row_group) }
    }
}

/// Divides pieces into at most so many runs with about as many rows each.
fn divide(pieces: Vec<Piece>, parts: usize) -> Vec<Vec<Piece>> {
    let total: u64 = pieces.iter().map(|piece| piece.rows).sum();
    let share = total.div_ceil(parts as u64).max(1);
    let mut runs: Vec<Vec<Piece>> = Vec::new();
    let mut rows = share;
    for piece in pieces {
        if rows >= share {
            runs.push(Vec::new());
            rows = 0;
        }
        rows += piece.rows;
        if let Some(run) = runs.last_mut() {
            run.push(piece);
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
    fn fold_piece(
        &mut self,
        piece: &Piece,
        window: Window,
        mut report: impl FnMut(u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let groups = piece.row_group..piece.row_group + 1;
        match &piece.kind {
            PieceKind::Exchanges(repeats) => {
                let mut names = vec!["account"];
                names.extend(Observation::COLUMNS);
                if repeats.is_some() {
                    names.extend(["id_hash", "row_hash"]);
                }
                for batch in piece.table.read(groups, &names, BATCH_ROWS)? {
                    let batch = batch?;
                    self.fold_exchanges(&batch, window, repeats.as_deref())
                        .map_err(|reason| piece.table.failed(reason))?;
                    report(batch.num_rows() as u64)?;
                }
            }
            PieceKind::Increments { by_hour } => {
                let names = ["hour", "account", "profile"];
                for batch in piece.table.read(groups, &names, INCREMENT_BATCH_ROWS)? {
                    let batch = batch?;
                    self.merge_increments(&batch, if *by_hour { window } else { Window::default() })
                        .map_err(|reason| piece.table.failed(reason))?;
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
