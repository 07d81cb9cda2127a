//! What a hunt writes, whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use campaign::AccountVerdict;
use campaign::Campaign;
use campaign::Event;
use campaign::LeadReport;
use campaign::LooksSummary;
use campaign::TestedGroup;
use columns::Scratch;
use columns::durable;
use record::Reject;
use serde::Serialize;
use verdict::ViewKind;

use crate::charts::Drawn;
use crate::error::Error;

/// What `summary.json` holds.
#[derive(Debug, Clone, Serialize, Default)]
pub struct Summary {
    /// Version of the program.
    pub version: &'static str,
    /// Files read.
    pub files: u64,
    /// Bytes of the sources as stored.
    pub bytes: u64,
    /// Records met.
    pub read: u64,
    /// Records accepted.
    pub accepted: u64,
    /// Records refused.
    pub refused: u64,
    /// Account records refused; they are in `rejects.jsonl` too.
    pub account_records_refused: u64,
    /// Ties that groups were looked for in, by what they are.
    pub ties: BTreeMap<ViewKind, u64>,
    /// Seconds in each detector, over all threads.
    pub detector_seconds: BTreeMap<&'static str, f64>,
    /// Enforcement acts read.
    pub acts: u64,
    /// Enforcement acts that could not be read.
    pub acts_refused: u64,
    /// Accounts of the log that were shut out by an act.
    pub accounts_shut_out: u64,
    /// Records of an exchange seen before.
    pub duplicates: u64,
    /// Of those, records that said something else of the same exchange.
    pub conflicting_duplicates: u64,
    /// Exchanges whose id another exchange had before, at another time or with other tokens; both count.
    pub reused_ids: u64,
    /// Signals of the log that tell of no exchange, by what they are.
    pub passed_over: BTreeMap<String, u64>,
    /// Files of the given folders that were not looked at, since their names end as those of no log.
    pub skipped_files: u64,
    /// Files that could not be read, or not to their end.
    pub unread_files: u64,
    /// Accepted exchanges without a text of the caller.
    pub without_text: u64,
    /// Accepted exchanges without a status.
    pub without_status: u64,
    /// Accounts of the window of which no account record was given.
    pub without_account_records: u64,
    /// Exchanges whose account is the key that they came with.
    pub accounts_by_key: u64,
    /// Exchanges that the second log says more of.
    pub joined: u64,
    /// Refused records that are not in `rejects.jsonl`, which holds at most 100,000.
    pub rejects_left_out: u64,
    /// Account records read.
    pub account_records: u64,
    /// Accounts with exchanges in the hunted window.
    pub accounts: u64,
    /// Exchanges in the hunted window.
    pub exchanges: u64,
    /// Campaigns discovered.
    pub discovered: u64,
    /// Groups that score and of which nothing is claimed.
    pub leads: u64,
    /// Campaigns suspected.
    pub suspected: u64,
    /// Accounts implicated.
    pub implicated: u64,
    /// Groups that were formed and tested.
    pub groups_tested: u64,
    /// Hypotheses among these: groups that are one operation count once.
    pub hypotheses: u64,
    /// Exchanges of the accounts in hypotheses.
    pub exchanges_at_stake: u64,
    /// Ties between accounts that were left unsearched because the work is bounded.
    pub ties_unsearched: u64,
    /// False discovery rate of those that are discovered.
    pub fdr: f64,
    /// False discovery rate of those that are suspected.
    pub fdr_suspected: f64,
    /// The rates over all looks, where this is one of many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<LooksSummary>,
    /// What groups were judged against.
    pub calibration: String,
    /// What this log is too poor to show, in words.
    pub cannot_see: Vec<String>,
    /// What the run could not do, in words.
    pub notes: Vec<String>,
    /// What became of campaigns known before.
    pub events: Vec<Event>,
    /// Wall time in seconds.
    pub wall_seconds: f64,
    /// Of that, until every exchange was folded: reading, features, columns, and the fold.
    pub wall_seconds_to_fold: f64,
    /// Of that, until the values that accounts share were known.
    pub wall_seconds_to_ties: f64,
    /// Of that, until every group was tested.
    pub wall_seconds_to_tests: f64,
    /// Peak resident memory in bytes; zero where the system does not tell.
    pub peak_memory_bytes: u64,
}

/// Everything a hunt writes.
pub(crate) struct Outputs<'a> {
    pub campaigns: &'a [Campaign],
    pub accounts: &'a [AccountVerdict],
    pub leads: &'a [LeadReport],
    pub groups: &'a [TestedGroup],
    pub rejects: &'a [Reject],
    pub summary: &'a Summary,
    /// What can be drawn of the first campaigns.
    pub charts: &'a [Drawn<'a>],
    /// The page for people.
    pub page: Option<String>,
}

