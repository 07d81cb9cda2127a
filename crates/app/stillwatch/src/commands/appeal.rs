//! `stillwatch appeal`.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use case::Appeal;
use case::Ask;
use case::MAX_APPEAL;
use case::Outcome;
use case::appeal_id;
use jiff::Timestamp;
use notice::Facts;
use notice::Templates;

use crate::cli::ActArguments;
use crate::cli::AppealCommand;
use crate::cli::AppealOutcome;
use crate::cli::ByArguments;
use crate::cli::NoticeArguments;
use crate::cli::SaidArguments;
use crate::commands::case::act::do_it;
use crate::commands::case_store::decided;
#[cfg(feature = "delivery")]
use crate::commands::deliver::deliver;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::exit::NOT_HELD;
use crate::terminal;

/// `stillwatch appeal`.
pub fn appeal(command: &AppealCommand) -> Result<ExitCode, Failure> {
    match command {
        AppealCommand::List { data_dir, undecided, overdue, json } => list(data_dir, *undecided, *overdue, *json),
        AppealCommand::Show { id, data_dir, json } => shown(&one(data_dir, id)?, *json),
        AppealCommand::Open { case, account, said, days, by } => {
            let (account, text) = (account.clone(), text_of(said)?);
            act(case, None, by, None, Ask::Appeal { account, text, days: *days })
        }
        AppealCommand::Attach { id, said, by } => {
            let (case, of) = appeal_id(id)?;
            act(case, Some(of), by, None, Ask::AttachToAppeal { of, text: text_of(said)? })
        }
        AppealCommand::Assign { id, to, by } => {
            let (case, of) = appeal_id(id)?;
            act(case, Some(of), by, None, Ask::AssignAppeal { of, to: to.clone() })
        }
        AppealCommand::Decide { id, outcome, why, by } => {
            let (case, of) = appeal_id(id)?;
            let outcome = match outcome {
                AppealOutcome::Upheld => Outcome::Upheld,
                AppealOutcome::Overturned => Outcome::Overturned,
            };
            act(case, Some(of), by, Some(why), Ask::DecideAppeal { of, outcome })
        }
        AppealCommand::Notice(arguments) => notice(arguments),
    }
}

/// Acts, and prints the appeal; the last of the case where its number is not known before.
fn act(case: &str, number: Option<u64>, by: &ByArguments, why: Option<&str>, ask: Ask) -> Result<ExitCode, Failure> {
    let case = do_it(
        &ActArguments {
            id: case.to_owned(),
            data_dir: by.data_dir.clone(),
            who: by.who.clone(),
            why: why.map(str::to_owned),
            version: None,
            json: by.json,
        },
        ask,
    )?;
    let found = number.map_or_else(|| case.appeals.last(), |number| case.appeal(number));
    found.map_or(Ok(ExitCode::SUCCESS), |appeal| shown(appeal, by.json))
}

fn text_of(said: &SaidArguments) -> Result<String, Failure> {
    let Some(path) = &said.text_file else { return Ok(said.text.clone().unwrap_or_default()) };
    record::read_text_file(path, MAX_APPEAL as u64).map_err(|error| {
        let fix = if error.kind() == ErrorKind::FileTooLarge { " (attach the rest in parts)" } else { "" };
        Failure::Usage(format!("--text-file {}: {error}{fix}", path.display()))
    })
}

fn one(data_dir: &Path, id: &str) -> Result<Appeal, Failure> {
    let (case, number) = appeal_id(id)?;
    let found = decided(data_dir)?.get(case).and_then(|case| case.appeal(number).cloned());
    found.ok_or_else(|| Failure::Usage(format!("there is no appeal {id} (list them: stillwatch appeal list)")))
}

