//! `stillwatch case` and `stillwatch verify`.

pub mod act;
mod source;

use std::path::Path;
use std::process::ExitCode;

use dossier::Audience;
use dossier::Case;
use dossier::Line;
use dossier::Options;
use dossier::Texts;
use dossier::Trust;
use dossier::Verified;
use dossier::cases;
use journal::ExchangeProof;
use ledger::VerifyingKey;

use crate::cli::CaseCommand;
use crate::cli::ExportArguments;
use crate::cli::For;
use crate::cli::SourceCommand;
use crate::cli::Text;
use crate::cli::VerifyArguments;
use crate::commands::case_store::decided;
use crate::commands::ledger::certificates;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::exit::NOT_HELD;
use crate::files;
use crate::progress::Bar;
use crate::terminal;

/// `stillwatch case`.
pub fn case(command: &CaseCommand) -> Result<ExitCode, Failure> {
    match command {
        CaseCommand::List { data_dir, json } => list(data_dir, *json),
        CaseCommand::Show { id, data_dir, json } => show(id, data_dir, *json),
        CaseCommand::Export(arguments) => export(arguments),
        CaseCommand::Source(SourceCommand::List { id, data_dir, json }) => source::list(id, data_dir, *json),
        other => act::act(other),
    }
}

fn list(data_dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    let all = cases(data_dir)?;
    let decided = decided(data_dir)?;
    if json {
        let row = |(id, case): (&String, &Case)| {
            let campaign = &case.verdict.campaign;
            serde_json::json!({
                "id": id, "status": campaign.status, "accounts": campaign.accounts, "exchanges": campaign.exchanges,
                "first_seen": campaign.first_seen, "last_seen": campaign.last_seen, "confidence": campaign.confidence,
                "entry": case.entry, "case": decided.get(id).map(act::in_short),
            })
        };
        print_json(&all.iter().map(row).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    if all.is_empty() {
        terminal::print("no cases: no hunt with this --data-dir has found a campaign");
    }
    for (id, case) in &all {
        let opened = decided.get(id).map_or_else(String::new, |case| format!("; {}", act::standing(case)));
        terminal::print(&format!("{}{opened}", sentence(id, case)));
    }
    Ok(ExitCode::SUCCESS)
}

fn sentence(id: &str, case: &Case) -> String {
    let campaign = &case.verdict.campaign;
    format!(
        "{id}  {}, confidence {}: {} accounts, {} exchanges, {} to {}",
        campaign.status,
        campaign.confidence,
        report::grouped(campaign.accounts),
        report::grouped(campaign.exchanges),
        campaign.first_seen,
        campaign.last_seen
    )
}

fn show(id: &str, data_dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    let all = cases(data_dir)?;
    let Some(case) = all.get(id) else {
        let known: Vec<&str> = all.keys().take(10).map(String::as_str).collect();
        let text = format!("{} has no case {id} (it has {})", data_dir.display(), known.join(", "));
        return Err(Failure::Usage(text));
    };
    let decided = decided(data_dir)?.remove(id);
    if json {
        let mut document: serde_json::Value =
            serde_json::from_slice(&case.document).map_err(|error| Failure::Other(error.to_string()))?;
        if let (Some(fields), Some(decided)) = (document.as_object_mut(), &decided) {
            let decided = serde_json::to_value(decided).map_err(|error| Failure::Other(error.to_string()))?;
            fields.insert("decided".to_owned(), decided);
        }
        print_json(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let campaign = &case.verdict.campaign;
    terminal::print(&sentence(id, case));
    terminal::print(&format!("entry {} of the ledger", case.entry));
    for family in &campaign.families {
        terminal::print(&format!("{}: e-value {:.4}: {}", family.family, family.e_value, family.what));
    }
    let lists = [
        ("for it", &campaign.strengths),
        ("against it", &campaign.limitations),
        ("would change it", &campaign.would_change),
    ];
    for (name, lines) in lists {
        lines.iter().for_each(|line| terminal::print(&format!("{name}: {line}")));
    }
    if let Some(decided) = &decided {
        act::print(decided);
    }
    Ok(ExitCode::SUCCESS)
}

fn export(arguments: &ExportArguments) -> Result<ExitCode, Failure> {
    let audience = match arguments.audience {
        For::Court => Audience::Court,
        For::Regulator => Audience::Regulator,
        For::Peer => Audience::Peer,
        For::Public => Audience::Public,
    };
    let text = match arguments.text {
        Text::None => Texts::None,
        Text::Claims => Texts::Claims,
        Text::All => Texts::All,
    };
    if text != Texts::None && matches!(audience, Audience::Peer | Audience::Public) {
        return Err(Failure::Usage(
            "--text shows texts of exchanges, and this audience sees none (leave it out)".to_owned(),
        ));
    }
    let bar = Bar::new(&arguments.show);
    let archive = dossier::export(&arguments.data_dir, &arguments.id, &Options { audience, text }, &bar);
    bar.finish();
    let archive = archive?;
    columns::durable::replace(&arguments.out, &archive)
        .map_err(|error| Failure::Other(format!("cannot write {}: {error}", arguments.out.display())))?;
    let told = dossier::verify(&archive, None);
    if arguments.show.json {
        print_json(&as_json(&told))?;
    } else if !arguments.show.quiet {
        let kinds = told.claims.iter().filter(|claim| claim.basis == dossier::Basis::Recomputed).count();
        terminal::print(&format!(
            "{}: {} bytes; {kinds} of {} numbers can be computed again from it",
            arguments.out.display(),
            archive.len(),
            told.claims.len()
        ));
    }
    if told.holds() {
        return Ok(ExitCode::SUCCESS);
    }
    // It is written all the same: whoever made it is to see what does not hold.
    told.lines.iter().filter(|line| !line.holds).for_each(|line| terminal::error(&line.text));
    Ok(ExitCode::from(NOT_HELD))
}

fn as_json(told: &Verified) -> serde_json::Value {
    let line = |line: &Line| serde_json::json!({ "holds": line.holds, "text": line.text });
    serde_json::json!({
        "case": told.case, "verified": told.holds(), "lines": told.lines.iter().map(line).collect::<Vec<_>>(),
        "claims": told.claims,
    })
}

/// `stillwatch verify`.
pub fn verify(arguments: &VerifyArguments) -> Result<ExitCode, Failure> {
    if let Some(page) = &arguments.page {
        columns::durable::replace(page, dossier::verifier_page().as_bytes())
            .map_err(|error| Failure::Other(format!("cannot write {}: {error}", page.display())))?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(path) = &arguments.file else {
        return Err(Failure::Usage("name the archive, or --page FILE".to_owned()));
    };
    let bytes = files::large(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    let trusted = arguments.trust.as_deref().map(trusted).transpose()?;
    let authorities = certificates(&arguments.tsa_cert)?;
    let told = match serde_json::from_slice::<ExchangeProof>(&bytes) {
        Ok(proof) => check_proof(&proof, trusted.as_ref()),
        Err(_) => dossier::verify_with(&bytes, Trust { key: trusted.as_ref(), authorities: &authorities }),
    };
    if arguments.json {
        print_json(&as_json(&told))?;
    } else {
        for line in &told.lines {
            terminal::print(&format!("{}  {}", if line.holds { "ok " } else { "NO " }, line.text));
        }
        terminal::print(if told.holds() { "verified" } else { "not verified" });
    }
    Ok(if told.holds() { ExitCode::SUCCESS } else { ExitCode::from(NOT_HELD) })
}

/// A key, or that of a file.
fn trusted(key: &str) -> Result<VerifyingKey, Failure> {
    let text = files::text(Path::new(key)).unwrap_or_else(|_| key.to_owned());
    VerifyingKey::parse(&text).map_err(|error| Failure::Usage(format!("--trust {key}: {error}")))
}

/// Checks the proof of one exchange.
fn check_proof(proof: &ExchangeProof, trusted: Option<&VerifyingKey>) -> Verified {
    let mut told = Verified::default();
    let mut tell = |holds: bool, text: String| told.lines.push(Line { holds, text });
    match proof.check() {
        Err(error) => tell(false, error.to_string()),
        Ok((head, shown)) => {
            match trusted {
                Some(key) if key.to_string() == proof.key => tell(true, "signed by the key that you trust".to_owned()),
                Some(_) => tell(false, format!("it is signed by {}, and not by the key that you trust", head.origin)),
                None => {
                    tell(true, format!("signed by {}: compare its key with one from elsewhere (--trust)", head.origin))
                }
            }
            let entry = proof.batch.index;
            tell(true, format!("the exchange is in entry {entry} of the {} of the ledger", head.size));
            shown.iter().for_each(|(name, value)| tell(true, format!("{name}: {value}")));
        }
    }
    told
}
