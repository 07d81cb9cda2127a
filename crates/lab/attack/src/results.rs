//! What a run leaves, and what must not be in it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::planted::traces_in;
use crate::process::Ended;

/// What results are named that are one JSON document.
const DOCUMENTS: [&str; 4] = ["campaigns.json", "leads.json", "charts.json", "summary.json"];

/// What results are named that are lines of JSON.
const LINES: [&str; 3] = ["accounts.jsonl", "groups.jsonl", "rejects.jsonl"];

/// What is wrong with a folder of results: a file that is missing or cut, and what a run left beside it. No folder is well.
#[must_use]
pub fn half_written(out: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    if out.exists() {
        let bad = |name: &&&str| !is_whole(&out.join(name), LINES.contains(*name));
        let names: Vec<&&str> = DOCUMENTS.iter().chain(&LINES).filter(bad).collect();
        faults.extend(names.into_iter().map(|name| format!("{name} is not whole")));
    }
    let beside = out.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let names = beside.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_left = |name: &String| [".stillwatch-", ".staging-", ".secret-"].iter().any(|start| name.starts_with(start));
    faults.extend(names.filter(is_left).map(|name| format!("{name} was left")));
    faults
}

fn is_whole(path: &Path, has_lines: bool) -> bool {
    let Ok(text) = fs::read_to_string(path) else { return false };
    let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    if has_lines { text.lines().all(is_json) && (text.is_empty() || text.ends_with('\n')) } else { is_json(&text) }
}

/// The secrets that a run tells: on the terminal, among the rejects, in the summary.
#[must_use]
pub fn leaks(ended: &Ended, out: &Path) -> Vec<String> {
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap_or_default();
    let told = [
        ("standard error", ended.said.clone()),
        ("standard output", ended.out.clone()),
        ("rejects.jsonl", read("rejects.jsonl")),
        ("summary.json", read("summary.json")),
    ];
    let found = told.iter().flat_map(|(place, text)| {
        traces_in(text).into_iter().map(move |trace| {
            let line = text.lines().find(|line| line.contains(trace)).unwrap_or_default();
            format!("{place} tells {trace:?}: {}", line.chars().take(300).collect::<String>())
        })
    });
    found.collect()
}

/// Whether the log `good.jsonl` of so many exchanges was read whole: nothing of it refused.
#[must_use]
pub fn lost_of_good_log(out: &Path, exchanges: u64) -> Vec<String> {
    let text = fs::read_to_string(out.join("rejects.jsonl")).unwrap_or_default();
    let mut faults = Vec::new();
    if text.lines().any(|line| line.contains("good.jsonl")) {
        faults.push("a part of the good log was refused".to_owned());
    }
    let summary: Value = fs::read(out.join("summary.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let count = |name: &str| summary.get(name).and_then(Value::as_u64).unwrap_or(0);
    if count("accepted") + count("duplicates") < exchanges {
        faults.push(format!("{} of at least {exchanges} exchanges were accepted", count("accepted")));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_result_and_a_rest_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        assert_eq!(half_written(&out), Vec::<String>::new());
        fs::create_dir(&out).unwrap();
        DOCUMENTS.iter().for_each(|name| fs::write(out.join(name), "[]").unwrap());
        LINES.iter().for_each(|name| fs::write(out.join(name), "{}\n").unwrap());
        assert_eq!(half_written(&out), Vec::<String>::new());
        fs::write(out.join("accounts.jsonl"), "{}\n{\"a\"").unwrap();
        fs::write(folder.path().join(".staging-1"), "").unwrap();
        assert_eq!(half_written(&out), ["accounts.jsonl is not whole", ".staging-1 was left"]);
    }

    #[test]
    fn a_secret_among_the_rejects_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rejects.jsonl"), "x otto.zwilling@planted.example\n").unwrap();
        let found = leaks(&Ended::default(), folder.path());
        assert!(matches!(found.as_slice(), [one] if one.starts_with("rejects.jsonl tells")), "{found:?}");
    }
}
