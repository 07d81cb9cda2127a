//! The fold beside a slow one: every exchange parsed, observed and added one by one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use columns::IngestOptions;
use columns::Store;
use columns::Window;
use observation::Observer;
use profile::Profile;
use record::time::HOUR_US;
use workers::Silent;

use super::ShardFiles;
use super::fold;
use crate::repeats::Repeats;
use crate::repeats::count_repeated;

const START: &str = "2026-05-01T00:00:00Z";

fn start_us() -> i64 {
    record::parse_time_us(START).unwrap()
}

/// An invented exchange, an hour after the one before.
fn line(id: u32, status: u16) -> String {
    let at = format!("2026-05-{:02}T{:02}:10:00Z", 1 + id / 24, id % 24);
    serde_json::json!({
        "id": format!("req_{id}"), "at": at, "account": format!("acct_{}", id % 7),
        "client": {"ip": format!("203.0.113.{}", id % 5), "user_agent": "tool/1.2", "ja4": "t13d"},
        "request": {"model": "m-large", "messages": [{"role": "user", "content":
            format!("please sort the {id} tools of the garden shed by their weight and then by their colour")}]},
        "response": {"status": status, "output_tokens": id}
    })
    .to_string()
}

fn ingest(folder: &Path, name: &str, lines: &[String]) -> PathBuf {
    let (log, data) = (folder.join(format!("{name}.jsonl")), folder.join(name));
    fs::write(&log, lines.join("\n")).unwrap();
    let options = IngestOptions { inputs: vec![log.display().to_string()], ..IngestOptions::default() };
    columns::ingest(&options, &data, &Silent::default()).unwrap();
    data
}

fn files(data: &Path) -> Vec<PathBuf> {
    Store::open(data).unwrap().exchange_files().unwrap()
}

/// The slow fold of some lines, each id once.
fn slow(lines: &[String], window: Window) -> BTreeMap<String, Profile> {
    let mut profiles: BTreeMap<String, Profile> = BTreeMap::new();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    fs::write(&log, lines.join("\n")).unwrap();
    let mut observer = Observer::default();
    for input in record::expand(&[log.display().to_string()]).unwrap() {
        let blocks = input.open(None).unwrap();
        for block in blocks {
            block.unwrap().read(&mut |item| {
                let exchange = item.unwrap();
                if window.holds(exchange.at_us) {
                    let features = observer.observe(&exchange);
                    let profile = profiles.entry(exchange.account.to_string()).or_default();
                    profile.observe(&features.observation(&exchange));
                }
            });
        }
    }
    profiles
}

fn fast(shards: &[ShardFiles], window: Window, workers: usize) -> BTreeMap<String, Profile> {
    let folded = fold(shards, window, workers, &Silent::default()).unwrap();
    assert!(folded.is_sorted_by(|a, b| a.0 < b.0), "sorted, each account once");
    folded.into_iter().map(|(account, profile)| (account, *profile)).collect()
}

#[test]
fn the_fold_is_the_slow_fold_for_any_window_and_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..200).map(|id| line(id, 200)).collect();
    let data = ingest(folder.path(), "data", &lines);
    let at = |hours: i64| Some(start_us() + hours * HOUR_US);
    let windows = [(None, None), (at(30), None), (None, at(30)), (at(30), at(31)), (at(500), None)];
    for (since_us, until_us) in windows {
        let window = Window { since_us, until_us };
        let expected = slow(&lines, window);
        let shard = ShardFiles { exchanges: files(&data), ..ShardFiles::default() };
        let one_each: Vec<ShardFiles> = files(&data)
            .into_iter()
            .map(|file| ShardFiles { exchanges: vec![file], ..ShardFiles::default() })
            .collect();
        for workers in [1, 2, 5] {
            assert_eq!(fast(std::slice::from_ref(&shard), window, workers), expected, "{window:?}, {workers} threads");
            assert_eq!(fast(&one_each, window, workers), expected, "a file a shard, {window:?}, {workers} threads");
        }
    }
}

#[test]
fn an_exchange_of_several_directories_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let first: Vec<String> = (0..60).map(|id| line(id, 200)).collect();
    // The second half of the first again, ten of them with another status, and forty new ones.
    let second: Vec<String> = (30..100).map(|id| line(id, if id < 40 { 429 } else { 200 })).collect();
    let (a, b) = (ingest(folder.path(), "a", &first), ingest(folder.path(), "b", &second));
    let whole = ingest(folder.path(), "whole", &[first.clone(), second].concat());
    let both = [files(&a), files(&b)].concat();
    assert_eq!(count_repeated(&both, &[], 2).unwrap(), 30);
    let window = Window::default();
    let expected = fast(&[ShardFiles { exchanges: files(&whole), ..ShardFiles::default() }], window, 2);
    for workers in [1, 3] {
        let repeats = Some(Arc::new(Repeats::find(&both, workers).unwrap()));
        let shard = ShardFiles { exchanges: both.clone(), repeats, ..ShardFiles::default() };
        assert_eq!(fast(&[shard], window, workers), expected, "{workers} threads");
    }
    let counted: u64 = expected.values().map(|profile| profile.exchanges).sum();
    assert_eq!(counted, 100);
}

#[test]
fn a_file_that_is_cut_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = ingest(folder.path(), "data", &(0..20).map(|id| line(id, 200)).collect::<Vec<_>>());
    let file = files(&data).remove(0);
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let shard = ShardFiles { exchanges: vec![file.clone()], ..ShardFiles::default() };
    let error = fold(&[shard], Window::default(), 1, &Silent::default()).unwrap_err().to_string();
    assert!(error.contains(&file.display().to_string()), "{error}");
}