#[derive(Serialize)]
struct RejectLine<'a> {
    file: &'a str,
    line: u64,
    byte_offset: Option<u64>,
    reason: &'a str,
}

/// What a results folder holds, and nothing else.
const NAMES: [&str; 8] = [
    "campaigns.json",
    "accounts.jsonl",
    "leads.json",
    "groups.jsonl",
    "rejects.jsonl",
    "report.html",
    "charts.json",
    "summary.json",
];

/// Refuses an output path whose replacement would take something else away: other files in it, the data directory, or
/// an input.
pub(crate) fn check_place<'a>(out: &Path, others: impl IntoIterator<Item = &'a Path>) -> Result<(), Error> {
    // A device or a pipe would be replaced by the folder of the results.
    if let Ok(found) = fs::metadata(out)
        && !found.is_dir()
    {
        let what = if found.is_file() { "a file" } else { "a pipe or a device" };
        return Err(Error::usage(format!("{} is {what} (give --out a folder)", out.display())));
    }
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    let stranger = entries.map(|entry| entry.file_name()).find(|name| !NAMES.iter().any(|known| name == known));
    if let Some(stranger) = stranger {
        return Err(Error::usage(format!(
            "{} holds {}, which is no hunt's result and would be replaced (give --out an empty or new folder)",
            out.display(),
            stranger.to_string_lossy()
        )));
    }
    let whole = |path: &Path| {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        absolute.canonicalize().unwrap_or(absolute)
    };
    let place = whole(out);
    for other in others {
        if whole(other).starts_with(&place) {
            return Err(Error::usage(format!(
                "{} is in the output folder {}, which is replaced as a whole (give --out another folder)",
                other.display(),
                out.display()
            )));
        }
    }
    Ok(())
}

/// Writes all outputs to a folder beside `out` and puts it in place of `out` when it is whole.
pub(crate) fn write_outputs(
    out: &Path,
    outputs: &Outputs<'_>,
    more: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    // A link to a folder stays, and what it leads to is replaced.
    let out = durable::followed(out).map_err(columns::Error::write(out))?;
    let staging = Scratch::inside(durable::folder_of(&out))?;
    let whole = staging.path().join("whole");
    fs::create_dir(&whole).map_err(columns::Error::write(&out))?;
    write_json(&whole.join("campaigns.json"), outputs.campaigns)?;
    write_lines(&whole.join("accounts.jsonl"), outputs.accounts.iter())?;
    write_json(&whole.join("leads.json"), outputs.leads)?;
    write_lines(&whole.join("groups.jsonl"), outputs.groups.iter())?;
    let rejects = outputs.rejects.iter().map(|reject| RejectLine {
        file: &reject.file,
        line: reject.line,
        byte_offset: reject.byte_offset,
        reason: &reject.reason,
    });
    write_lines(&whole.join("rejects.jsonl"), rejects)?;
    write_json(&whole.join("charts.json"), outputs.charts)?;
    write_json(&whole.join("summary.json"), outputs.summary)?;
    if let Some(page) = &outputs.page {
        write_file(&whole.join("report.html"), page.as_bytes())?;
    }
    more(&whole)?;
    Ok(durable::put_in_place(&whole, &out).map_err(columns::Error::write(&out))?)
}

/// Replaces a file, whole or not at all.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), columns::Error> {
    durable::replace(path, bytes).map_err(columns::Error::write(path))
}

fn write_json<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<(), columns::Error> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| columns::Error::Bug(error.to_string()))?;
    bytes.push(b'\n');
    write_file(path, &bytes)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), columns::Error> {
    let mut file = File::create(path).map_err(columns::Error::write(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(columns::Error::write(path))
}

fn write_lines<T: Serialize>(path: &Path, values: impl Iterator<Item = T>) -> Result<(), columns::Error> {
    // Rejects say where in a log its faults are: nobody else's business.
    let mut options = File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    if path.ends_with("rejects.jsonl") {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = BufWriter::new(options.open(path).map_err(columns::Error::write(path))?);
    for value in values {
        serde_json::to_writer(&mut file, &value).map_err(|error| columns::Error::write(path)(error.into()))?;
        file.write_all(b"\n").map_err(columns::Error::write(path))?;
    }
    let file = file.into_inner().map_err(|error| columns::Error::write(path)(error.into_error()))?;
    file.sync_all().map_err(columns::Error::write(path))
}