fn list(data_dir: &Path, undecided: bool, overdue: bool, json: bool) -> Result<ExitCode, Failure> {
    let now = Timestamp::now();
    let mut appeals: Vec<Appeal> = decided(data_dir)?.into_values().flat_map(|case| case.appeals).collect();
    appeals.retain(|appeal| (!undecided || appeal.decision.is_none()) && (!overdue || appeal.is_overdue(now)));
    appeals.sort_by(|one, other| {
        (one.decision.is_some(), &one.due, &one.id).cmp(&(other.decision.is_some(), &other.due, &other.id))
    });
    if json {
        print_json(&appeals)?;
    } else {
        appeals.iter().for_each(|appeal| terminal::print(&sentence(appeal, now)));
        if appeals.is_empty() {
            terminal::print("no appeals");
        }
    }
    Ok(if overdue && !appeals.is_empty() { ExitCode::from(NOT_HELD) } else { ExitCode::SUCCESS })
}

fn sentence(appeal: &Appeal, now: Timestamp) -> String {
    let reader = appeal.reader.as_ref().map_or_else(|| "nobody reads it".to_owned(), |who| format!("read by {who}"));
    let late = if appeal.is_overdue(now) { ", OVERDUE" } else { "" };
    let account = appeal.account.replace('\n', "\\n");
    format!("{}  {}: account {account}, {reader}, due {}{late}", appeal.id, appeal.state.as_str(), appeal.due)
}

fn shown(appeal: &Appeal, json: bool) -> Result<ExitCode, Failure> {
    if json {
        print_json(appeal)?;
        return Ok(ExitCode::SUCCESS);
    }
    terminal::print(&sentence(appeal, Timestamp::now()));
    let said = |at: &str, who: &str, text: &str| {
        terminal::print(&format!("{at}  {who}"));
        text.lines().for_each(|line| terminal::print(&format!("  | {line}")));
    };
    said(&appeal.filed_at, "the holder of the account:", &appeal.text);
    appeal.evidence.iter().for_each(|attached| said(&attached.at, "attached:", &attached.text));
    if let Some(ruled) = &appeal.decision {
        said(
            &ruled.at,
            &format!("{} by {}:", ruled.outcome.as_str(), ruled.by),
            ruled.why.as_deref().unwrap_or_default(),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn notice(arguments: &NoticeArguments) -> Result<ExitCode, Failure> {
    let templates = match &arguments.templates {
        Some(folder) => Templates::load(folder)?,
        None => Templates::shipped()?,
    };
    let given = |value: &Option<String>| value.clone().unwrap_or_default();
    let (mut account, mut reference, mut due) =
        (given(&arguments.account), given(&arguments.reference), given(&arguments.due));
    let mut reason = given(&arguments.reason);
    if let (Some(id), Some(data_dir)) = (&arguments.appeal, &arguments.data_dir) {
        let appeal = one(data_dir, id)?;
        reason = appeal.decision.as_ref().map_or("appeal_filed", |ruled| ruled.outcome.reason()).to_owned();
        // A day is enough for people.
        due = appeal.due.chars().take_while(|c| *c != 'T').collect();
        (account, reference) = (appeal.account, appeal.id);
    }
    let facts = Facts {
        account: &account,
        service: &arguments.service,
        reference: &reference,
        due: &due,
        contact: &arguments.contact,
    };
    let notice = templates.notice(&arguments.language, &reason, &facts)?;
    if notice.reviewed.is_none() {
        let file = &notice.language;
        terminal::note(&format!(
            "nobody has reviewed the templates of {file}: fill in reviewed_by before this is sent"
        ));
    }
    #[cfg(feature = "delivery")]
    deliver(arguments, &reason, &account, &notice)?;
    if arguments.json {
        print_json(&serde_json::json!({
            "language": notice.language, "reason": reason, "subject": notice.subject, "text": notice.text,
            "reviewed": notice.reviewed,
        }))?;
    } else {
        terminal::print(&notice.subject);
        terminal::print("");
        notice.text.lines().for_each(terminal::print);
    }
    Ok(ExitCode::SUCCESS)
}
