//! `stillwatch attribute`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use attribution::Accused;
use columns::Secret;
use columns::Window;
use hunt::Evidence;

use crate::cli::AttributeArguments;
use crate::commands::print_json;
use crate::commands::time;
use crate::exit::Failure;
use crate::files;
use crate::progress::Bar;
use crate::terminal;

/// `stillwatch attribute`.
pub fn attribute(arguments: &AttributeArguments) -> Result<ExitCode, Failure> {
    let entities = attribution::read_entities(&arguments.entities)?;
    if !columns::is_columnar(&arguments.data_dir)? {
        let told = format!("{} is no data directory (make one: stillwatch ingest)", arguments.data_dir.display());
        return Err(Failure::Usage(told));
    }
    let (campaign, accused) = found(&arguments.found, &arguments.campaign)?;
    let window = Window {
        since_us: arguments.since.as_deref().map(|text| time("--since", text)).transpose()?,
        until_us: arguments.until.as_deref().map(|text| time("--until", text)).transpose()?,
    };
    let secret = Secret::read(&arguments.data_dir.join("secret"))?;
    let key = secret.as_ref().map(Secret::key).unwrap_or_default();
    let roots = [arguments.data_dir.clone()];
    let evidence = Evidence { roots: &roots, accounts: &arguments.accounts, window, key: &key };
    let bar = Bar::new(&arguments.show);
    let told = attribution::attribute(&entities, &[campaign], &accused, &evidence, &bar);
    bar.finish();
    for told in told? {
        if arguments.show.json {
            print_json(&told)?;
        } else {
            terminal::print(attribution::text(&told).trim_end());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The accounts of a campaign in a hunt's results, and those of all campaigns and who is watched.
fn found(folder: &Path, id: &str) -> Result<(Accused, BTreeSet<String>), Failure> {
    let read = |name: &str| {
        let path = folder.join(name);
        files::large_text(&path).map_err(|error| {
            Failure::Usage(format!("{}: {error} (give --found the folder of a hunt's results)", path.display()))
        })
    };
    let damaged = |error: serde_json::Error| Failure::Usage(format!("{}: {error}", folder.display()));
    let campaigns: Vec<serde_json::Value> = serde_json::from_str(&read("campaigns.json")?).map_err(damaged)?;
    let names = |one: &serde_json::Value| -> BTreeSet<String> {
        let accounts = one.get("accounts").and_then(serde_json::Value::as_array);
        accounts.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let is_it = |one: &&serde_json::Value| one.get("id").and_then(serde_json::Value::as_str) == Some(id);
    let Some(campaign) = campaigns.iter().find(is_it) else {
        let known: Vec<&str> = campaigns.iter().filter_map(|one| one.get("id")?.as_str()).take(10).collect();
        return Err(Failure::Usage(format!("{} has no campaign {id} (it has {})", folder.display(), known.join(", "))));
    };
    let mut accused: BTreeSet<String> = campaigns.iter().flat_map(names).collect();
    for line in read("accounts.jsonl")?.lines() {
        let one: serde_json::Value = serde_json::from_str(line).map_err(damaged)?;
        accused.extend(one.get("account").and_then(serde_json::Value::as_str).map(str::to_owned));
    }
    Ok(((id.to_owned(), names(campaign)), accused))
}
