//! `stillwatch ledger timestamp`.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use columns::ledger_of;
use columns::open_ledger;
use ledger::Known;
use ledger::Note;
use ledger::Reader;
use ledger::StampedHead;
use timestamp::Certificate;
use timestamp::Query;
use timestamp::Stamp;

use crate::cli::TimestampArguments;
use crate::exit::Failure;
use crate::exit::NOT_HELD;
use crate::files;
use crate::terminal;

/// Bytes of the longest answer that is read.
const MAX_ANSWER: u64 = 1 << 20;
/// How long an authority may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for a time-stamp of the head, or keeps an answer.
pub fn timestamp(arguments: &TimestampArguments) -> Result<ExitCode, Failure> {
    let log = open_ledger(&arguments.data_dir)?;
    let root = ledger_of(&arguments.data_dir);
    let trusted = certificates(&arguments.tsa_cert)?;
    if let Some(file) = &arguments.response {
        let answer = files::small(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        return keep(&log, &root, &answer, &trusted);
    }
    let query = Query::new(log.own_head_hash()).and_then(|query| query.to_der()).map_err(other)?;
    let path = log.keep_query(&root, &query)?;
    if let Some(url) = &arguments.url {
        // The query of before, where the head is the same.
        let query = files::small(&path).map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?;
        return keep(&log, &root, &post(url, &query)?, &trusted);
    }
    terminal::print(&format!(
        "the query is in {path}; send it to an authority, and keep its answer:\n  \
         curl --header 'content-type: application/timestamp-query' --data-binary @{path} URL > answer.tsr\n  \
         stillwatch ledger timestamp --data-dir {data} --response answer.tsr --tsa-cert FILE",
        path = path.display(),
        data = arguments.data_dir.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// The certificates of some files.
pub fn certificates(files: &[std::path::PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let failed = |error: &dyn std::fmt::Display| Failure::Usage(format!("--tsa-cert {}: {error}", file.display()));
        let bytes = files::small(file).map_err(|error| failed(&error))?;
        all.extend(timestamp::read_certificates(&bytes).map_err(|error| failed(&error))?);
    }
    Ok(all)
}

fn other(error: timestamp::Error) -> Failure {
    Failure::Other(error.to_string())
}

/// Sends a query. What comes back is signed, so that it needs no TLS.
fn post(url: &str, query: &[u8]) -> Result<Vec<u8>, Failure> {
    if !url.starts_with("http://") {
        let text =
            format!("--url {url}: only http:// is spoken here; the answer is signed (or send the query yourself)");
        return Err(Failure::Usage(text));
    }
    let failed = |error: &dyn std::fmt::Display| Failure::Other(format!("{url} gave no time-stamp: {error}"));
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
    let answer = agent.post(url).header("content-type", "application/timestamp-query").send(query);
    let mut bytes = Vec::new();
    let body = answer.map_err(|error| failed(&error))?.into_body();
    body.into_reader().take(MAX_ANSWER).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    Ok(bytes)
}

/// Checks an answer against the query that it is of, and keeps it beside that.
fn keep(log: &Reader, root: &Path, answer: &[u8], trusted: &[Certificate]) -> Result<ExitCode, Failure> {
    let refused = |text: &str| {
        terminal::error(text);
        Ok(ExitCode::from(NOT_HELD))
    };
    let stamp = match timestamp::check(answer, trusted) {
        Ok(stamp) => stamp,
        Err(error) => return refused(&format!("the answer is not kept: {error}")),
    };
    let asked = log.stamped_heads(root)?;
    let Some(head) = asked.iter().find(|head| answers(head, &stamp)) else {
        return refused("the answer is not kept: it is of no head of this ledger, or answers another query");
    };
    if !trusted.is_empty()
        && let Err(error) = stamp.check_trust(trusted)
    {
        return refused(&format!("the answer is not kept: {error}"));
    }
    let path = head.keep_answer(answer)?;
    let trust = match trusted.is_empty() {
        true => "; nobody named a certificate of it (--tsa-cert FILE)",
        false => ", whose certificate is trusted",
    };
    let (who, at) = (stamp.signer().subject(), stamp.at());
    terminal::print(&format!("{} entries were there at {at}, says {who}{trust}: {}", head.size, path.display()));
    Ok(ExitCode::SUCCESS)
}

/// Whether a stamp is of a head, and answers the query that was sent about it.
fn answers(head: &StampedHead, stamp: &Stamp) -> bool {
    let query = Query::from_der(&head.query);
    *stamp.hash() == head.hash() && query.is_ok_and(|query| stamp.nonce() == Some(query.nonce()))
}

/// The heads that were stamped: the log must go on from each. One that cannot be read is named by [`check_all`].
pub fn known_heads(root: &Path) -> Vec<Known> {
    let heads = Reader::open(root).and_then(|log| log.stamped_heads(root)).unwrap_or_default();
    heads.into_iter().filter_map(|head| Some(Known { note: Note::parse(&head.head).ok()?, name: head.path })).collect()
}

/// What is wrong with the time-stamps of a ledger, and how many are right.
pub fn check_all(log: &Reader, root: &Path) -> (u64, Vec<String>) {
    let (mut right, mut faults) = (0, Vec::new());
    let heads = match log.stamped_heads(root) {
        Ok(heads) => heads,
        Err(error) => return (0, vec![error.to_string()]),
    };
    for head in heads {
        for (name, answer) in &head.answers {
            match timestamp::check(answer, &[]) {
                Ok(stamp) if answers(&head, &stamp) => right += 1,
                Ok(_) => faults.push(format!("{}: {name} answers another query", head.path.display())),
                Err(error) => faults.push(format!("{}: {name}: {error}", head.path.display())),
            }
        }
    }
    (right, faults)
}
