//! What is read again while the gate runs: rules, verdicts, keys and account records. Of each the last good one stays.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use policy::LivePolicy;
use verdict::SnapshotBuilder;
use verdict::SnapshotWindow;
use verdict::VerdictSnapshot;

use crate::config::Config;
use crate::error::Error;
use crate::keys::Keys;
use crate::records::Records;

/// What is read again while the gate runs. Readers take no lock.
#[derive(Debug)]
pub(crate) struct Live {
    policy: Option<LivePolicy>,
    snapshot: Source<VerdictSnapshot>,
    keys: Source<Keys>,
    records: Source<Records>,
    /// Nothing is held of anybody.
    empty: Arc<VerdictSnapshot>,
    no_keys: Arc<Keys>,
    no_records: Arc<Records>,
    generation: AtomicU64,
    max_age_us: Option<i64>,
    faults: Mutex<Vec<String>>,
}

/// A file, and what was last read of it.
#[derive(Debug)]
struct Source<T> {
    path: Option<PathBuf>,
    value: ArcSwapOption<T>,
    seen: Mutex<Option<Stamp>>,
}

/// What tells two contents of a file apart without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl<T> Source<T> {
    fn new(path: Option<&PathBuf>) -> Self {
        Self { path: path.cloned(), value: ArcSwapOption::empty(), seen: Mutex::new(None) }
    }

    /// Reads the file if it is another one than the last; says whether it was, and took.
    fn reload(&self, read: impl FnOnce(&Path) -> Result<T, String>) -> Result<bool, String> {
        let Some(path) = &self.path else { return Ok(false) };
        let stamp = stamp(path).map_err(|error| format!("{}: {error}", path.display()))?;
        if *self.seen.lock().unwrap_or_else(PoisonError::into_inner) == Some(stamp) {
            return Ok(false);
        }
        self.value.store(Some(Arc::new(read(path)?)));
        // The stamp of before the reading: a file that changed meanwhile is read again.
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamp);
        Ok(true)
    }
}

#[cfg(unix)]
fn inode(found: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let found = std::fs::metadata(path)?;
    Ok(Stamp { modified: found.modified().ok(), bytes: found.len(), inode: inode(&found) })
}

/// The verdicts that count at a moment.
#[derive(Debug)]
pub(crate) enum Verdicts {
    /// They are fresh enough, or none are configured.
    Fresh(Arc<VerdictSnapshot>),
    /// They are older than allowed.
    Stale(Arc<VerdictSnapshot>),
    /// None were ever read.
    Missing,
}

impl Live {
    /// Reads everything for the first time. Verdicts may be missing; all else must be fit.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let policy = config.policy.as_deref().map(LivePolicy::open).transpose();
        let policy = policy.map_err(|error| Error::config(error.faults().iter().map(ToString::to_string).collect()))?;
        let empty = SnapshotBuilder::new(0, SnapshotWindow::default()).build();
        let live = Self {
            policy,
            snapshot: Source::new(config.snapshot.as_ref()),
            keys: Source::new(config.accounts.keys.as_ref()),
            records: Source::new(config.accounts.records.as_ref()),
            empty: Arc::new(empty.map_err(|error| Error::system(error.to_string()))?),
            no_keys: Arc::default(),
            no_records: Arc::default(),
            generation: AtomicU64::new(0),
            max_age_us: config.snapshot_max_age.map(|age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX)),
            faults: Mutex::default(),
        };
        live.keys.reload(Keys::read).map_err(|fault| Error::config(vec![fault]))?;
        live.records.reload(|path| Ok(Records::read(path)?.0)).map_err(|fault| Error::config(vec![fault]))?;
        live.reload();
        Ok(live)
    }

    /// Reads again what changed. What is not fit is told in [`Live::faults`], and the last good one stays.
    pub(crate) fn reload(&self) {
        let snapshot = self.snapshot.reload(|path| VerdictSnapshot::read_file(path).map_err(|error| error.to_string()));
        let policy =
            self.policy.as_ref().map_or(Ok(false), |policy| policy.reload().map_err(|error| error.to_string()));
        let keys = self.keys.reload(Keys::read);
        let records = self.records.reload(|path| Ok(Records::read(path)?.0));
        let all = [snapshot, policy, keys, records];
        if all.contains(&Ok(true)) {
            self.generation.fetch_add(1, Ordering::Release);
        }
        let faults = all.into_iter().filter_map(Result::err).collect();
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// A number that changes when something was read that decisions depend on.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What could not be read when it was last tried.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn policy(&self) -> Option<Arc<policy::Policy>> {
        self.policy.as_ref().map(LivePolicy::current)
    }

    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.keys.value.load_full().unwrap_or_else(|| Arc::clone(&self.no_keys))
    }

    pub(crate) fn records(&self) -> Arc<Records> {
        self.records.value.load_full().unwrap_or_else(|| Arc::clone(&self.no_records))
    }

    /// The verdicts that count at a moment.
    pub(crate) fn verdicts(&self, now_us: i64) -> Verdicts {
        if self.snapshot.path.is_none() {
            return Verdicts::Fresh(self.nothing_held());
        }
        match self.snapshot.value.load_full() {
            None => Verdicts::Missing,
            Some(snapshot) => {
                let age_us = now_us.saturating_sub(snapshot.made_at_us());
                let is_fresh = self.max_age_us.is_none_or(|most_us| age_us <= most_us);
                if is_fresh { Verdicts::Fresh(snapshot) } else { Verdicts::Stale(snapshot) }
            }
        }
    }

    /// The verdicts of somebody of whom nothing is held.
    pub(crate) fn nothing_held(&self) -> Arc<VerdictSnapshot> {
        Arc::clone(&self.empty)
    }
}
