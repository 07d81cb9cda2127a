//! What the handlers share.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use budget::AnyShared;
use budget::NodeBudgets;
use case::Desk;
use policy::LivePolicy;
use policy::Policy;
use policy::Source;
use record::clock::now_us;
use tokio::sync::Semaphore;
use verdict::VerdictSnapshot;

use crate::backtest::Backtests;
use crate::backtest::Bench;
use crate::changes::Changes;
use crate::draft::Drafts;
use crate::error::Error;
use crate::facts::Facts;
use crate::found::Found;
use crate::found::FoundFolder;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::saved::SavedList;
use crate::session::Sessions;
use crate::site::Site;
use crate::throttle::Throttle;
use crate::token::Tokens;
use crate::trial::Trial;
use crate::user::Users;

/// Where verdicts come from: a hunt's results, a file, or an engine that runs beside.
pub trait Verdicts: fmt::Debug + Send + Sync {
    /// What is held of every account now.
    ///
    /// # Errors
    /// Why it is not known, in words.
    fn current(&self) -> Result<Arc<VerdictSnapshot>, String>;

    /// The counts of what makes them, in the text form of Prometheus, where it runs beside.
    fn counts(&self) -> Option<String> {
        None
    }
}

/// Budgets of a gate that runs in this process.
#[derive(Debug, Clone)]
pub struct LiveBudgets {
    /// The budgets.
    pub budgets: Arc<NodeBudgets>,
    /// Whether the gate refuses what they have no room for. In its shadow mode it only counts.
    pub is_enforced: bool,
}

/// What is to be served.
#[derive(Debug)]
pub struct Options {
    /// The data directory: ledger, cases, tokens.
    pub data_dir: PathBuf,
    /// The database of cases, where it is not the data directory's own file.
    pub cases: Option<String>,
    /// The output folder of a hunt.
    pub found: PathBuf,
    /// Whether that may not be there yet, since an engine that runs beside makes it.
    pub found_may_come: bool,
    /// The folder of policies; the shipped ones where `None`.
    pub policies: Option<PathBuf>,
    /// What is held of accounts.
    pub verdicts: Box<dyn Verdicts>,
    /// What plays recorded exchanges through the rules, where that can be done.
    pub backtests: Option<Arc<dyn Backtests>>,
    /// Budgets, where a gate runs in this process.
    pub budgets: Option<LiveBudgets>,
    /// The folder of the page; the page that was built into the program where `None`.
    pub console: Option<PathBuf>,
    /// Whether callers come by TLS, so that cookies are for it alone.
    pub tls: bool,
}

#[derive(Debug)]
enum Rules {
    Shipped(Arc<Policy>),
    Folder(LivePolicy),
}

#[derive(Debug)]
struct Shared {
    data_dir: PathBuf,
    cases: Option<String>,
    desk: Mutex<Option<Desk>>,
    found: FoundFolder,
    rules: Rules,
    verdicts: Box<dyn Verdicts>,
    tokens: Tokens,
    users: Users,
    sessions: Sessions,
    throttle: Mutex<Throttle>,
    /// Turns of those whose password is checked.
    checks: Arc<Semaphore>,
    site: Site,
    tls: bool,
    metrics: Metrics,
    /// When the policies were looked at.
    looked: Mutex<Option<Instant>>,
    changes: Mutex<Changes>,
    streams: Arc<Semaphore>,
    questions: Arc<Semaphore>,
    bench: Bench,
    budgets: Option<LiveBudgets>,
    /// What is known of the rules, since it was looked at last.
    facts: Mutex<Option<Arc<Facts>>>,
    drafts: Drafts,
    saved: SavedList,
    /// What the draft would be, since it was looked at last.
    trial: Mutex<Option<Arc<Trial>>>,
}

/// Those that may wait for changes at a time.
const MAX_STREAMS: usize = 64;
/// Those whose password is checked at a time: each takes 19 MiB.
const MAX_CHECKS: usize = 2;
/// Questions to the table of exchanges that are answered at a time.
const MAX_QUESTIONS: usize = 2;

/// What the handlers share. A copy is the same thing again.
#[derive(Debug, Clone)]
pub struct State(Arc<Shared>);

