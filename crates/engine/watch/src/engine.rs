//! The live engine: its threads, and what they share.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;

use arc_swap::ArcSwapOption;
use columns::Appender;
use columns::Holdings;
use columns::durable::make_private;
use record::Maps;
use record::time::DAY_US;
use sketch::Embedder;
use sketch::HashedWords;
use verdict::VerdictSnapshot;

use crate::error::Error;
use crate::flush::Flusher;
use crate::intake::Intake;
use crate::intake::Piece;
use crate::intake::Taken;
use crate::locks::locked;
use crate::metrics::Metrics;
use crate::recover::recover;
use crate::registry::FOLDER;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::shared::Beside;
use crate::shared::Closed;
use crate::shared::Shared;
use crate::state::State;
use crate::sweeps::Sweeps;
use crate::writer::Writer;
use crate::writer::WriterOptions;

/// The longest file of a map, in bytes.
const MAX_MAP_BYTES: u64 = 4 << 20;

/// The live engine. When the value is dropped it stops: what was acknowledged is in the log or in the data directory.
pub struct Engine {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("data_dir", &self.shared.settings.data_dir).finish_non_exhaustive()
    }
}

impl Engine {
    /// Begins: takes the data directory, reads what a stopped engine left in its log, and starts the threads.
    ///
    /// # Errors
    /// [`Error`] where the settings contradict what is there, another engine runs on the directory, or the log is damaged.
    pub fn begin(settings: Settings, beside: Beside) -> Result<Self, Error> {
        let data_dir = settings.data_dir.clone();
        let folder = data_dir.join(FOLDER);
        make_private(&folder).map_err(Error::file(&folder))?;
        let lock = lock(&folder)?;
        let table = Appender::open(&data_dir, beside.secret.as_ref(), &HashedWords.name(), true)?;
        let gone = State::read(&folder)?;
        let mut state = gone.clone();
        let left = recover(&folder, &mut state, &|text| beside.notices.note(text))?;
        let closed = Arc::new(Closed { numbers: Mutex::new(left.numbers.clone()), more: Condvar::new() });
        let to_close = Arc::clone(&closed);
        let options = WriterOptions {
            folder: folder.clone(),
            first: left.numbers.last().map_or(1, |last| last + 1),
            durability: settings.durability,
            segment_bytes: settings.limits.segment_bytes,
            max_bytes: settings.limits.log_bytes,
            there_bytes: left.bytes,
        };
        let writer = Writer::begin(options, move |number| to_close.add(number))?;
        let texts = settings.maps.iter().map(|path| {
            let text = record::read_text_file(path, MAX_MAP_BYTES).map_err(Error::file(path))?;
            Ok((path.display().to_string(), text))
        });
        let maps = Maps::with(&texts.collect::<Result<Vec<_>, Error>>()?);
        let maps = maps.map_err(|error| Error::usage(error.to_string()))?;
        let key = table.key().clone();
        let intake = Intake::new(key.clone(), maps, settings.keep_identifiers);
        let shared = Arc::new(Shared {
            registry: Registry::open(&folder)?,
            newcomers: ArcSwapOption::empty(),
            key,
            intake,
            writer,
            flusher: Mutex::new(Flusher::new(folder, table, gone)),
            metrics: Metrics::new(),
            snapshot: ArcSwapOption::empty(),
            since: RwLock::default(),
            newest_us: AtomicI64::new(left.newest_us.max(newest_day_us(&data_dir)?)),
            state: Mutex::new(state),
            closed,
            stop: AtomicBool::new(false),
            degraded: Mutex::default(),
            sweeps: Sweeps::default(),
            sweeping: Mutex::default(),
            settings,
            beside,
            _lock: lock,
        });
        shared.read_snapshot();
        let engine = Self { shared, threads: Mutex::default() };
        engine.spawn("flush", crate::keep::flush_loop)?;
        engine.spawn("sweep", crate::keep::sweep_loop)?;
        engine.spawn("tick", crate::tick::tick_loop)?;
        if !engine.shared.settings.follow.is_empty() {
            engine.spawn("follow", crate::follow::follow_loop)?;
        }
        Ok(engine)
    }

    fn spawn(&self, name: &str, work: fn(&Shared)) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || work(&shared));
        let thread = thread.map_err(|error| Error::lost(format!("no thread can be begun: {error}")))?;
        locked(&self.threads).push(thread);
        Ok(())
    }

    /// Reads a piece of a log. When this returns, its exchanges are as safe as the mode of durability says.
    ///
    /// # Errors
    /// [`Error`]: nothing of the piece is kept.
    pub fn take(&self, piece: Piece<'_>) -> Result<Taken, Error> {
        self.shared.take(piece)
    }

    /// The last published snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<VerdictSnapshot>> {
        self.shared.snapshot.load_full()
    }

    /// What was counted, in the text form of Prometheus.
    #[must_use]
    pub fn counts(&self) -> String {
        self.shared.metrics.render()
    }

    /// Brings all that was acknowledged to the data directory.
    ///
    /// # Errors
    /// [`Error`]; it stays in the log.
    pub fn flush(&self) -> Result<(), Error> {
        self.shared.flush_now()
    }

    /// Assesses now, and waits for the end of it.
    ///
    /// # Errors
    /// [`Error`] as of a hunt.
    pub fn sweep(&self) -> Result<(), Error> {
        crate::keep::sweep(&self.shared)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Ends the engine: what was acknowledged is brought to the data directory.
    ///
    /// # Errors
    /// [`Error`]; it then stays in the log, and the next start goes on from it.
    pub fn end(&self) -> Result<(), Error> {
        self.stop();
        self.shared.flush_now()
    }

    fn stop(&self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.closed.more.notify_all();
        self.shared.sweeps.wake();
        let threads = std::mem::take(&mut *locked(&self.threads));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The beginning of the newest day of the table: the window of a sweep is counted in days.
fn newest_day_us(data_dir: &Path) -> Result<i64, Error> {
    let newest = Holdings::read(data_dir)?.exchanges.keys().map(|partition| partition.day).max();
    Ok(newest.map_or(i64::MIN, |day| day.saturating_mul(DAY_US)))
}

/// Takes the engine's folder, so that no two engines write one log.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(".lock");
    let file = File::create(&path).map_err(Error::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(Error::usage(format!(
            "another engine runs on {} (stop it, or give this one another data_dir)",
            folder.parent().unwrap_or(folder).display()
        ))),
    }
}
