//! `stillwatch bank`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use campaign::Bank;
use campaign::BankKind;
use hunt::Options;
use serde_json::Value;

use crate::cli::BankCommand;
use crate::cli::BuildArguments;
use crate::commands::print_json;
use crate::commands::secret;
use crate::exit::Failure;
use crate::files;
use crate::progress::Bar;
use crate::summary::bank_table;
use crate::terminal;

/// `stillwatch bank`.
pub fn bank(command: &BankCommand) -> Result<ExitCode, Failure> {
    match command {
        BankCommand::Build(arguments) => build(arguments),
        BankCommand::Show { files, json } => show(files, *json),
        BankCommand::Merge { files, out } => {
            let mut merged = Bank::default();
            for file in files {
                merged = merged.merged(hunt::read_bank(file)?);
            }
            write(&merged, out)
        }
        BankCommand::AddCleared { id, found, bank } => add_cleared(id, found, bank),
    }
}

fn build(arguments: &BuildArguments) -> Result<ExitCode, Failure> {
    let options = Options {
        inputs: arguments.reference.clone(),
        accounts: arguments.reference_accounts.clone(),
        workers: arguments.threads,
        // An invented world hides nothing, and its groups are to be the same on every machine.
        secret: if arguments.invented { None } else { secret::given(arguments.secret.as_deref())? },
        default_secret: if arguments.invented { None } else { columns::users_secret() },
        ..Options::default()
    };
    let kind = if arguments.invented { BankKind::BuiltIn } else { BankKind::Own };
    let bar = Bar::new(&arguments.show);
    let built = hunt::build_bank(&options, kind, arguments.undeclared, &bar);
    bar.finish();
    let bank = built?;
    write(&bank, &arguments.out)?;
    if arguments.show.json {
        print_json(&as_json(&bank))?;
    } else if !arguments.show.quiet {
        terminal::print(&bank_table(&bank));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(files: &[std::path::PathBuf], json: bool) -> Result<ExitCode, Failure> {
    let mut bank = Bank::default();
    for file in files {
        bank = bank.merged(hunt::read_bank(file)?);
    }
    if files.is_empty() {
        bank = Bank::built_in().map_err(|error| Failure::Other(error.to_string()))?;
    }
    if json {
        print_json(&as_json(&bank))?;
    } else {
        terminal::print(&bank_table(&bank));
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(bank: &Bank) -> Value {
    let pool = |(ties, open, peers): (verdict::ViewKind, bool, campaign::Peers<'_>)| {
        serde_json::json!({
            "ties": ties, "customers": peers.sizes.to_string(), "open": open, "groups": peers.len(), "own": peers.own(),
            "median_score": peers.all().quantile(0.5), "largest_score": peers.all().quantile(1.0),
            "largest_e_value": peers.all().largest_e_value(),
        })
    };
    serde_json::json!({ "groups": bank.len(), "classes": bank.pools().map(pool).collect::<Vec<_>>() })
}

fn add_cleared(id: &str, found: &Path, path: &Path) -> Result<ExitCode, Failure> {
    let accounts = accounts_of(id, found)?;
    let groups = read(&found.join("groups.jsonl"))?;
    let cleared = Bank::of_results(&groups, &accounts)
        .map_err(|error| Failure::Usage(format!("{}: {error}", found.join("groups.jsonl").display())))?;
    if cleared.is_empty() {
        let text = format!("{id} has no group in {} (was the folder written by this version?)", found.display());
        return Err(Failure::Usage(text));
    }
    let known = if path.is_file() { hunt::read_bank(path)? } else { Bank::default() };
    let added = cleared.len();
    write(&known.merged(cleared), path)?;
    terminal::print(&format!("added {added} honest groups of {id} to {}", path.display()));
    Ok(ExitCode::SUCCESS)
}

/// The accounts of a campaign or a lead, those that are only watched included.
fn accounts_of(id: &str, found: &Path) -> Result<BTreeSet<String>, Failure> {
    let mut ids: Vec<String> = Vec::new();
    for name in ["campaigns.json", "leads.json"] {
        let path = found.join(name);
        let all: Vec<Value> = serde_json::from_slice(&read(&path)?)
            .map_err(|error| Failure::Usage(format!("{}: {error} (is it a hunt's result?)", path.display())))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        for one in &all {
            let own = one.get("id").and_then(text).unwrap_or_default();
            if own == id {
                let accounts = one.get("accounts").and_then(Value::as_array).into_iter().flatten();
                return Ok(accounts.filter_map(text).collect());
            }
            ids.push(own);
        }
    }
    ids.truncate(10);
    let text = format!("{} has no campaign or lead {id} (it has {})", found.display(), ids.join(", "));
    Err(Failure::Usage(text))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    files::large(path)
        .map_err(|error| Failure::Usage(format!("{}: {error} (give --found a hunt's folder)", path.display())))
}

fn write(bank: &Bank, out: &Path) -> Result<ExitCode, Failure> {
    hunt::write_bank(bank, out)?;
    Ok(ExitCode::SUCCESS)
}
