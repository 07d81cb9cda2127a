//! `stillwatch policy`.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use policy::AccountState;
use policy::Ask;
use policy::Capability;
use policy::Fault;
use policy::KnownAccount;
use policy::Policy;
use policy::Source;
use policy::Usage;
use serde_json::json;
use verdict::SnapshotBuilder;
use verdict::SnapshotWindow;
use verdict::VerdictSnapshot;

use crate::cli::policy::Asked;
use crate::cli::policy::BacktestArguments;
use crate::cli::policy::DiffArguments;
use crate::cli::policy::ExplainArguments;
use crate::cli::policy::FolderArguments;
use crate::cli::policy::PolicyCommand;
use crate::commands::print_json;
use crate::commands::time;
use crate::exit::Failure;
use crate::summary::policy as words;
use crate::terminal;

/// `stillwatch policy`.
pub fn policy(command: &PolicyCommand) -> Result<ExitCode, Failure> {
    match command {
        PolicyCommand::Init { folder, live } => init(folder, *live),
        PolicyCommand::Check(arguments) => check(arguments),
        PolicyCommand::Test(arguments) => test(arguments),
        PolicyCommand::Diff(arguments) => diff(arguments),
        PolicyCommand::Explain(arguments) => explain(arguments),
        PolicyCommand::Backtest(arguments) => backtest(arguments),
    }
}

fn init(folder: &Path, live: bool) -> Result<ExitCode, Failure> {
    let source = if live { Source::shipped().all_live() } else { Source::shipped() };
    source.write(folder)?;
    terminal::print(&words::init(folder, live));
    Ok(ExitCode::SUCCESS)
}

fn check(arguments: &FolderArguments) -> Result<ExitCode, Failure> {
    let now_us = moment(&arguments.asked)?;
    let loaded = source(arguments.folder.as_deref()).and_then(Policy::load);
    let (loaded, mut faults) = match loaded {
        Ok(policy) => (Some(policy), Vec::new()),
        Err(error) if error.kind() == policy::ErrorKind::Unfit => (None, error.faults().to_vec()),
        Err(error) => return Err(error.into()),
    };
    if let Some(policy) = &loaded {
        faults.extend(policy::check(policy, now_us));
    }
    if arguments.asked.json {
        print_json(&json!({
            "fit": faults.is_empty(), "policy": loaded.as_ref().map(Policy::hash),
            "rules": loaded.as_ref().map(|policy| policy.rules().len()), "faults": texts(&faults),
        }))?;
    } else if let (Some(policy), true) = (&loaded, faults.is_empty()) {
        terminal::print(&words::rules(policy, now_us));
    } else {
        faults.iter().for_each(|fault| terminal::error(&fault.to_string()));
    }
    Ok(status(faults.is_empty()))
}

fn test(arguments: &FolderArguments) -> Result<ExitCode, Failure> {
    let policy = load(arguments.folder.as_deref())?;
    let tested = policy::run_tests(&policy, moment(&arguments.asked)?)?;
    if arguments.asked.json {
        print_json(&json!({ "held": tested.held, "faults": texts(&tested.faults), "untested": tested.untested }))?;
    } else {
        tested.faults.iter().for_each(|fault| terminal::error(&fault.to_string()));
        tested.untested.iter().for_each(|rule| terminal::error(&format!("no test expects the rule {rule}")));
        terminal::print(&format!("{} tests hold, {} do not", tested.held, tested.faults.len()));
    }
    Ok(status(tested.faults.is_empty() && tested.untested.is_empty()))
}

