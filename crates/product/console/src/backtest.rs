//! Backtests of the rules on demand: one at a time, within a bound of time, with how far it is.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use policy::BlastRadius;
use policy::Policy;
use record::clock::now_us;
use record::time::now_to_the_second;
use verdict::VerdictSnapshot;
use workers::Phase;
use workers::Progress;

/// The longest that one may take. It is looked at after each day of exchanges.
const LONGEST: Duration = Duration::from_secs(600);

/// What plays recorded exchanges through rules.
pub trait Backtests: fmt::Debug + Send + Sync {
    /// Whom each rule would have hit.
    ///
    /// # Errors
    /// Why it is not known, in words.
    fn run(
        &self,
        policy: &Policy,
        verdicts: &VerdictSnapshot,
        now_us: i64,
        progress: &dyn Progress,
    ) -> Result<Backtested, String>;
}

/// What a backtest found.
#[derive(Debug, Clone)]
pub struct Backtested {
    /// Days of the exchanges that were played.
    pub days: u64,
    /// Whether account records say who pays.
    pub knows_who_pays: bool,
    /// Whom each rule would have hit, by the rules' ids.
    pub radius: Vec<BlastRadius>,
}

/// The backtest that runs, or ran last.
#[derive(Debug)]
pub struct Run {
    /// Who asked for it.
    pub by: String,
    /// When, RFC 3339.
    pub started_at: String,
    /// Hash of the policy.
    pub policy: String,
    bar: Bar,
    ended: OnceLock<(String, Result<Backtested, String>)>,
}

#[derive(Debug)]
struct Bar {
    begun: Instant,
    total: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
}

impl Progress for Bar {
    fn begin(&self, _phase: Phase, total: Option<u64>) {
        self.total.store(total.unwrap_or(0), Ordering::Relaxed);
    }

    fn advance(&self, done: u64, _records: u64) {
        self.done.store(done, Ordering::Relaxed);
        if self.begun.elapsed() > LONGEST {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn stop(&self) -> &AtomicBool {
        &self.stop
    }
}

impl Run {
    /// Bytes that were read, and that are to be read.
    pub fn bytes(&self) -> (u64, u64) {
        (self.bar.done.load(Ordering::Relaxed), self.bar.total.load(Ordering::Relaxed))
    }

    /// When it ended, and what it found or why it failed; `None` while it runs.
    pub fn ended(&self) -> Option<&(String, Result<Backtested, String>)> {
        self.ended.get()
    }

    /// Whether it was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.bar.stop.load(Ordering::Relaxed)
    }

    /// Tells it to stop. What it has found by then is dropped.
    pub fn stop(&self) {
        self.bar.stop.store(true, Ordering::Relaxed);
    }
}

/// Why a backtest was not begun.
#[derive(Debug, PartialEq, Eq)]
pub enum NotBegun {
    /// Nothing here can play exchanges.
    Impossible,
    /// Another one runs.
    Busy,
    /// The system gives no thread.
    NoThread,
}

/// The desk of backtests: there is one at a time.
#[derive(Debug)]
pub struct Bench {
    runner: Option<Arc<dyn Backtests>>,
    last: Mutex<Option<Arc<Run>>>,
}

impl Bench {
    /// A desk.
    pub fn new(runner: Option<Arc<dyn Backtests>>) -> Self {
        Self { runner, last: Mutex::default() }
    }

    /// The one that runs, or ran last.
    pub fn last(&self) -> Option<Arc<Run>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins one.
    ///
    /// # Errors
    /// [`NotBegun`]
    pub fn begin(&self, by: &str, policy: Arc<Policy>, verdicts: Arc<VerdictSnapshot>) -> Result<Arc<Run>, NotBegun> {
        let runner = Arc::clone(self.runner.as_ref().ok_or(NotBegun::Impossible)?);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|run| run.ended().is_none()) {
            return Err(NotBegun::Busy);
        }
        let bar = Bar { begun: Instant::now(), total: 0.into(), done: 0.into(), stop: false.into() };
        let (by, hash) = (by.to_owned(), policy.hash().to_owned());
        let run = Arc::new(Run { by, started_at: now_to_the_second(), policy: hash, bar, ended: OnceLock::new() });
        let ending = Ending(Arc::clone(&run));
        let work = move || {
            let of = &ending.0;
            let found = runner.run(&policy, &verdicts, now_us(), &of.bar);
            let found = match of.is_stopped() {
                true => Err("it was stopped, or took longer than ten minutes".to_owned()),
                false => found,
            };
            let _ = of.ended.set((now_to_the_second(), found));
        };
        // A thread of its own: the program ends without waiting for it.
        thread::Builder::new().name("backtest".to_owned()).spawn(work).map_err(|_| NotBegun::NoThread)?;
        *last = Some(Arc::clone(&run));
        Ok(run)
    }
}

/// Ends a run that its work did not end, so that the next one can begin.
struct Ending(Arc<Run>);

impl Drop for Ending {
    fn drop(&mut self) {
        // Whoever ended it before did so for good.
        let _ = self.0.ended.set((now_to_the_second(), Err("it broke off: this is a bug in stillwatch".to_owned())));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]
mod tests {
    use super::*;
    use verdict::SnapshotBuilder;
    use verdict::SnapshotWindow;

    /// Waits until it is told to stop, or panics.
    #[derive(Debug)]
    struct Slow(bool);

    impl Backtests for Slow {
        fn run(&self, _: &Policy, _: &VerdictSnapshot, _: i64, bar: &dyn Progress) -> Result<Backtested, String> {
            assert!(!self.0, "a bug");
            bar.begin(Phase::Read, Some(10));
            while !bar.stop().load(Ordering::Relaxed) {
                thread::yield_now();
            }
            Ok(Backtested { days: 1, knows_who_pays: false, radius: Vec::new() })
        }
    }

    fn begin(bench: &Bench) -> Result<Arc<Run>, NotBegun> {
        let verdicts = SnapshotBuilder::new(0, SnapshotWindow { start_us: 0, end_us: 0 }).build().unwrap();
        bench.begin("pat", Arc::new(Policy::shipped().unwrap()), Arc::new(verdicts))
    }

    fn end(run: &Run) -> Result<Backtested, String> {
        while run.ended().is_none() {
            thread::yield_now();
        }
        run.ended().unwrap().1.clone()
    }

    #[test]
    fn one_runs_at_a_time_and_can_be_stopped() {
        let bench = Bench::new(Some(Arc::new(Slow(false))));
        let run = begin(&bench).unwrap();
        assert_eq!(begin(&bench).unwrap_err(), NotBegun::Busy);
        run.stop();
        assert!(end(&run).unwrap_err().contains("stopped"));
        begin(&bench).unwrap().stop();
        assert_eq!(begin(&Bench::new(None)).unwrap_err(), NotBegun::Impossible);
    }

    #[test]
    fn one_that_breaks_off_makes_room_for_the_next() {
        let bench = Bench::new(Some(Arc::new(Slow(true))));
        assert!(end(&begin(&bench).unwrap()).unwrap_err().contains("bug"));
        assert!(begin(&bench).is_ok());
    }
}
