//! `stillwatch report`.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use briefing::Blocks;
use briefing::Quarter;
use briefing::Subject;
use dossier::Audience;
use dossier::Case;
use dossier::Options;
use dossier::Texts;
use workers::Silent;

use crate::cli::CasePaperArguments;
use crate::cli::ReportCommand;
use crate::commands::case_store::decided;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// The texts of a paper.
type Known = &'static [(&'static str, &'static str, &'static str)];

/// `stillwatch report`.
pub fn report(command: &ReportCommand) -> Result<ExitCode, Failure> {
    match command {
        ReportCommand::Brief(arguments) => papers(arguments, "brief", Blocks::BRIEF, briefing::brief),
        ReportCommand::Letter(arguments) => papers(arguments, "letter", Blocks::LETTER, briefing::letter),
        ReportCommand::Quarterly { quarter, data_dir, out } => quarterly(quarter.as_deref(), data_dir, out),
    }
}

fn papers(
    arguments: &CasePaperArguments,
    kind: &str,
    known: Known,
    write: fn(&Subject<'_>, &Blocks) -> String,
) -> Result<ExitCode, Failure> {
    let CasePaperArguments { ids, data_dir, out } = arguments;
    let (all, decided) = (dossier::cases(data_dir)?, decided(data_dir)?);
    let wanted: Vec<&String> = if ids.is_empty() {
        all.iter().filter(|(_, case)| case.verdict.campaign.status == "discovered").map(|(id, _)| id).collect()
    } else {
        ids.iter().collect()
    };
    if wanted.is_empty() {
        terminal::print(
            "no campaign is discovered: there is nothing to write about (name a case to write about it all the same)",
        );
    }
    for id in wanted {
        let found = all.get(id).ok_or_else(|| unknown(id, data_dir, &all))?;
        // The numbers are those of the archive, as whoever checks it computes them.
        let options = Options { audience: Audience::Regulator, text: Texts::None };
        let archive = dossier::export(data_dir, id, &options, &Silent::default())?;
        let told = dossier::verify(&archive, None);
        let subject = Subject { found, claims: &told.claims, decided: decided.get(id) };
        paper(out, &format!("{kind}-{id}"), known, |blocks| write(&subject, blocks))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(id: &str, data_dir: &Path, all: &BTreeMap<String, Case>) -> Failure {
    let known: Vec<&str> = all.keys().take(10).map(String::as_str).collect();
    Failure::Usage(format!("{} has no case {id} (it has {})", data_dir.display(), known.join(", ")))
}

fn quarterly(quarter: Option<&str>, data_dir: &Path, out: &Path) -> Result<ExitCode, Failure> {
    let (all, decided) = (dossier::cases(data_dir)?, decided(data_dir)?);
    let latest = || all.values().filter_map(|case| Quarter::of(&case.verdict.campaign.last_seen)).max();
    let none = || Failure::Usage("no campaign was ever found: name the quarter (--quarter 2026-Q2)".to_owned());
    let quarter = match quarter {
        Some(text) => Quarter::parse(text)?,
        None => latest().ok_or_else(none)?,
    };
    paper(out, &format!("quarterly-{quarter}"), Blocks::QUARTERLY, |blocks| {
        briefing::quarterly(quarter, &all, &decided, blocks)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a paper from its texts, and the file of the texts where there is none.
fn paper(out: &Path, name: &str, known: Known, write: impl FnOnce(&Blocks) -> String) -> Result<(), Failure> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::Other(format!("cannot write {}: {error}", path.display()))
    };
    fs::create_dir_all(out).map_err(|error| failed(out, &error))?;
    let texts = out.join(format!("{name}.toml"));
    let blocks = match files::text(&texts) {
        Ok(text) => Blocks::parse(known, &texts.display().to_string(), &text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let template = Blocks::template(known);
            columns::durable::replace(&texts, template.as_bytes()).map_err(|error| failed(&texts, &error))?;
            Blocks::new(known)
        }
        Err(error) => return Err(Failure::Usage(format!("{}: {error}", texts.display()))),
    };
    let page = out.join(format!("{name}.html"));
    columns::durable::replace(&page, write(&blocks).as_bytes()).map_err(|error| failed(&page, &error))?;
    terminal::print(&format!("{} (texts: {})", page.display(), texts.display()));
    Ok(())
}
