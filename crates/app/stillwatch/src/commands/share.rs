//! `stillwatch share`.

use std::env;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use columns::Secret;
use sharing::Ask;
use sharing::Campaign;
use sharing::Content;
use sharing::Guard;
use sharing::Tlp;

use crate::cli::ShareCommand;
use crate::cli::ShareExportArguments;
use crate::cli::ShareFormat;
use crate::cli::ShareMatchArguments;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// `stillwatch share`.
pub fn share(command: &ShareCommand) -> Result<ExitCode, Failure> {
    match command {
        ShareCommand::Export(arguments) => export(arguments),
        ShareCommand::Import { file, from, data_dir, json } => import(file, from, data_dir, *json),
        ShareCommand::Match(arguments) => compare(arguments),
        ShareCommand::List { data_dir, json } => list(data_dir, *json),
    }
}

fn export(arguments: &ShareExportArguments) -> Result<ExitCode, Failure> {
    let tlp = Tlp::of(&arguments.tlp).ok_or_else(|| {
        let known: Vec<&str> = Tlp::ALL.into_iter().map(Tlp::as_str).collect();
        Failure::Usage(format!("--tlp {} is no level (known: {})", arguments.tlp, known.join(", ")))
    })?;
    check_data_dir(&arguments.data_dir)?;
    let campaigns = campaigns(&arguments.found)?;
    let Some(campaign) = campaigns.iter().find(|one| one.id == arguments.campaign) else {
        let known: Vec<&str> = campaigns.iter().take(10).map(|one| one.id.as_str()).collect();
        let told = format!("{} has no campaign {}", arguments.found.display(), arguments.campaign);
        return Err(Failure::Usage(format!("{told} (it has {})", known.join(", "))));
    };
    let key = arguments.key.as_deref().map(key).transpose()?;
    let content = Content::new(&arguments.provider, campaign, &records(&arguments.accounts)?, key.as_ref())?;
    let (at, who) = (now(), who(arguments.who.as_deref())?);
    let (format, document) = match arguments.format {
        ShareFormat::Stix => ("stix", sharing::stix::bundle(&content, tlp, &at)),
        ShareFormat::Misp => ("misp", sharing::misp::event(&content, tlp, &at)),
    };
    let mut bytes = serde_json::to_vec_pretty(&document).map_err(|error| Failure::Other(error.to_string()))?;
    bytes.push(b'\n');
    Guard::open(&arguments.data_dir)?.pass(&Ask {
        with: &arguments.with,
        by: &who,
        confirmed: arguments.confirm_first_share.as_deref(),
        tlp,
        campaign: &content.campaign,
        format,
        indicators: content.indicators.len(),
        at: &at,
    })?;
    columns::durable::replace(&arguments.out, &bytes)
        .map_err(|error| Failure::Other(format!("cannot write {}: {error}", arguments.out.display())))?;
    terminal::print(&format!(
        "{}: campaign {} for {}, TLP:{}, {} indicators; {} values of few accounts stay here",
        arguments.out.display(),
        content.campaign,
        arguments.with,
        tlp.as_str().to_uppercase(),
        content.indicators.len(),
        content.held_back
    ));
    Ok(ExitCode::SUCCESS)
}

