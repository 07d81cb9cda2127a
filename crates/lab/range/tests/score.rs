//! Scores of small hunts made by hand.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::path::Path;

use range::{Score, score};

const TRUTH: &str = r#"{"campaigns": [
    {"name": "one", "level": "T1", "entity": "E", "accounts": ["a", "b", "c", "d"], "exchanges": 90},
    {"name": "two", "level": "T2", "entity": "F", "accounts": ["e", "f"]}],
    "benign": {"class": ["p", "q", "r"], "individual": ["s", "t"]}}"#;

fn write(folder: &Path, truth: &str, campaigns: &str, accounts: &str) {
    std::fs::write(folder.join("truth.json"), truth).unwrap();
    std::fs::write(folder.join("campaigns.json"), campaigns).unwrap();
    std::fs::write(folder.join("accounts.jsonl"), accounts).unwrap();
}

fn scored(truth: &str, campaigns: &str, accounts: &str) -> Score {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), truth, campaigns, accounts);
    score(&folder.path().join("truth.json"), folder.path()).unwrap()
}

fn verdicts(implicated: &str, watched: &str) -> String {
    let line = |id: char, verdict: &str| format!("{{\"account\":\"{id}\",\"verdict\":\"{verdict}\",\"reasons\":[]}}\n");
    implicated.chars().map(|id| line(id, "implicated")).chain(watched.chars().map(|id| line(id, "watch"))).collect()
}

fn campaign(id: &str, status: &str, accounts: &str) -> String {
    let accounts: Vec<String> = accounts.chars().map(|id| format!("\"{id}\"")).collect();
    let accounts = accounts.join(",");
    format!(
        "{{\"id\":\"{id}\",\"status\":\"{status}\",\"accounts\":[{accounts}],\"first_seen\":\"2026-04-22T00:00:00Z\",\"extra\":1}}"
    )
}

#[test]
fn nothing_found_is_scored() {
    let score = scored(TRUTH, "[]", "");
    assert_eq!((score.account_precision, score.account_recall), (None, Some(0.0)));
    assert_eq!((score.campaign_recall, score.false_discovery_proportion), (Some(0.0), 0.0));
    assert!(score.benign.iter().all(|kind| kind.implicated == 0 && kind.watched == 0));
    assert!(score.to_string().contains("precision        -"), "{score}");
}

#[test]
fn a_world_without_campaigns_has_no_recall() {
    let truth = r#"{"campaigns": [], "benign": {"class": ["p", "q"]}}"#;
    let score = scored(truth, &format!("[{}]", campaign("x", "discovered", "pq")), &verdicts("pq", ""));
    assert_eq!((score.account_precision, score.account_recall, score.campaign_recall), (Some(0.0), None, None));
    assert_eq!(score.false_discovery_proportion, 1.0);
    assert_eq!(score.benign[0].implicated, 2);
}

#[test]
fn the_halves_decide() {
    // Two of four accounts are half; with two strangers beside them half of the group is true.
    let found = format!("[{},{}]", campaign("x", "discovered", "abpq"), campaign("y", "suspected", "stp"));
    let score = scored(TRUTH, &found, &verdicts("abpq", "cst"));
    assert_eq!((score.campaigns_found, score.campaign_recall), (1, Some(0.5)));
    assert_eq!((score.discovered, score.discovered_false), (1, 0));
    assert_eq!((score.suspected, score.suspected_false), (1, 1));
    assert_eq!((score.account_precision, score.account_recall), (Some(0.5), Some(2.0 / 6.0)));
    let one = &score.campaigns[0];
    assert_eq!((one.found_as.as_deref(), one.held, one.implicated, one.watched), (Some("x"), 2, 2, 1));
    assert_eq!((one.exchanges_served_at_most, score.campaigns[1].exchanges_served_at_most), (Some(90), None));
    let class = &score.benign[0];
    assert_eq!((class.kind.as_str(), class.accounts, class.implicated, class.watched), ("class", 3, 2, 0));
    assert_eq!(score.benign[1].watched, 2);
}

#[test]
fn fewer_than_half_is_not_enough_on_either_side() {
    let one_of_four = scored(TRUTH, &format!("[{}]", campaign("x", "discovered", "a")), &verdicts("a", ""));
    assert_eq!((one_of_four.campaigns_found, one_of_four.discovered_false), (0, 0));
    let diluted = scored(TRUTH, &format!("[{}]", campaign("x", "discovered", "abpqr")), &verdicts("abpqr", ""));
    assert_eq!((diluted.campaigns_found, diluted.discovered_false), (0, 1));
    let suspected_only = scored(TRUTH, &format!("[{}]", campaign("x", "suspected", "abcd")), &verdicts("", "abcd"));
    assert_eq!((suspected_only.campaigns_found, suspected_only.suspected_false), (0, 0));
    let empty_group = scored(TRUTH, &format!("[{}]", campaign("x", "discovered", "")), "");
    assert_eq!(empty_group.discovered_false, 1);
}

#[test]
fn one_group_may_hold_two_campaigns_and_strangers_are_named() {
    let score = scored(TRUTH, &format!("[{}]", campaign("x", "discovered", "abcdef")), &verdicts("abcdefz", ""));
    assert_eq!(score.campaigns_found, 2);
    let unknown = score.benign.last().unwrap();
    assert_eq!((unknown.kind.as_str(), unknown.implicated), ("unknown", 1));
    assert_eq!(score.account_precision, Some(6.0 / 7.0));
    let table = score.to_string();
    assert!(table.contains("one") && table.contains("unknown") && table.contains("upper bound"), "{table}");
    assert!(serde_json::to_string(&score).unwrap().contains("\"false_discovery_proportion\":0.0"));
}

#[test]
fn broken_and_missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let truth = folder.path().join("truth.json");
    assert!(score(&truth, folder.path()).unwrap_err().to_string().contains("truth.json"));
    write(folder.path(), TRUTH, "[]", "{\"account\":\"a\",\"verdict\":\"watch\"}\n{\"account\":\"b\"}\n");
    let error = score(&truth, folder.path()).unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("verdict"), "{error}");
    write(folder.path(), TRUTH, "{}", "");
    assert!(score(&truth, folder.path()).unwrap_err().to_string().contains("campaigns.json"));
}

#[test]
fn imitators_count_on_neither_side() {
    let truth = TRUTH.replace("\"benign\"", "\"framers\": [\"x\", \"y\", \"z\"], \"benign\"");
    let truth = truth.replace("\"individual\"", "\"enterprise_framed\"");
    let found = format!("[{},{}]", campaign("k", "discovered", "xyz"), campaign("m", "discovered", "abxyz"));
    let score = scored(&truth, &found, &verdicts("abxyzs", ""));
    assert_eq!((score.framers, score.framers_implicated), (3, 3));
    // Alone they are no discovery, and beside hostile accounts they do not dilute.
    assert_eq!((score.discovered, score.discovered_false), (1, 0));
    assert_eq!(score.account_precision, Some(2.0 / 3.0));
    let framed = score.benign.iter().find(|kind| kind.kind == "enterprise_framed").unwrap();
    assert_eq!((framed.accounts, framed.implicated), (2, 1));
    assert!(score.benign.iter().all(|kind| kind.kind != "unknown"));
    assert!(score.to_string().contains("3 of 3 implicated"), "{score}");
}
