//! What people do with cases: `stillwatch case open`, `cut`, `clear` and the others.

use std::env;
use std::process::ExitCode;

use case::Act;
use case::Ask;
use case::Asked;
use case::Case;
use case::Desk;
use case::Measure;
use case::What;

use crate::cli;
use crate::cli::AccountArguments;
use crate::cli::ActArguments;
use crate::cli::CaseCommand;
use crate::cli::SourceCommand;
use crate::commands::case::source::source_of;
use crate::commands::case_store::store_url;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// The most of an act's accounts that are printed.
const SHOWN: usize = 10;

/// Does what a command asks for.
pub fn act(command: &CaseCommand) -> Result<ExitCode, Failure> {
    let (arguments, ask) = match command {
        CaseCommand::Open(arguments) => (arguments, Ask::Open),
        CaseCommand::Acknowledge(arguments) => (arguments, Ask::Acknowledge),
        CaseCommand::Assign { act, to } => (act, Ask::Assign(to.clone())),
        CaseCommand::Note { act, text } => (act, Ask::Note(text.clone())),
        CaseCommand::Cut { act, accounts } => (act, Ask::Cut(named(accounts)?)),
        CaseCommand::Pin { act, accounts, with } => (act, Ask::Pin { accounts: named(accounts)?, with: with.clone() }),
        CaseCommand::Clear(arguments) => (arguments, Ask::Clear),
        CaseCommand::Enforce { act, measure } => (act, Ask::Propose(measure_of(*measure))),
        CaseCommand::Approve(arguments) => (arguments, Ask::Approve(None)),
        CaseCommand::Withdraw { act, number } => (act, Ask::Withdraw(*number)),
        CaseCommand::Source(SourceCommand::Add { act, claim, source }) => {
            (act, Ask::Source { claim: claim.clone(), source: source_of(source) })
        }
        CaseCommand::Source(SourceCommand::Contest { act, number, source }) => {
            (act, Ask::Contest { of: *number, source: source_of(source) })
        }
        CaseCommand::Close(arguments) => (arguments, Ask::Close),
        CaseCommand::Reopen(arguments) => (arguments, Ask::Reopen),
        // Those that act on nothing are done elsewhere.
        CaseCommand::List { .. }
        | CaseCommand::Show { .. }
        | CaseCommand::Export(_)
        | CaseCommand::Source(SourceCommand::List { .. }) => return Ok(ExitCode::SUCCESS),
    };
    let case = do_it(arguments, ask)?;
    if arguments.json {
        print_json(&case)?;
    } else {
        terminal::print(&format!("{}: {}, version {}", case.id, standing(&case), case.version));
    }
    Ok(ExitCode::SUCCESS)
}

/// Does what is asked, for whoever the arguments name.
pub fn do_it(arguments: &ActArguments, ask: Ask) -> Result<Case, Failure> {
    let ActArguments { id, data_dir, who, why, version, .. } = arguments;
    if !data_dir.is_dir() {
        return Err(Failure::Usage(format!(
            "{} is no data directory (hunt with --data-dir first)",
            data_dir.display()
        )));
    }
    let user = || env::var("USER").or_else(|_| env::var("LOGNAME")).ok();
    let who = who.clone().or_else(user).ok_or_else(|| Failure::Usage("say who acts (--as WHO)".to_owned()))?;
    let mut desk = Desk::open(data_dir, store_url().as_deref())?;
    Ok(desk.act(id, Asked { who: &who, why: why.as_deref(), saw: *version }, ask)?)
}

fn named(arguments: &AccountArguments) -> Result<Vec<String>, Failure> {
    let mut accounts = arguments.accounts.clone();
    if let Some(file) = &arguments.accounts_file {
        let text = files::text(file)
            .map_err(|error| Failure::Usage(format!("--accounts-file {}: {error}", file.display())))?;
        accounts.extend(text.lines().filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(accounts)
}

const fn measure_of(measure: cli::Measure) -> Measure {
    match measure {
        cli::Measure::Cap => Measure::Cap,
        cli::Measure::Limit => Measure::Limit,
        cli::Measure::Verify => Measure::Verify,
        cli::Measure::Deny => Measure::Deny,
    }
}

/// How a case stands, for a list.
pub fn in_short(case: &Case) -> serde_json::Value {
    serde_json::json!({
        "version": case.version, "phase": case.phase, "assignee": case.assignee, "cleared": case.cleared,
        "enforcement": case.enforcement, "times": case.times,
    })
}

/// How a case stands, in words.
pub fn standing(case: &Case) -> String {
    let mut words = vec![case.phase.as_str().to_owned()];
    words.extend(case.assignee.as_ref().map(|who| format!("assigned to {who}")));
    words.extend(case.cleared.then(|| "held to be honest".to_owned()));
    words.extend(case.enforcement.as_ref().map(|proposed| match &proposed.approved_by {
        Some(second) => format!("{}: proposed by {}, approved by {second}", proposed.measure.as_str(), proposed.by),
        None => format!("{} proposed by {}, and not approved", proposed.measure.as_str(), proposed.by),
    }));
    words.join(", ")
}

/// Prints how a case stands and the acts on it.
pub fn print(case: &Case) {
    terminal::print(&format!("{}, version {}", standing(case), case.version));
    for act in &case.acts {
        let why = act.why.as_ref().map_or_else(String::new, |why| format!(": {}", one_line(why)));
        terminal::print(&format!("{:>4}  {}  {}  {}{why}", act.number, act.at, act.who, in_words(act)));
    }
}

fn in_words(act: &Act) -> String {
    let listed = |accounts: &[String]| {
        let first: Vec<&str> = accounts.iter().take(SHOWN).map(String::as_str).collect();
        let more = accounts.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{} accounts ({}{more})", accounts.len(), one_line(&first.join(", ")))
    };
    let detail = match &act.what {
        What::Assign { to } => to.clone().unwrap_or_else(|| "nobody".to_owned()),
        What::Note { text } => one_line(text),
        What::Cut { accounts } | What::Pin { accounts } | What::Clear { accounts, .. } => listed(accounts),
        What::Propose { measure } => measure.as_str().to_owned(),
        What::Source { claim, source } => {
            one_line(&format!("{claim} ({}, {}, {})", source.publisher, source.tier.as_str(), source.at))
        }
        What::Contest { of, source } => {
            one_line(&format!("act {of} ({}, {}, {})", source.publisher, source.tier.as_str(), source.at))
        }
        What::Approve { of } | What::Withdraw { of } | What::AttachToAppeal { of, .. } => format!("act {of}"),
        What::Appeal { account, due, .. } => one_line(&format!("of {account}, due {due}")),
        What::AssignAppeal { of, to } => format!("act {of} to {to}"),
        What::DecideAppeal { of, outcome } => format!("act {of}: {}", outcome.as_str()),
        _ => String::new(),
    };
    format!("{} {detail}", act.what.name()).trim_end().to_owned()
}

/// Without line feeds, so that no text looks like another act.
fn one_line(text: &str) -> String {
    text.replace('\n', "\\n")
}
