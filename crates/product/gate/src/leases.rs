//! The server of shared budgets is asked beside the requests, on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::Sender;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::time::Instant;

use budget::AnyShared;
use budget::Bounds;
use budget::Budgets;
use budget::NodeBudgets;
use budget::Nodes;
use budget::Refill;
use budget::SharedBudgets;
use tokio::sync::watch;

use crate::config::Config;
use crate::config_budgets::BudgetSharing;
use crate::config_budgets::now;
use crate::error::Error;
use crate::metrics::Metrics;

/// How long a server that failed is left alone, and how often one that is asked for nothing is looked for.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the end of a gate waits for what is given back.
const LAST: Duration = Duration::from_secs(5);

/// What requests know of the asking.
#[derive(Debug)]
pub(crate) struct Leases {
    /// Changes each time that the server was asked.
    asked: watch::Sender<()>,
    is_degraded: AtomicBool,
}

impl Leases {
    /// Tells when the server was asked next; nothing where it is not worth waiting for, since the server is gone.
    pub(crate) fn next(&self) -> Option<watch::Receiver<()>> {
        (!self.is_degraded.load(Ordering::Relaxed)).then(|| self.asked.subscribe())
    }
}

/// Ends the thread.
#[derive(Debug)]
pub(crate) struct Asker {
    budgets: Arc<NodeBudgets>,
    end: Sender<()>,
    ended: Receiver<()>,
}

impl Asker {
    /// Lets the thread give back what was leased and not spent, for when nothing is admitted any more.
    pub(crate) fn end(self) {
        let _ = self.end.send(());
        if let Some(shared) = self.budgets.shared() {
            shared.wake();
        }
        // What was not given back in time stays charged until its window ends, as where a gate is killed.
        let _ = self.ended.recv_timeout(LAST);
    }
}

/// The budgets that a configuration asks for.
///
/// # Errors
/// Where the URL of the server is none.
pub(crate) fn budgets(config: &Config) -> Result<NodeBudgets, Error> {
    let Some(BudgetSharing { server, gates }) = &config.budgets else {
        return Ok(NodeBudgets::Own(Budgets::new(Bounds::default())));
    };
    let server = server.open().map_err(|error| Error::config(vec![format!("budgets.server: {error}")]))?;
    let nodes = Nodes { count: *gates, started_us: now() };
    Ok(NodeBudgets::Shared(SharedBudgets::new(Bounds::default(), nodes, server)))
}

/// Starts the thread, where budgets are shared.
pub(crate) fn start(budgets: &Arc<NodeBudgets>, metrics: &Metrics) -> Result<Option<(Arc<Leases>, Asker)>, Error> {
    if budgets.shared().is_none() {
        return Ok(None);
    }
    let leases = Arc::new(Leases { asked: watch::Sender::new(()), is_degraded: AtomicBool::new(false) });
    let ((end, is_over), (over, ended)) = (channel(), channel());
    let (own, told, metrics) = (Arc::clone(budgets), Arc::clone(&leases), metrics.clone());
    let work = move || {
        if let Some(shared) = own.shared() {
            run(shared, &told, &metrics, &is_over);
            let _ = shared.give_back(now());
        }
        let _ = over.send(());
    };
    let spawned = std::thread::Builder::new().name("gate-leases".to_owned()).spawn(work);
    spawned.map_err(|error| Error::system(format!("no thread can be started: {error}")))?;
    Ok(Some((leases, Asker { budgets: Arc::clone(budgets), end, ended })))
}

fn run(shared: &AnyShared, leases: &Leases, metrics: &Metrics, is_over: &Receiver<()>) {
    let mut since = Instant::now();
    loop {
        let mut refill = shared.refill(now());
        if refill == Refill::default() {
            refill.failed = shared.look().err();
        }
        metrics.leased(&refill);
        if leases.is_degraded.swap(refill.failed.is_some(), Ordering::Relaxed) {
            metrics.degraded.inc_by(since.elapsed().as_secs_f64());
        }
        since = Instant::now();
        // Those who wait look again, also where there is nothing to be had.
        leases.asked.send_replace(());
        let pause = if refill.failed.is_some() { PAUSE } else { Duration::ZERO };
        if is_over.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        if pause.is_zero() {
            shared.wait_until_due(PAUSE);
        }
    }
}

/// What a person should know of shared budgets before a gate draws on them. The server is asked once.
pub(crate) fn notes(config: &Config) -> Result<Vec<String>, Error> {
    let Some(BudgetSharing { server, gates }) = &config.budgets else { return Ok(Vec::new()) };
    let place = server.place();
    let mut notes = vec![format!(
        "budgets are shared by {gates} gates over {place}: each may spend 1/{} of a limit by itself, and leases parts of the other \
         half; more gates than that would break the limits",
        gates.saturating_mul(2)
    )];
    let mut server = server.open().map_err(|error| Error::config(vec![format!("budgets.server: {error}")]))?;
    match server.since_us() {
        Ok(Some(_)) => {}
        Ok(None) => notes.push(format!(
            "{place} was never asked for a part of a budget: if it is new, tell it so once (--new-budget-server); it leases nothing of \
             the windows that have begun otherwise"
        )),
        Err(error) => notes.push(format!("budgets.server: {place}: {error}")),
    }
    Ok(notes)
}

/// Tells the server of a configuration that it is new: nothing was leased from it before. One that remembers leases is left as it is.
/// Returns what it is now, in words.
///
/// # Errors
/// Where the configuration names none, or it cannot be asked.
pub fn set_up_budgets(config: &Config) -> Result<String, Error> {
    let Some(BudgetSharing { server, .. }) = &config.budgets else {
        return Err(Error::config(vec![
            "budgets: there is no server (add [budgets] with server and gates)".to_owned(),
        ]));
    };
    let place = server.place();
    let mut server = server.open().map_err(|error| Error::config(vec![format!("budgets.server: {error}")]))?;
    let since = server.since_us().and_then(|since| server.set_up().map(|()| since));
    match since {
        Ok(None) => Ok(format!("{place} is new: it leases parts of budgets in the present windows too")),
        Ok(Some(_)) => Ok(format!("{place} remembers leases already: nothing was changed")),
        Err(error) => Err(Error::system(format!("budgets.server: {place}: {error}"))),
    }
}