impl State {
    /// Opens everything.
    ///
    /// # Errors
    /// [`Error`] where something cannot be read.
    pub fn open(options: Options) -> Result<Self, Error> {
        let Options { data_dir, cases, found, found_may_come, policies, verdicts, backtests, budgets, console, tls } =
            options;
        if !data_dir.is_dir() {
            let text = format!("{} is no data directory (hunt with --data-dir first)", data_dir.display());
            return Err(Error::usage(text));
        }
        let unfit = |error: policy::Error| Error::usage(format!("the policies cannot be used: {error}"));
        let rules = match &policies {
            Some(folder) => Rules::Folder(LivePolicy::open(folder).map_err(unfit)?),
            None => Rules::Shipped(Arc::new(Policy::shipped().map_err(unfit)?)),
        };
        verdicts.current().map_err(Error::usage)?;
        let mut run = [0; 9];
        getrandom::fill(&mut run).map_err(|error| Error::io("the system gives no random bytes", error))?;
        let shared = Shared {
            found: FoundFolder::open(&found, found_may_come)?,
            tokens: Tokens::of(&data_dir),
            users: Users::of(&data_dir),
            sessions: Sessions::of(&data_dir),
            throttle: Mutex::default(),
            checks: Arc::new(Semaphore::new(MAX_CHECKS)),
            site: Site::open(console.as_deref())?,
            tls,
            desk: Mutex::default(),
            metrics: Metrics::default(),
            changes: Mutex::new(Changes::new(URL_SAFE_NO_PAD.encode(run))),
            looked: Mutex::default(),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            questions: Arc::new(Semaphore::new(MAX_QUESTIONS)),
            bench: Bench::new(backtests),
            facts: Mutex::default(),
            drafts: Drafts::of(&data_dir, policies.as_deref()),
            trial: Mutex::default(),
            saved: SavedList::of(&data_dir),
            rules,
            verdicts,
            budgets,
            cases,
            data_dir,
        };
        Ok(Self(Arc::new(shared)))
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.0.data_dir
    }

    /// The tokens of the data directory.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Those who sign in with a password.
    #[must_use]
    pub fn users(&self) -> &Users {
        &self.0.users
    }

    /// Whether a page is served.
    #[must_use]
    pub fn has_page(&self) -> bool {
        self.0.site.is_there()
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn site(&self) -> &Site {
        &self.0.site
    }

    /// Whether callers come by TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.0.tls
    }

