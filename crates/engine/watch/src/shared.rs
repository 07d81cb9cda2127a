//! What the threads of an engine share.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use arrow_array::RecordBatch;
use cohort::Rulings;
use columns::Secret;
use hunt::Page;
use sketch::HashKey;
use verdict::VerdictSnapshot;
use workers::Progress;

use crate::error::Error;
use crate::flush::Flusher;
use crate::frame::Position;
use crate::intake::Intake;
use crate::intake::Piece;
use crate::intake::Taken;
use crate::intake::newest_us;
use crate::locks::locked;
use crate::matcher::Common;
use crate::metrics::Metrics;
use crate::newcomer::Newcomers;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::since::Since;
use crate::state::State;
use crate::sweeps::Sweeps;
use crate::writer::Writer;

/// How often waiting threads look whether the engine ends.
const LOOK: Duration = Duration::from_millis(200);

/// Is told what people should know.
pub trait Notices: Send + Sync {
    /// A sentence.
    fn note(&self, text: &str);
}

/// What people have decided on cases.
pub trait Decisions: Send + Sync {
    /// What is said to the next sweep, and the groups that were cleared.
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    fn read(&self) -> Result<(Rulings, Vec<serde_json::Value>), String>;
}

/// What an engine is begun with, beside its settings.
#[derive(Clone)]
pub struct Beside {
    /// The secret of the data directory.
    pub secret: Option<Secret>,
    /// Makes the page for people.
    pub page: Option<Arc<dyn Page>>,
    /// What people have decided, where there are cases.
    pub decisions: Option<Arc<dyn Decisions>>,
    /// Is told what people should know.
    pub notices: Arc<dyn Notices>,
}

/// What the threads share.
pub(crate) struct Shared {
    pub settings: Settings,
    pub beside: Beside,
    pub intake: Intake,
    pub writer: Writer,
    pub flusher: Mutex<Flusher>,
    pub metrics: Metrics,
    pub snapshot: ArcSwapOption<VerdictSnapshot>,
    /// Account records that came over HTTP.
    pub registry: Registry,
    /// What registrations are compared with since the last sweep.
    pub newcomers: ArcSwapOption<Newcomers>,
    /// What the table's hashes are made with.
    pub key: HashKey,
    /// What rows are compared with since the last sweep. Held for reading from the look at rows until they are in the log: so
    /// rows that are in no file of the table when it is replaced are compared with the new one.
    pub since: RwLock<Option<Arc<Since>>>,
    /// The time of the newest exchange, in microseconds since 1970.
    pub newest_us: AtomicI64,
    pub state: Mutex<State>,
    pub closed: Arc<Closed>,
    pub stop: AtomicBool,
    /// What is wrong, by the part that it is wrong with.
    pub degraded: Mutex<BTreeMap<&'static str, String>>,
    pub sweeps: Sweeps,
    /// Held while a sweep runs: there is one at a time.
    pub sweeping: Mutex<()>,
    pub _lock: File,
}

/// The files of the log that are closed and not flushed.
#[derive(Debug, Default)]
pub(crate) struct Closed {
    pub numbers: Mutex<BTreeSet<u64>>,
    pub more: Condvar,
}

impl Progress for Shared {
    fn stop(&self) -> &AtomicBool {
        &self.stop
    }
}

impl Shared {
    pub fn take(&self, piece: Piece<'_>) -> Result<Taken, Error> {
        let known = piece.key.and_then(|key| locked(&self.state).receipt(self.intake.number_of(key)));
        if let Some(receipt) = known {
            return Ok(Taken { receipt, rejects: Vec::new(), is_repeat: true });
        }
        let begun = Instant::now();
        let since = self.since.read().unwrap_or_else(PoisonError::into_inner);
        let (mut newest, mut found) = (i64::MIN, Common::default());
        let mut look = |batch: &RecordBatch| {
            newest = newest_us(batch).map_or(newest, |at| at.max(newest));
            if let Some(since) = since.as_ref() {
                since.look(batch, &mut found);
            }
        };
        let (taken, note) = self.intake.take(piece, &self.writer, &self.metrics, &mut look)?;
        if let Some(since) = since.as_ref() {
            since.add(found);
        }
        drop(since);
        let newest = self.newest_us.fetch_max(newest, Ordering::Relaxed).max(newest);
        self.metrics.newest_exchange.set(newest as f64 / 1e6);
        locked(&self.state).learn(note);
        self.metrics.acknowledge_seconds.observe(begun.elapsed().as_secs_f64());
        Ok(taken)
    }

