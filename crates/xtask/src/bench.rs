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

/// The binary to be measured: `--binary PATH`, or a release build.
fn binary(options: &[&str]) -> Result<String, String> {
    option(options, "--binary").map_or_else(|| build("release"), |path| Ok(path.to_owned()))
}

/// A number inside a JSON document; zero where it is not there.
fn at(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0)
}

/// What one seed gave, of campaigns of several accounts: one account alone is no group.
#[derive(Default, Clone, Copy)]
struct Tally {
    campaigns: f64,
    found: f64,
    hostile: f64,
    reached: f64,
    honest: f64,
    wronged: f64,
    discovered_false: f64,
    suspected_false: f64,
}

impl Tally {
    fn of(score: &Value) -> Self {
        let mut tally = Self {
            wronged: at(score, "/implicated") - at(score, "/implicated_rightly"),
            discovered_false: at(score, "/discovered_false"),
            suspected_false: at(score, "/suspected_false"),
            ..Self::default()
        };
        let list = |name: &str| score.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        for campaign in list("campaigns").iter().filter(|campaign| at(campaign, "/accounts") > 1.0) {
            tally.campaigns += 1.0;
            tally.found += f64::from(u8::from(campaign.get("found_as").is_some_and(Value::is_string)));
            tally.hostile += at(campaign, "/accounts");
            tally.reached += at(campaign, "/implicated");
        }
        tally.honest = list("benign").iter().map(|kind| at(kind, "/accounts")).sum();
        tally
    }

    fn add(&mut self, other: Self) {
        self.campaigns += other.campaigns;
        self.found += other.found;
        self.hostile += other.hostile;
        self.reached += other.reached;
        self.honest += other.honest;
        self.wronged += other.wronged;
        self.discovered_false += other.discovered_false;
        self.suspected_false += other.suspected_false;
    }

    fn row(&self, name: &str) -> String {
        let recall = if self.hostile > 0.0 { format!("{:.3}", self.reached / self.hostile) } else { "–".to_owned() };
        format!(
            "| {name} | {} of {} | {recall} | {} of {} | {} | {} |",
            self.found, self.campaigns, self.wronged, self.honest, self.discovered_false, self.suspected_false
        )
    }
}

/// What was found and what was wrongly found, seed by seed.
pub fn recall(options: &[&str]) -> Result<(), String> {
    let seeds = number(options, "--seeds", 20)?;
    let world = option(options, "--world").unwrap_or("standard");
    let stillwatch = binary(options)?;
    say("\n| seed | campaigns found | account recall | wrongly implicated | false discoveries | false suspicions |");
    say("|---|---|---|---|---|---|");
    let mut all = Tally::default();
    for seed in 1..=seeds {
        let folder = scratch("recall")?;
        let path = |name: &str| folder.join(name).display().to_string();
        let (place, results, seed_text) = (path("world"), path("found"), seed.to_string());
        let mut make = vec!["range", "generate", "--world", world, "--seed", &seed_text, "--out", &place, "--quiet"];
        for pool in options_named(options, "--pool") {
            make.extend(["--pool", pool]);
        }
        for name in ["--trace", "--scale"] {
            if let Some(value) = option(options, name) {
                make.extend([name, value]);
            }
        }
        output(&stillwatch, &make)?;
        let (log, accounts) = (format!("{place}/exchanges.jsonl.zst"), format!("{place}/accounts.jsonl"));
        output(&stillwatch, &["hunt", &log, "--accounts", &accounts, "--out", &results, "--quiet"])?;
        let truth = format!("{place}/truth.json");
        let text = output(&stillwatch, &["range", "score", "--truth", &truth, "--found", &results, "--json"])?;
        let score: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let tally = Tally::of(&score);
        say(&tally.row(&seed_text));
        all.add(tally);
    }
    say(&all.row("all"));
    Ok(())
}

/// How fast JSON lines and Parquet are hunted.
pub fn speed(options: &[&str]) -> Result<(), String> {
    let scale = option(options, "--scale").unwrap_or("0.1");
    let stillwatch = binary(options)?;
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