    /// Turns of those whose password is checked.
    pub(crate) fn checks(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.checks)
    }

    /// Counts attempts to sign in.
    pub(crate) fn throttle<T>(&self, work: impl FnOnce(&mut Throttle) -> T) -> T {
        work(&mut self.0.throttle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What the hunt found; what it had found before where the folder cannot be read now.
    pub(crate) async fn found(&self) -> Arc<Found> {
        let shared = Arc::clone(&self.0);
        // A folder that was replaced is read whole, on a thread that may wait.
        let read = blocking(move || Ok(shared.found.current().unwrap_or_else(|_| shared.found.last())));
        read.await.unwrap_or_else(|_| self.0.found.last())
    }

    /// The policy of now. It is looked for a new one once a second at most; where the folder is unfit the last good one stays.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        match &self.0.rules {
            Rules::Shipped(policy) => Arc::clone(policy),
            Rules::Folder(live) => {
                let mut looked = self.0.looked.lock().unwrap_or_else(PoisonError::into_inner);
                if looked.is_none_or(|looked| looked.elapsed() >= Duration::from_secs(1)) {
                    let _ = live.reload();
                    *looked = Some(Instant::now());
                }
                live.current()
            }
        }
    }

    /// What is held of every account now.
    /// All counts in the text form of Prometheus, with those of an engine that runs beside.
    pub(crate) fn counts(&self) -> String {
        let own = self.0.metrics.text();
        match self.0.verdicts.counts() {
            // The text ends with the line that says so, once.
            Some(others) => own.trim_end_matches("# EOF\n").to_owned() + &others,
            None => own,
        }
    }

    pub(crate) fn verdicts(&self) -> Result<Arc<VerdictSnapshot>, Problem> {
        self.0.verdicts.current().map_err(Problem::unavailable)
    }

    /// Both, on a thread that may wait for files.
    pub(crate) async fn rules_and_verdicts(&self) -> Result<(Arc<Policy>, Arc<VerdictSnapshot>), Problem> {
        let state = self.clone();
        blocking(move || Ok((state.policy(), state.verdicts()?))).await
    }

    /// The budgets of the gate in this process.
    ///
    /// # Errors
    /// A problem where there is none.
    pub(crate) fn budgets(&self) -> Result<LiveBudgets, Problem> {
        let detail = "no gate runs in this process, and budgets are in the memory of the gate (serve with \
                      `stillwatch up --config FILE`, which runs both; a gate by itself tells counts of refusals at its /metrics)";
        self.0.budgets.clone().ok_or_else(|| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_gate", detail))
    }

    /// The backtest that runs, or ran last.
    pub(crate) fn bench(&self) -> &Bench {
        &self.0.bench
    }

    /// What is known of the rules. It is looked at anew where the rules, the verdicts or the day are others; who comes meanwhile waits.
    pub(crate) async fn facts(&self) -> Result<Arc<Facts>, Problem> {
        let state = self.clone();
        blocking(move || {
            let (policy, snapshot, now_us) = (state.policy(), state.verdicts()?, now_us());
            let mut known = state.0.facts.lock().unwrap_or_else(PoisonError::into_inner);
            match known.as_ref().filter(|facts| facts.is_of(&policy, &snapshot, now_us)) {
                Some(facts) => Ok(Arc::clone(facts)),
                None => {
                    let facts = Arc::new(Facts::of(policy, &snapshot, now_us));
                    *known = Some(Arc::clone(&facts));
                    Ok(facts)
                }
            }
        })
        .await
    }

    /// What people saved for themselves.
    pub(crate) fn saved(&self) -> &SavedList {
        &self.0.saved
    }

    /// Drafts of the rules.
    pub(crate) fn drafts(&self) -> &Drafts {
        &self.0.drafts
    }

    /// What a version of the draft would be. It is tried anew where the draft, the rules, the verdicts or the day are others; who comes
    /// meanwhile waits.
    pub(crate) async fn trial(&self, version: u64, files: Source) -> Result<Arc<Trial>, Problem> {
        let state = self.clone();
        blocking(move || {
            let (policy, snapshot, now_us) = (state.policy(), state.verdicts()?, now_us());
            let mut known = state.0.trial.lock().unwrap_or_else(PoisonError::into_inner);
            match known.as_ref().filter(|trial| trial.is_of(version, &policy, &snapshot, now_us)) {
                Some(trial) => Ok(Arc::clone(trial)),
                None => {
                    let trial = Arc::new(Trial::of(version, files, policy, snapshot, now_us));
                    *known = Some(Arc::clone(&trial));
                    Ok(trial)
                }
            }
        })
        .await
    }

    /// Looks at the rules at once, since they were changed.
    pub(crate) async fn look_at_rules(&self) {
        let state = self.clone();
        let look = move || {
            *state.0.looked.lock().unwrap_or_else(PoisonError::into_inner) = None;
            state.policy();
            Ok(())
        };
        // What cannot be read now is told by the health of the server.
        let _ = blocking(look).await;
    }

    /// Looks for changes of decisions, and then at those that are remembered. On a thread that may wait: of many accounts the looking
    /// takes a while, and others wait for it.
    pub(crate) async fn follow<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Changes) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let state = self.clone();
        blocking(move || {
            let (snapshot, policy) = (state.verdicts()?, state.policy());
            let mut changes = state.0.changes.lock().unwrap_or_else(PoisonError::into_inner);
            changes.follow(&snapshot, &policy, now_us());
            Ok(look(&changes))
        })
        .await
    }

    /// Room for those that wait.
    pub(crate) fn streams(&self) -> &Arc<Semaphore> {
        &self.0.streams
    }

    /// Turns of those who ask the table of exchanges.
    pub(crate) fn questions(&self) -> &Arc<Semaphore> {
        &self.0.questions
    }

    /// Does something with the cases on a thread that may wait.
    pub(crate) async fn with_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<T, case::Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let shared = Arc::clone(&self.0);
        blocking(move || {
            let mut desk = shared.desk.lock().unwrap_or_else(PoisonError::into_inner);
            let mut opened = match desk.take() {
                Some(opened) => opened,
                None => Desk::open(&shared.data_dir, shared.cases.as_deref())?,
            };
            let done = work(&mut opened);
            // A connection that failed is opened anew by the next.
            if !done.as_ref().is_err_and(|error| error.kind() == case::ErrorKind::Io) {
                *desk = Some(opened);
            }
            Ok(done?)
        })
        .await
    }

    /// What does not work, by name, with the reason.
    pub(crate) async fn degraded(&self) -> Vec<(&'static str, String)> {
        let mut degraded = Vec::new();
        let shared = Arc::clone(&self.0);
        let files = blocking(move || {
            let mut told = Vec::new();
            told.extend(shared.found.current().err().map(|error| ("found", error.to_string())));
            told.extend(shared.verdicts.current().err().map(|error| ("verdicts", error)));
            told.extend(shared.tokens.list().err().map(|error| ("tokens", error.to_string())));
            told.extend(shared.users.list().err().map(|error| ("users", error.to_string())));
            if let Rules::Folder(live) = &shared.rules {
                told.extend(live.reload().err().map(|error| ("policies", error.to_string())));
            }
            told.extend(columns::open_ledger(&shared.data_dir).err().map(|error| ("ledger", error.to_string())));
            Ok(told)
        });
        degraded.extend(files.await.unwrap_or_default());
        if let Err(problem) = self.with_desk(|desk| desk.case("none").map(drop)).await {
            degraded.push(("cases", format!("{problem:?}")));
        }
        let shared = self.0.budgets.as_ref().and_then(|live| live.budgets.shared());
        degraded.extend(shared.and_then(AnyShared::fault).map(|fault| ("budgets", fault.to_string())));
        degraded
    }
}

/// Now, in seconds since 1970.
pub fn now_s() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}

/// Runs what may wait for files on a thread for it.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", "the work was stopped")))
}
