//! The runs that are ended at system calls: small ones that read, fold and hunt a data directory.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::kills::Scene;
use crate::kills::below;
use crate::kills::can_trace;
use crate::kills::copy;
use crate::kills::kill_everywhere;
use crate::outcome::Outcome;
use crate::process::Limits;
use crate::process::Program;

/// Fields of a summary that two runs of the same input need not have the same.
const OF_TIME: [&str; 6] = [
    "wall_seconds",
    "wall_seconds_to_fold",
    "wall_seconds_to_ties",
    "wall_seconds_to_tests",
    "peak_memory_bytes",
    "detector_seconds",
];

/// Ends small runs of `ingest`, `fold` and `hunt` at each how many-th of their system calls.
///
/// # Errors
/// What the system says, or a run that fails without being ended.
pub fn attack_with_kills(
    program: &Program,
    scratch: &Path,
    every: usize,
    note: &dyn Fn(&str),
) -> io::Result<Vec<Outcome>> {
    if !can_trace() {
        let skipped = |name| Outcome::skipped(name, "strace is not here, or may not trace");
        return Ok(["kills-ingest", "kills-fold", "kills-hunt"].map(skipped).into());
    }
    let place = scratch.join("place");
    let (data, out) = (below(&place, "data"), below(&place, "out"));
    let [first, second] = ["first.jsonl", "second.jsonl"].map(|name| below(scratch, name));
    write_log(Path::new(&first), 0)?;
    write_log(Path::new(&second), 1)?;
    let words = |text: &str| -> Vec<String> {
        let named = |word: &str| match word {
            "DATA" => data.clone(),
            "OUT" => out.clone(),
            "FIRST" => first.clone(),
            "SECOND" => second.clone(),
            other => other.to_owned(),
        };
        text.split(' ').map(named).collect()
    };
    // What each begins with is what these leave, one after another.
    let prepare = ["ingest FIRST --data-dir DATA --threads 1", "fold --data-dir DATA --threads 1", HUNT];
    let mut before = Vec::new();
    fs::create_dir_all(&place)?;
    for (number, command) in prepare.iter().enumerate() {
        let ended = program.run(&words(command), Limits::default())?;
        if ended.code != Some(0) {
            return Err(io::Error::other(format!("{command} failed: {}", ended.said)));
        }
        let kept = scratch.join(format!("before-{number}"));
        copy(&place, &kept)?;
        before.push(kept);
    }
    let empty = scratch.join("empty");
    fs::create_dir_all(&empty)?;
    let [read, folded, hunted] = before.as_slice() else { return Ok(Vec::new()) };
    let scenes = [
        ("kills-first-ingest", empty.as_path(), "ingest FIRST --data-dir DATA --threads 1"),
        ("kills-ingest", read.as_path(), "ingest SECOND --data-dir DATA --threads 1"),
        ("kills-fold", read.as_path(), "fold --data-dir DATA --threads 1"),
        ("kills-fold-again", hunted.as_path(), "fold SECOND --data-dir DATA --threads 1"),
        ("kills-hunt", folded.as_path(), HUNT),
        ("kills-hunt-of-log", empty.as_path(), "hunt FIRST --out OUT --threads 1"),
    ];
    let mut outcomes = Vec::new();
    for (name, before, command) in scenes {
        let compared = if name == "kills-first-ingest" { without_ledger } else { as_it_is };
        let arguments = words(command);
        let scene = Scene { name, before, place: &place, arguments: &arguments, compared, every };
        outcomes.push(kill_everywhere(program, &scene, note)?);
    }
    Ok(outcomes)
}

/// A hunt of a data directory that keeps what it finds there.
const HUNT: &str = "hunt DATA --data-dir DATA --out OUT --threads 1";

/// A log of some accounts on some days, of which thirty share a template; the second one is later and replaces a few rows of the first.
fn write_log(path: &Path, part: usize) -> io::Result<()> {
    let mut file = io::BufWriter::new(fs::File::create(path)?);
    for number in part * 200..part * 200 + 240 {
        let (day, account) = (1 + part + number % 3, number % 40);
        let content = if account < 30 {
            format!("Solve exercise {number} step by step, check each step, and grade the answer from one to ten.")
        } else {
            format!("What is the weather on day {number}?")
        };
        // The last forty of the first part come again in the second, and say something else.
        let model = if part == 1 { "m-large" } else { "m-small" };
        writeln!(
            file,
            "{{\"id\":\"r{number}\",\"at\":\"2026-04-{day:02}T00:{:02}:{:02}Z\",\"account\":\"a{account}\",\"request\":{{\
             \"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"{content}\"}}]}}}}",
            number / 60 % 60,
            number % 60
        )?;
    }
    file.flush()
}

/// Everything but locks, which say nothing, and figures of time and memory.
fn as_it_is(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let last = name.rsplit('/').next().unwrap_or_default();
    if [".lock", ".readers", "lock"].contains(&last) {
        return None;
    }
    if last == "summary.json" {
        return Some(without_time(bytes));
    }
    // The page shows the summary.
    (last != "report.html").then(|| bytes.to_vec())
}

/// As [`as_it_is`], without the ledger: its key and its salts are random and made at the first run.
fn without_ledger(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    if name.starts_with("data/ledger/") { None } else { as_it_is(name, bytes) }
}

fn without_time(bytes: &[u8]) -> Vec<u8> {
    let mut summary: Value = serde_json::from_slice(bytes).unwrap_or_default();
    if let Some(fields) = summary.as_object_mut() {
        OF_TIME.iter().for_each(|name| drop(fields.remove(*name)));
    }
    summary.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_time_are_left_out_and_all_else_is_compared() {
        let summary = br#"{"accepted":3,"wall_seconds":1.5}"#;
        assert_eq!(as_it_is("out/summary.json", summary).unwrap(), br#"{"accepted":3}"#);
        assert_eq!(as_it_is("data/.lock", b""), None);
        assert_eq!(as_it_is("data/ledger/checkpoint", b"x").unwrap(), b"x");
        assert_eq!(without_ledger("data/ledger/checkpoint", b"x"), None);
    }
}
