//! `stillwatch share`.

mod common;
mod compared;
mod psi;
#[cfg(feature = "console")]
mod taxii;
#[cfg(feature = "console")]
mod token;
#[cfg(feature = "console")]
mod wire;

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use sharing::Ask;
use sharing::Content;
use sharing::Guard;

use crate::cli::ShareCommand;
use crate::cli::ShareExportArguments;
use crate::cli::ShareFormat;
use crate::cli::ShareMatchArguments;
use crate::commands::print_json;
use crate::commands::share::common::campaigns;
use crate::commands::share::common::check_data_dir;
use crate::commands::share::common::key;
use crate::commands::share::common::level;
use crate::commands::share::common::now;
use crate::commands::share::common::records;
use crate::commands::share::common::take_in;
use crate::commands::share::common::who;
use crate::exit::Failure;
use crate::terminal;

/// `stillwatch share`.
pub fn share(command: &ShareCommand) -> Result<ExitCode, Failure> {
    match command {
        ShareCommand::Export(arguments) => export(arguments),
        ShareCommand::Import { file, from, data_dir, json } => import(file, from, data_dir, *json),
        ShareCommand::Match(arguments) => compare(arguments),
        #[cfg(feature = "console")]
        ShareCommand::Serve(arguments) => taxii::serve(arguments),
        #[cfg(feature = "console")]
        ShareCommand::Fetch(arguments) => taxii::fetch(arguments),
        ShareCommand::Psi(command) => psi::psi(command),
        ShareCommand::List { data_dir, json } => list(data_dir, *json),
    }
}

fn export(arguments: &ShareExportArguments) -> Result<ExitCode, Failure> {
    let tlp = level(&arguments.tlp)?;
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
        campaign: Some(&content.campaign),
        format,
        indicators: content.indicators.len(),
        at: &at,
    })?;
    if arguments.format == ShareFormat::Stix {
        let with = arguments.with.clone();
        sharing::publish(&arguments.data_dir, &sharing::Outbound { with, at, tlp, bundle: document })?;
    }
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
    take_in(data_dir, &inbound, json)
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
            let what = one.campaign.as_deref().unwrap_or("values");
            terminal::print(&format!(
                "  {}  {}  {what} as {}, TLP:{tlp}, {} indicators",
                one.at, one.by, one.format, one.indicators
            ));
        }
    }
    for one in &inbound {
        let tlp = one.tlp.as_str().to_uppercase();
        terminal::print(&format!("from {}: {} values on {}, TLP:{tlp}", one.from, one.indicators.len(), one.at));
    }
    Ok(ExitCode::SUCCESS)
}
