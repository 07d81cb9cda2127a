//! `stillwatch show`.

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::cli::ShowResultArguments;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::files;
use crate::summary;
use crate::summary::Matches;
use crate::terminal;

/// The fewest characters of a hash that name an item.
const SHORTEST_ITEM: usize = 6;

/// `stillwatch show`.
pub fn show(arguments: &ShowResultArguments) -> Result<ExitCode, Failure> {
    let found = arguments.found.as_path();
    let name = arguments.name.as_str();
    let accounts = lines(&found.join("accounts.jsonl"))?;
    let mut matches = Matches {
        campaigns: named(array(&found.join("campaigns.json"))?, "id", name),
        leads: named(array(&found.join("leads.json"))?, "id", name),
        items: items(&accounts, name),
        accounts: named(accounts, "account", name),
    };
    if matches.is_empty() {
        return Err(Failure::Usage(format!(
            "{} names no account, campaign, lead or item {name} (an account that is not named is clear, or not in the log; of an \
             item give {SHORTEST_ITEM} characters of its hash or more)",
            found.display()
        )));
    }
    if arguments.json {
        print_json(&serde_json::json!({
            "campaigns": matches.campaigns, "leads": matches.leads, "accounts": matches.accounts, "items": matches.items,
        }))?;
    } else {
        terminal::print(&summary::show(&mut matches));
    }
    Ok(ExitCode::SUCCESS)
}

/// Those whose `field` is the name.
fn named(all: Vec<Value>, field: &str, name: &str) -> Vec<Value> {
    all.into_iter().filter(|one| one.get(field).and_then(Value::as_str) == Some(name)).collect()
}

/// What accounts hold an item whose hash begins so: the evidence, with its account.
fn items(accounts: &[Value], name: &str) -> Vec<Value> {
    if name.len() < SHORTEST_ITEM || !name.chars().all(|c| c.is_ascii_hexdigit()) {
        return Vec::new();
    }
    let begin = name.to_ascii_lowercase();
    let mut items = Vec::new();
    for account in accounts {
        for evidence in account.get("evidence").and_then(Value::as_array).into_iter().flatten() {
            let is_it = evidence.get("item").and_then(Value::as_str).is_some_and(|item| item.starts_with(&begin));
            if let (true, Some(evidence)) = (is_it, evidence.as_object()) {
                let mut item = evidence.clone();
                for field in ["account", "verdict", "campaign"] {
                    item.insert(field.to_owned(), account.get(field).cloned().unwrap_or_default());
                }
                items.push(Value::Object(item));
            }
        }
    }
    items
}

fn array(path: &Path) -> Result<Vec<Value>, Failure> {
    serde_json::from_slice(&read(path)?).map_err(|error| damaged(path, &error))
}

fn lines(path: &Path) -> Result<Vec<Value>, Failure> {
    let bytes = read(path)?;
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).map_err(|error| damaged(path, &error))).collect()
}

fn damaged(path: &Path, error: &serde_json::Error) -> Failure {
    Failure::Usage(format!("{}: {error} (is it a hunt's result?)", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    files::large(path)
        .map_err(|error| Failure::Usage(format!("{}: {error} (give --found a hunt's folder)", path.display())))
}
