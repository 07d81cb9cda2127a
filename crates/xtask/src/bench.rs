//! `cargo xtask bench`: the tables of the documentation, made anew.

use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::run::build;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// An option's value; `--name value`.
fn option<'a>(options: &[&'a str], name: &str) -> Option<&'a str> {
    options.iter().position(|word| *word == name).and_then(|at| options.get(at + 1)).copied()
}

/// Every value of an option that may be given more than once.
fn options_named<'a>(options: &[&'a str], name: &str) -> Vec<&'a str> {
    options.iter().zip(options.iter().skip(1)).filter(|(word, _)| **word == name).map(|(_, value)| *value).collect()
}

fn number(options: &[&str], name: &str, usual: u64) -> Result<u64, String> {
    match option(options, name) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| format!("{name} {text} is no number")),
    }
}

/// A number inside a JSON document; zero where it is not there.
fn at(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0)
}

/// What was found and what was wrongly found, seed by seed.
pub fn recall(options: &[&str]) -> Result<(), String> {
    let seeds = number(options, "--seeds", 20)?;
    let world = option(options, "--world").unwrap_or("standard");
    let stillwatch = build("release")?;
    say(
        "\n| seed | campaigns found | account recall | implicated | wrongly implicated | of benign | false campaigns | suspected | hunt s |",
    );
    say("|---|---|---|---|---|---|---|---|---|");
    let (mut found, mut campaigns, mut wrong, mut benign, mut false_ones) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut recalls = Vec::new();
    for seed in 1..=seeds {
        let folder = scratch("recall")?;
        let path = |name: &str| folder.join(name).display().to_string();
        let (place, results, seed_text) = (path("world"), path("found"), seed.to_string());
        let mut make = vec!["range", "generate", "--world", world, "--seed", &seed_text, "--out", &place, "--quiet"];
        for pool in options_named(options, "--pool") {
            make.extend(["--pool", pool]);
        }
        if let Some(trace) = option(options, "--trace") {
            make.extend(["--trace", trace]);
        }
        output(&stillwatch, &make)?;
        let (log, accounts) = (format!("{place}/exchanges.jsonl.zst"), format!("{place}/accounts.jsonl"));
        let started = Instant::now();
        output(&stillwatch, &["hunt", &log, "--accounts", &accounts, "--out", &results, "--quiet"])?;
        let seconds = started.elapsed().as_secs_f64();
        let truth = format!("{place}/truth.json");
        let text = output(&stillwatch, &["range", "score", "--truth", &truth, "--found", &results, "--json"])?;
        let score: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        found += at(&score, "/campaigns_found");
        campaigns += at(&score, "/campaigns_true");
        wrong += at(&score, "/benign_implicated");
        benign += at(&score, "/benign_accounts");
        false_ones += at(&score, "/discovered_false");
        recalls.push(at(&score, "/account_recall"));
        say(&format!(
            "| {seed} | {} of {} | {:.3} | {} | {} | {} | {} | {} | {seconds:.1} |",
            at(&score, "/campaigns_found"),
            at(&score, "/campaigns_true"),
            at(&score, "/account_recall"),
            at(&score, "/implicated"),
            at(&score, "/benign_implicated"),
            at(&score, "/benign_accounts"),
            at(&score, "/discovered_false"),
            at(&score, "/suspected"),
        ));
    }
    recalls.sort_unstable_by(f64::total_cmp);
    let mean = recalls.iter().sum::<f64>() / recalls.len().max(1) as f64;
    let least = recalls.first().copied().unwrap_or(0.0);
    say(&format!(
        "| all | {found} of {campaigns} | {mean:.3}, least {least:.3} | | {wrong} | {benign} | {false_ones} | | |"
    ));
    Ok(())
}

/// How fast JSON lines and Parquet are hunted.
pub fn speed(options: &[&str]) -> Result<(), String> {
    let scale = option(options, "--scale").unwrap_or("0.1");
    let stillwatch = build("release")?;
    let folder = scratch("speed")?;
    let path = |name: &str| folder.join(name).display().to_string();
    let world = path("world");
    output(
        &stillwatch,
        &["range", "generate", "--world", "ten-million", "--scale", scale, "--out", &world, "--quiet"],
    )?;
    let packed = format!("{world}/exchanges.jsonl.zst");
    let plain = path("exchanges.jsonl");
    output("zstd", &["-q", "-d", "-f", &packed, "-o", &plain])?;
    let bytes = size(&plain)?;
    let results = path("found");
    let timed = |arguments: &[&str]| -> Result<f64, String> {
        let started = Instant::now();
        output(&stillwatch, arguments)?;
        Ok(started.elapsed().as_secs_f64())
    };
    let json = timed(&["hunt", &plain, "--out", &results, "--quiet"])?;
    let data = path("data");
    let ingest = timed(&["ingest", &plain, "--data-dir", &data, "--keep-text", "--quiet"])?;
    let parquet = timed(&["hunt", &data, "--out", &results, "--quiet"])?;
    let megabytes = bytes as f64 / 1e6;
    say("\n| what | seconds | MB/s of JSON lines |\n|---|---|---|");
    for (what, seconds) in [("hunt, JSON lines", json), ("ingest with text", ingest), ("hunt, columnar", parquet)] {
        say(&format!("| {what} | {seconds:.1} | {:.0} |", megabytes / seconds));
    }
    say(&format!("\n{megabytes:.0} MB of JSON lines; the columnar form is in {data}"));
    Ok(())
}

fn size(path: &str) -> Result<u64, String> {
    Path::new(path).metadata().map(|metadata| metadata.len()).map_err(|error| format!("{path}: {error}"))
}