fn import(file: &Path, from: &str, data_dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    check_data_dir(data_dir)?;
    let bytes = record::read_file(file, sharing::MAX_BYTES as u64).map_err(|error| {
        let fix = if error.kind() == ErrorKind::FileTooLarge { " (import it in parts)" } else { "" };
        Failure::Usage(format!("{}: {error}{fix}", file.display()))
    })?;
    let inbound =
        sharing::parse(from, &now(), &bytes).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
    sharing::keep(data_dir, &inbound)?;
    if json {
        print_json(&inbound)?;
        return Ok(ExitCode::SUCCESS);
    }
    terminal::print(&format!(
        "{} values from {}, TLP:{}: kept apart, shown, and no ground for anything by themselves",
        inbound.indicators.len(),
        inbound.from,
        inbound.tlp.as_str().to_uppercase()
    ));
    for (kind, count) in &inbound.passed_over {
        terminal::print(&format!("passed over: {count} of {kind}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(arguments: &ShareMatchArguments) -> Result<ExitCode, Failure> {
    let (campaigns, records) = (campaigns(&arguments.found)?, records(&arguments.accounts)?);
    let (key, inbound) = (key(&arguments.key)?, sharing::kept(&arguments.data_dir)?);
    let mut rows = Vec::new();
    for campaign in &campaigns {
        for one in &inbound {
            let matches = sharing::matches(one, &campaign.accounts, &records, &key);
            if matches.inside > 0 {
                rows.push(serde_json::json!({ "campaign": campaign.id, "from": one.from, "tlp": one.tlp, "matches": matches }));
                terminal_row(arguments.json, &campaign.id, one, matches);
            }
        }
    }
    if arguments.json {
        print_json(&rows)?;
    } else {
        let none = if rows.is_empty() { "no campaign has a value that others shared. " } else { "" };
        terminal::print(&format!("{none}What others shared is shown beside the evidence, and is none by itself."));
    }
    Ok(ExitCode::SUCCESS)
}

fn terminal_row(json: bool, campaign: &str, inbound: &sharing::Inbound, matches: sharing::Matches) {
    if !json {
        terminal::print(&format!(
            "{campaign}: {} of {} accounts have a value that {} shared (TLP:{}); of the other accounts {} of {}",
            matches.inside,
            matches.inside_of,
            inbound.from,
            inbound.tlp.as_str().to_uppercase(),
            matches.outside,
            matches.outside_of
        ));
    }
}

fn list(data_dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    let (guard, inbound) = (Guard::open(data_dir)?, sharing::kept(data_dir)?);
    if json {
        print_json(&serde_json::json!({ "groups": guard.groups(), "inbound": inbound }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (name, group) in guard.groups() {
        terminal::print(&format!(
            "{name}: up to TLP:{}, confirmed by {} on {}",
            group.up_to.as_str().to_uppercase(),
            group.confirmed_by,
            group.confirmed_at
        ));
        for one in &group.shared {
            let tlp = one.tlp.as_str().to_uppercase();
            terminal::print(&format!(
                "  {}  {}  {} as {}, TLP:{tlp}, {} indicators",
                one.at, one.by, one.campaign, one.format, one.indicators
            ));
        }
    }
    for one in &inbound {
        let tlp = one.tlp.as_str().to_uppercase();
        terminal::print(&format!("from {}: {} values on {}, TLP:{tlp}", one.from, one.indicators.len(), one.at));
    }
    Ok(ExitCode::SUCCESS)
}

fn check_data_dir(data_dir: &Path) -> Result<(), Failure> {
    match data_dir.is_dir() {
        true => Ok(()),
        false => {
            Err(Failure::Usage(format!("{} is no data directory (hunt with --data-dir first)", data_dir.display())))
        }
    }
}

fn campaigns(found: &Path) -> Result<Vec<Campaign>, Failure> {
    let path = found.join("campaigns.json");
    let told = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!("{}: {error} (give --found the folder of a hunt's results)", path.display()))
    };
    let bytes = files::large(&path).map_err(|error| told(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| told(&error))
}

fn records(files: &[String]) -> Result<Vec<record::Account>, Failure> {
    let mut records = Vec::new();
    if files.is_empty() {
        return Ok(records);
    }
    let failed = |error: record::Error| Failure::from(columns::Error::from(error));
    for input in record::expand(files).map_err(failed)? {
        record::read_accounts(&input, &mut |item| records.extend(item.ok())).map_err(failed)?;
    }
    Ok(records)
}

fn key(path: &Path) -> Result<Secret, Failure> {
    let none = || Failure::Usage(format!("{} is not there (make a key: openssl rand -hex 32)", path.display()));
    Secret::read(path)?.ok_or_else(none)
}

/// Now, to the millisecond, as STIX writes it.
fn now() -> String {
    let at = jiff::Timestamp::now();
    let whole = jiff::Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    format!("{whole:.3}")
}

fn who(given: Option<&str>) -> Result<String, Failure> {
    let user = || env::var("USER").or_else(|_| env::var("LOGNAME")).ok();
    given.map(str::to_owned).or_else(user).ok_or_else(|| Failure::Usage("say who shares it (--as WHO)".to_owned()))
}