    /// Publishes a snapshot with so many accounts that match since the last sweep, and returns their number.
    pub fn publish(&self, snapshot: Arc<VerdictSnapshot>, matched: usize) -> Result<usize, Error> {
        hunt::write_snapshot(&snapshot, &self.settings.snapshot)?;
        self.snapshot.store(Some(snapshot));
        self.metrics.matched_accounts.set(i64::try_from(matched).unwrap_or(i64::MAX));
        Ok(matched)
    }

    /// What rows are compared with since the last sweep.
    pub fn since_last(&self) -> Option<Arc<Since>> {
        self.since.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Compares rows with another sweep's campaigns from now on.
    pub fn compare_with(&self, since: Arc<Since>) {
        *self.since.write().unwrap_or_else(PoisonError::into_inner) = Some(since);
    }

    /// How far a file was read.
    pub fn position(&self, identity: &str) -> Option<Position> {
        locked(&self.state).positions.get(identity).cloned()
    }

    /// All files that were read.
    pub fn positions(&self) -> BTreeMap<String, Position> {
        locked(&self.state).positions.clone()
    }

    /// Closes the file of the log that is written, and brings all closed ones to the table.
    pub fn flush_now(&self) -> Result<(), Error> {
        self.writer.rotate()?;
        self.flush_closed()
    }

    /// Brings the closed files of the log to the table.
    pub fn flush_closed(&self) -> Result<(), Error> {
        let mut flusher = locked(&self.flusher);
        let numbers = locked(&self.closed.numbers).clone();
        let begun = Instant::now();
        let flushed = flusher.flush(&numbers, &workers::Silent::default()).inspect_err(|error| {
            Metrics::count(&self.metrics.flushes, "failed", 1);
            self.degrade("table", &format!("rows wait in the log: {error}"));
        })?;
        // Before another thread may flush: these files are gone.
        locked(&self.closed.numbers).retain(|number| !numbers.contains(number));
        drop(flusher);
        self.mend("table");
        if flushed.files > 0 {
            self.writer.freed(flushed.bytes);
            Metrics::count(&self.metrics.flushes, "done", flushed.files);
            self.metrics.duplicates.inc_by(flushed.appended.duplicates);
            self.metrics.flush_seconds.observe(begun.elapsed().as_secs_f64());
        }
        Ok(())
    }

    /// Waits until a file of the log is closed, for a while at most; says whether one is.
    pub fn wait_for_closed(&self, longest: Duration) -> bool {
        let numbers = locked(&self.closed.numbers);
        let is_quiet = |numbers: &mut BTreeSet<u64>| numbers.is_empty() && !self.stop.load(Ordering::SeqCst);
        let (numbers, _) =
            self.closed.more.wait_timeout_while(numbers, longest, is_quiet).unwrap_or_else(PoisonError::into_inner);
        !numbers.is_empty()
    }

    /// Waits, and ends early where the engine does.
    pub fn pause(&self, longest: Duration) {
        let end = Instant::now() + longest;
        while Instant::now() < end && !self.stop.load(Ordering::SeqCst) {
            thread::sleep(LOOK.min(end.saturating_duration_since(Instant::now())));
        }
    }

    /// What is wrong with a part, until it is mended. It is told when it is new.
    pub fn degrade(&self, part: &'static str, text: &str) {
        let before = locked(&self.degraded).insert(part, text.to_owned());
        if before.as_deref() != Some(text) {
            self.beside.notices.note(&format!("{part}: {text}"));
        }
    }

    pub fn mend(&self, part: &'static str) {
        if locked(&self.degraded).remove(part).is_some() {
            self.beside.notices.note(&format!("{part}: well again"));
        }
    }

    /// What is wrong, by the part that it is wrong with.
    pub fn degraded(&self) -> BTreeMap<&'static str, String> {
        locked(&self.degraded).clone()
    }

    /// Takes up the snapshot of the last run, so that gates and callers have it until the first sweep.
    pub fn read_snapshot(&self) {
        let path = &self.settings.snapshot;
        let Ok(bytes) = fs::read(path) else { return };
        match VerdictSnapshot::from_bytes(&bytes) {
            Ok(snapshot) => self.snapshot.store(Some(Arc::new(snapshot))),
            Err(error) => self.degrade("snapshot", &format!("{}: {error}", path.display())),
        }
    }
}

impl Closed {
    pub fn add(&self, number: u64) {
        locked(&self.numbers).insert(number);
        self.more.notify_all();
    }
}
