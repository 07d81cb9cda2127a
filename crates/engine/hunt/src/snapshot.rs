//! A verdict snapshot from a hunt's results, and its file.

use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;

use campaign::FoundAccount;
use campaign::FoundCampaign;
use record::parse_time_us;
use serde::de::DeserializeOwned;
use verdict::SnapshotWindow;
use verdict::VerdictSnapshot;

use crate::error::Error;
use crate::output::replace_file;

/// The largest file of results that is read, in bytes.
const LARGEST: u64 = 4 << 30;
/// The longest line of `accounts.jsonl` that is read, in bytes.
const LONGEST_LINE: u64 = 64 << 20;

/// Makes a snapshot of what is in a hunt's output folder. Its window is from the first to the last exchange of its
/// campaigns.
///
/// # Errors
/// [`Error`] with the file that is missing or is no hunt's result.
pub fn read_snapshot(found: &Path, made_at_us: i64) -> Result<VerdictSnapshot, Error> {
    let campaigns: Vec<FoundCampaign> = array(&found.join("campaigns.json"))?;
    let leads = array(&found.join("leads.json"))?;
    let accounts = lines(&found.join("accounts.jsonl"))?;
    let starts = campaigns.iter().filter_map(|one| parse_time_us(&one.first_seen));
    let ends = campaigns.iter().filter_map(|one| parse_time_us(&one.last_seen));
    let window = SnapshotWindow {
        start_us: starts.min().unwrap_or(made_at_us),
        end_us: ends.max().map_or(made_at_us, |last| last.saturating_add(1)),
    };
    campaign::snapshot(made_at_us, window, campaigns, accounts, leads)
        .map_err(|error| Error::usage(format!("{}: {error}", found.display())))
}

/// Writes a snapshot's file, whole or not at all.
///
/// # Errors
/// [`Error`]; what was at the place is then still there.
pub fn write_snapshot(snapshot: &VerdictSnapshot, path: &Path) -> Result<(), Error> {
    Ok(replace_file(path, &snapshot.to_bytes())?)
}

fn array<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    serde_json::from_reader(open(path)?).map_err(|error| damaged(path, &error))
}

fn lines(path: &Path) -> Result<Vec<FoundAccount>, Error> {
    let (mut file, mut line, mut accounts) = (open(path)?, Vec::new(), Vec::new());
    for number in 1_u64.. {
        line.clear();
        let read = (&mut file).take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(columns::Error::table(path))? == 0 {
            break;
        }
        let account = serde_json::from_slice(&line);
        let told = |error| Error::usage(format!("{}, line {number}: {error} (is it a hunt's result?)", path.display()));
        accounts.push(account.map_err(told)?);
    }
    Ok(accounts)
}

fn open(path: &Path) -> Result<BufReader<std::io::Take<File>>, Error> {
    let told = |error| Error::usage(format!("{}: {error} (give --found a hunt's folder)", path.display()));
    Ok(BufReader::new(File::open(path).map_err(told)?.take(LARGEST)))
}

fn damaged(path: &Path, error: &serde_json::Error) -> Error {
    Error::usage(format!("{}: {error} (is it a hunt's result?)", path.display()))
}