fn diff(arguments: &DiffArguments) -> Result<ExitCode, Failure> {
    let now_us = moment(&arguments.asked)?;
    let (before, after) = (load(Some(&arguments.before))?, load(Some(&arguments.after))?);
    let changes = policy::diff(&before, &after, now_us)?;
    let snapshot = snapshot(arguments.found.as_deref(), now_us)?;
    let known = known_accounts(&arguments.accounts, now_us)?;
    let mut hit: BTreeMap<[String; 4], Vec<String>> = BTreeMap::new();
    let names = known.keys().map(String::as_str).chain(snapshot.accounts().map(|account| account.name()));
    let names: std::collections::BTreeSet<&str> = names.collect();
    for name in &names {
        let state = known.get(*name).map_or_else(|| AccountState::unknown(name), |known| known.state.clone());
        let said = |policy: &Policy| {
            let decision = policy::decide(&Ask::default(), &state, &snapshot, policy, now_us);
            let rule = decision.rule().map_or("", |rule| rule.id.as_str());
            [decision.measure().as_str().to_owned(), rule.to_owned()]
        };
        let ([was, was_by], [is, is_by]) = (said(&before), said(&after));
        if (&was, &was_by) != (&is, &is_by) {
            hit.entry([was, was_by, is, is_by]).or_default().push((*name).to_owned());
        }
    }
    if arguments.asked.json {
        let accounts = hit.iter().map(|([was, was_by, is, is_by], accounts)| {
            json!({
                "before": { "decision": was, "rule": was_by }, "after": { "decision": is, "rule": is_by },
                "accounts": accounts.len(), "sample": accounts.iter().take(10).collect::<Vec<_>>(),
            })
        });
        print_json(&json!({ "changes": changes, "accounts": accounts.collect::<Vec<_>>(), "of": names.len() }))?;
    } else {
        terminal::print(&words::diff(&changes, &hit, names.len()));
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(arguments: &ExplainArguments) -> Result<ExitCode, Failure> {
    let now_us = moment(&arguments.asked)?;
    let policy = load(arguments.folder.as_deref())?;
    let snapshot = snapshot(arguments.found.as_deref(), now_us)?;
    let mut known = known_accounts(&arguments.accounts, now_us)?;
    let known = known.remove(&arguments.account);
    let mut state = known.map_or_else(|| AccountState::unknown(&arguments.account), |known| known.state);
    state.exchanges_a_day = arguments.exchanges_a_day;
    let usual = Ask::default();
    let ask = Ask {
        capabilities: arguments.asks.iter().copied().collect(),
        purpose: arguments.purpose.unwrap_or(usual.purpose),
        channel: arguments.channel.unwrap_or(usual.channel),
        is_attested: arguments.attested,
        country: arguments.country,
    };
    let decision = policy::decide(&ask, &state, &snapshot, &policy, now_us);
    let explained = policy::explain(&policy, decision.situation(), now_us);
    if arguments.asked.json {
        print_json(&json!({ "decision": decision.record(), "rules": explained }))?;
    } else {
        terminal::print(&words::explain(&decision.record(), &explained));
    }
    Ok(ExitCode::SUCCESS)
}

fn backtest(arguments: &BacktestArguments) -> Result<ExitCode, Failure> {
    let now_us = moment(&arguments.asked)?;
    let policy = load(arguments.folder.as_deref())?;
    let snapshot = snapshot(Some(&arguments.found), now_us)?;
    let mut known = known_accounts(&arguments.accounts, now_us)?;
    let (usage, days) = recorded(&arguments.data_dir, &mut known, &workers::Silent::default())?;
    if usage.is_empty() {
        return Err(Failure::Unreadable(format!("{} holds no exchanges", arguments.data_dir.display())));
    }
    let radius = policy::backtest(&policy, &snapshot, &known, &usage, days as f64, now_us);
    if arguments.asked.json {
        print_json(&radius)?;
    } else {
        terminal::print(&words::backtest(&radius, days, !arguments.accounts.is_empty()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the exchanges of a data directory asked for, by account, and in how many days. What is known of accounts learns from it how
/// much each asked for on its busiest day.
pub(super) fn recorded(
    data_dir: &Path,
    known: &mut BTreeMap<String, KnownAccount>,
    progress: &dyn workers::Progress,
) -> Result<(Vec<Usage>, u64), hunt::Error> {
    let recorded = hunt::read_usage(data_dir, workers::available(None), progress)?;
    let mut usage = Vec::new();
    for (account, used) in recorded.accounts {
        let unknown = || KnownAccount { state: AccountState::unknown(&account), pays: None };
        known.entry(account.clone()).or_insert_with(unknown).state.exchanges_a_day = used.busiest_day;
        for (asked, amount) in used.by_ask {
            let asks = [(asked.logprobs, Capability::Logprobs), (asked.batch, Capability::Batch)];
            let capabilities = asks.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, capability)| capability);
            usage.push(Usage {
                account: account.clone(),
                ask: Ask { capabilities: capabilities.collect(), country: asked.country, ..Ask::default() },
                exchanges: amount.exchanges,
                tokens: amount.tokens,
            });
        }
    }
    Ok((usage, recorded.days))
}

fn texts(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// The exit status of a check, whose faults were told.
fn status(holds: bool) -> ExitCode {
    ExitCode::from(if holds { 0 } else { 4 })
}

fn source(folder: Option<&Path>) -> Result<Source, policy::Error> {
    folder.map_or_else(|| Ok(Source::shipped()), Source::read)
}

fn load(folder: Option<&Path>) -> Result<Policy, Failure> {
    Ok(source(folder).and_then(Policy::load)?)
}

fn moment(asked: &Asked) -> Result<i64, Failure> {
    match &asked.at {
        Some(text) => time("--at", text),
        None => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Ok(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
        }
    }
}

/// What a hunt found; nothing without one.
fn snapshot(found: Option<&Path>, now_us: i64) -> Result<VerdictSnapshot, Failure> {
    match found {
        Some(found) => Ok(hunt::read_snapshot(found, now_us)?),
        None => SnapshotBuilder::new(now_us, SnapshotWindow { start_us: now_us, end_us: now_us })
            .build()
            .map_err(|error| Failure::Other(error.to_string())),
    }
}

/// What account records say that rules may read.
pub(super) fn known_accounts(files: &[String], now_us: i64) -> Result<BTreeMap<String, KnownAccount>, Failure> {
    let mut known = BTreeMap::new();
    if files.is_empty() {
        return Ok(known);
    }
    let paths: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let mut refused = 0_u64;
    for input in record::expand(files).map_err(columns::Error::from)? {
        let read = record::read_accounts(&input, &mut |record| match record {
            Ok(account) => drop(known.insert(account.account.clone(), known_account(&account, now_us))),
            Err(_) => refused += 1,
        });
        read.map_err(columns::Error::from)?;
    }
    if refused > 0 {
        terminal::note(&format!(
            "{refused} account records of {} were refused (hunt lists them)",
            words::paths(&paths)
        ));
    }
    Ok(known)
}

fn known_account(account: &record::Account, now_us: i64) -> KnownAccount {
    let mut state = AccountState::unknown(&account.account);
    state.register(account.verified.iter().map(String::as_str), account.kind.as_deref(), account.plan.as_deref());
    state.organisation.clone_from(&account.organization);
    state.is_first_day = account.created_at_us.is_some_and(|at_us| now_us.saturating_sub(at_us) < record::time::DAY_US);
    // Who gives no plan and no payment instrument says nothing of it.
    let pays = match (account.plan.as_deref(), &account.payment) {
        (Some("free"), _) => Some(false),
        (Some(_), _) | (None, Some(_)) => Some(true),
        (None, None) => None,
    };
    KnownAccount { state, pays }
}
