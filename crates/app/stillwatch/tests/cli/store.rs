//! Logs and tables in an object store: listing, ranges, failures that pass and failures that do not.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;
use std::time::Instant;

use crate::common::assert_same;
use crate::common::command;
use crate::common::results;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;
use crate::s3::Proxy;
use crate::s3::bucket;
use crate::s3::put;
use crate::s3::put_folder;
use crate::s3::reading;
use crate::s3::server;

fn hunt(server: &str, input: &str, found: &Path, more: &[&str]) -> Output {
    let mut command = command();
    command.args(["hunt", input, "--out", text(found), "--quiet"]).args(more);
    reading(&mut command, server).output().expect("the binary starts")
}

fn good(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The results without the summary, which counts files and bytes as they are stored.
fn judgements(found: &Path) -> Vec<(String, String)> {
    results(found).into_iter().filter(|(name, _)| name != "summary.json").collect()
}

#[test]
fn logs_in_a_store_are_read_as_local_ones() {
    let Some(server) = server("logs_in_a_store_are_read_as_local_ones") else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let world = world(folder.path(), "11", "0.1");
    succeed(&["hunt", text(&world.log), "--out", text(&at("local")), "--quiet"]);
    let log = fs::read_to_string(&world.log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let bucket = bucket(&server, "many-logs");
    // More than one page of a listing.
    let pieces: Vec<&[&str]> = lines.chunks(lines.len().div_ceil(1_100)).collect();
    assert!(pieces.len() > 1_000);
    for (number, piece) in pieces.iter().enumerate() {
        put(&server, &bucket, &format!("logs/{:02}/{number}.jsonl", number % 31), piece.join("\n").as_bytes());
    }
    good(&hunt(&server, &format!("s3://{bucket}/logs"), &at("found"), &[]));
    assert_same(&judgements(&at("found")), &judgements(&at("local")), "found");

    // A Parquet file is read by ranges.
    let place = at("tables");
    let make = ["range", "generate", "--world", "demo", "--seed", "11", "--scale", "0.1", "--parquet", "--quiet"];
    succeed(&[&make[..], &["--out", text(&place)]].concat());
    put(&server, &bucket, "table/exchanges.parquet", &fs::read(place.join("exchanges.parquet")).unwrap());
    let proxy = Proxy::start(&server, |_| None);
    good(&hunt(&proxy.place, &format!("s3://{bucket}/table/exchanges.parquet"), &at("ranged"), &[]));
    assert_same(&judgements(&at("ranged")), &judgements(&at("local")), "ranged");
    assert!(proxy.heads().iter().any(|head| head.to_lowercase().contains("range: bytes=")));
}

#[test]
fn the_columnar_form_in_a_store_is_hunted_as_a_local_one() {
    let Some(server) = server("the_columnar_form_in_a_store_is_hunted_as_a_local_one") else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let world = world(folder.path(), "12", "0.3");
    succeed(&["ingest", text(&world.log), "--data-dir", text(&at("data")), "--shards", "9", "--quiet"]);
    let window = ["--since", "2026-04-23"];
    succeed(&[&["hunt", text(&at("data")), "--out", text(&at("local")), "--quiet"], &window[..]].concat());
    let bucket = bucket(&server, "tables");
    put_folder(&server, &bucket, "some/data", &at("data"));
    let proxy = Proxy::start(&server, |_| None);
    good(&hunt(&proxy.place, &format!("s3://{bucket}/some/data/"), &at("found"), &window));
    assert_same(&results(&at("found")), &results(&at("local")), "found");
    let heads = proxy.heads();
    // What the table is, its manifest tells: nothing is listed but whether there is a table.
    assert!(heads.iter().any(|head| head.contains("stillwatch-manifest.json")), "the manifest is read");
    assert!(!heads.iter().any(|head| head.contains("continuation-token")), "a table was listed to its end");
    assert!(heads.iter().any(|head| head.to_lowercase().contains("range: bytes=")));

    // A folder without a table holds logs, and here there are none.
    let output = hunt(&server, &format!("s3://{bucket}/nothing"), &at("nothing"), &[]);
    assert!(!output.status.success() && !at("nothing").exists());
}

#[cfg(feature = "cluster")]
#[test]
fn a_cluster_reads_from_a_store() {
    use crate::process::Part;

    let Some(server) = server("a_cluster_reads_from_a_store") else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let world = world(folder.path(), "13", "0.2");
    succeed(&["ingest", text(&world.log), "--data-dir", text(&at("data")), "--quiet"]);
    succeed(&["hunt", text(&at("data")), "--out", text(&at("local")), "--quiet"]);
    let bucket = bucket(&server, "cluster");
    put_folder(&server, &bucket, "data", &at("data"));
    let start = |arguments: &[&str]| {
        Part::start_with(folder.path(), arguments, |command| {
            reading(command, &server);
        })
    };
    let scheduler = start(&["scheduler", "--bind", "127.0.0.1:0"]);
    let _executors = [(); 2].map(|()| start(&["executor", "--scheduler", &scheduler.place, "--slots", "1"]));
    let engine = format!("ballista://{}", scheduler.place);
    good(&hunt(&server, &format!("s3://{bucket}/data"), &at("found"), &["--engine", &engine]));
    assert_same(&results(&at("found")), &results(&at("local")), "found");
}

#[test]
fn failures_that_pass_cost_time_and_failures_that_do_not_are_told() {
    let Some(server) = server("failures_that_pass_cost_time_and_failures_that_do_not_are_told") else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let world = world(folder.path(), "14", "0.1");
    succeed(&["ingest", text(&world.log), "--data-dir", text(&at("data")), "--quiet"]);
    succeed(&["hunt", text(&at("data")), "--out", text(&at("local")), "--quiet"]);
    let bucket = bucket(&server, "failing");
    put_folder(&server, &bucket, "data", &at("data"));
    put(&server, &bucket, "logs/log.jsonl", &fs::read(&world.log).unwrap());
    for (name, input) in [("table", "data"), ("log", "logs/log.jsonl")] {
        let input = &format!("s3://{bucket}/{input}");
        // The first requests, and then one of seven.
        let proxy = Proxy::start(&server, |n| (n <= 3 || n % 7 == 0).then_some(if n % 2 == 0 { 500 } else { 503 }));
        good(&hunt(&proxy.place, input, &at(name), &[]));
        assert_same(&judgements(&at(name)), &judgements(&at("local")), name);
        assert!(proxy.heads().len() > 4);

        // A store that never works, and one that stops working in the middle.
        for (healthy, way) in [(0, "never"), (4, "stops")] {
            let proxy = Proxy::start(&server, move |n| (n > healthy).then_some(503));
            let found = at(&format!("{name}-{way}"));
            let started = Instant::now();
            let output = hunt(&proxy.place, input, &found, &[]);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            if name == "log" && way == "stops" && output.status.success() {
                // It had all been read by then.
                continue;
            }
            assert_eq!(output.status.code(), Some(1), "{name} {way}: {error}");
            assert!(error.contains(&format!("s3://{bucket}")) || error.contains("503"), "{name} {way}: {error}");
            assert!(!found.exists(), "{name} {way}");
            assert!(started.elapsed() < Duration::from_secs(120), "{name} {way} took {:?}", started.elapsed());
        }
    }
    let left: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".stillwatch"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
