//! The two threads that keep the data directory and the verdicts up to date.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use campaign::AccountVerdict;
use campaign::Rates;
use hunt::FoldOptions;
use hunt::Options;
use record::Account;
use record::Reject;
use record::clock::now_us;
use record::time::DAY_US;

use crate::error::Error;
use crate::locks::locked;
use crate::matcher::Index;
use crate::metrics::Metrics;
use crate::newcomer::Newcomers;
use crate::shared::Shared;
use crate::since::Since;

/// How often waiting threads look whether the engine ends.
const LOOK: Duration = Duration::from_millis(500);
/// How long is waited after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Brings closed files of the log to the table.
pub(crate) fn flush_loop(shared: &Shared) {
    while !shared.stop.load(Ordering::SeqCst) {
        shared.metrics.log_bytes.set(i64::try_from(shared.writer.bytes()).unwrap_or(i64::MAX));
        let is_more = shared.wait_for_closed(LOOK);
        if is_more && shared.flush_closed().is_err() {
            // It is told where it failed. The rows stay in the log.
            shared.pause(AFTER_FAILURE);
        }
    }
}

/// Sweeps when it is time or asked for.
pub(crate) fn sweep_loop(shared: &Shared) {
    let every = Duration::from_secs(shared.settings.sweep.every_s);
    // What a stopped engine left is assessed at once: what rows are compared with is in memory only.
    let mut due = Instant::now();
    while !shared.stop.load(Ordering::SeqCst) {
        let is_asked = shared.sweeps.wait(due.saturating_duration_since(Instant::now()), &shared.stop);
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        if is_asked || Instant::now() >= due {
            // It is told where it failed; the verdicts of before stay.
            let _ = sweep(shared);
            due = Instant::now() + every;
        }
    }
}

/// Assesses what was acknowledged until now, and publishes the verdicts.
pub(crate) fn sweep(shared: &Shared) -> Result<(), Error> {
    let _one = locked(&shared.sweeping);
    shared.sweeps.begin();
    let begun = Instant::now();
    let result = assess(shared);
    match &result {
        Ok(false) => {}
        Ok(true) => {
            Metrics::count(&shared.metrics.sweeps, "published", 1);
            shared.metrics.sweep_seconds.observe(begun.elapsed().as_secs_f64());
            shared.mend("sweep");
        }
        Err(_) if shared.stop.load(Ordering::SeqCst) => {}
        Err(error) => {
            Metrics::count(&shared.metrics.sweeps, "failed", 1);
            shared.degrade("sweep", &format!("the verdicts of before stay: {error}"));
        }
    }
    shared.sweeps.done();
    result.map(drop)
}

/// Assesses and publishes; says whether there was anything.
fn assess(shared: &Shared) -> Result<bool, Error> {
    shared.flush_now()?;
    let data_dir = &shared.settings.data_dir;
    if !columns::is_columnar(data_dir)? || columns::Holdings::read(data_dir)?.exchanges.is_empty() {
        // Nothing came yet.
        return Ok(false);
    }
    let fold = FoldOptions { data_dir: data_dir.clone(), compact: true, workers: None };
    {
        let _table = locked(&shared.flusher);
        hunt::fold_increments(&fold, shared)?;
    }
    let options = options(shared)?;
    let outcome = hunt::hunt(&options, shared)?;
    let snapshot = Arc::new(hunt::read_snapshot(&shared.settings.found, now_us())?);
    let since = Arc::new(Since::new(Arc::clone(&snapshot), Index::of(&outcome.accounts)));
    shared.publish(snapshot, 0)?;
    shared.metrics.last_sweep.set(now_us() as f64 / 1e6);
    shared.compare_with(Arc::clone(&since));
    match newcomers(shared, &outcome.accounts, &options.accounts) {
        Ok(newcomers) => {
            shared.newcomers.store(Some(Arc::new(newcomers)));
            shared.mend("signups");
        }
        // Verdicts do not wait for it.
        Err(error) => shared.degrade("signups", &error.to_string()),
    }
    drop(outcome);
    // What came before the line above is in the table now, and what comes after it is compared as it comes.
    shared.flush_now()?;
    let from_us = options.since_us.unwrap_or(i64::MIN);
    since.calibrate(data_dir, from_us, shared.settings.sweep.match_rate)?;
    Ok(true)
}

/// What registrations are compared with from now on, counted among the account records that the sweep read.
fn newcomers(shared: &Shared, accounts: &[AccountVerdict], files: &[String]) -> Result<Newcomers, Error> {
    let mut newcomers = Newcomers::of(accounts);
    if files.is_empty() {
        return Ok(newcomers);
    }
    for input in record::expand(files).map_err(columns::Error::from)? {
        // What is refused was told by the hunt, which read the same files.
        let mut sink = |item: Result<Account, Reject>| newcomers.count(item, &shared.key);
        record::read_accounts(&input, &mut sink).map_err(columns::Error::from)?;
    }
    Ok(newcomers)
}

/// What a sweep hunts for: as a hunt of the data directory would, in the window.
fn options(shared: &Shared) -> Result<Options, Error> {
    let sweep = &shared.settings.sweep;
    let data_dir = &shared.settings.data_dir;
    let newest = shared.newest_us.load(Ordering::Relaxed);
    // Whole days: a part of one is folded anew from its exchanges at each sweep.
    let since = newest.div_euclid(DAY_US).saturating_sub(i64::from(sweep.window_days)).saturating_mul(DAY_US);
    let decided = shared.beside.decisions.as_ref().map(|decisions| decisions.read()).transpose();
    let (rulings, cleared) = decided.map_err(Error::lost)?.unwrap_or_default();
    let mut accounts = sweep.accounts.clone();
    accounts.extend(shared.registry.for_sweep()?.map(|path| path.display().to_string()));
    Ok(Options {
        rulings,
        cleared,
        inputs: vec![data_dir.display().to_string()],
        out: shared.settings.found.clone(),
        accounts,
        reference: sweep.reference.clone(),
        reference_accounts: sweep.reference_accounts.clone(),
        actions: sweep.actions.clone(),
        disposable_domains: sweep.disposable_domains.clone(),
        hosting_asns: sweep.hosting_asns.clone(),
        bank: sweep.bank.clone(),
        rates: Rates { action: sweep.fdr, investigation: sweep.fdr_suspected },
        looks: sweep.schedule()?,
        since_us: (newest > i64::MIN).then_some(since),
        data_dir: Some(data_dir.clone()),
        secret: shared.beside.secret.clone(),
        page: shared.beside.page.clone(),
        ..Options::default()
    })
}
