//! What the commands of `stillwatch share` have in common.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use columns::Secret;
use sharing::Campaign;
use sharing::Tlp;

use crate::commands::print_json;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// Keeps what came in, and says what it is.
pub fn take_in(data_dir: &Path, inbound: &sharing::Inbound, json: bool) -> Result<ExitCode, Failure> {
    sharing::keep(data_dir, inbound)?;
    if json {
        print_json(inbound)?;
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

/// A level of the Traffic Light Protocol.
pub fn level(name: &str) -> Result<Tlp, Failure> {
    Tlp::of(name).ok_or_else(|| {
        let known: Vec<&str> = Tlp::ALL.into_iter().map(Tlp::as_str).collect();
        Failure::Usage(format!("--tlp {name} is no level (known: {})", known.join(", ")))
    })
}

/// That there is a data directory.
pub fn check_data_dir(data_dir: &Path) -> Result<(), Failure> {
    match data_dir.is_dir() {
        true => Ok(()),
        false => {
            Err(Failure::Usage(format!("{} is no data directory (hunt with --data-dir first)", data_dir.display())))
        }
    }
}

/// The campaigns of a hunt.
pub fn campaigns(found: &Path) -> Result<Vec<Campaign>, Failure> {
    let path = found.join("campaigns.json");
    let told = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!("{}: {error} (give --found the folder of a hunt's results)", path.display()))
    };
    let bytes = files::large(&path).map_err(|error| told(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| told(&error))
}

/// Account records of files.
pub fn records(files: &[String]) -> Result<Vec<record::Account>, Failure> {
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

/// A group's key.
pub fn key(path: &Path) -> Result<Secret, Failure> {
    let none = || Failure::Usage(format!("{} is not there (make a key: openssl rand -hex 32)", path.display()));
    Secret::read(path)?.ok_or_else(none)
}

/// Now, to the millisecond, as STIX writes it.
pub fn now() -> String {
    let at = jiff::Timestamp::now();
    let whole = jiff::Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    format!("{whole:.3}")
}

/// Who acts: the one who is named, or else this user.
pub fn who(given: Option<&str>) -> Result<String, Failure> {
    let user = || env::var("USER").or_else(|_| env::var("LOGNAME")).ok();
    given.map(str::to_owned).or_else(user).ok_or_else(|| Failure::Usage("say who shares it (--as WHO)".to_owned()))
}
