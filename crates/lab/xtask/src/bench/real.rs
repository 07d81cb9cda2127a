//! `cargo xtask bench real`: worlds of real texts, by a generator that shares no code with `range`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::command;
use crate::run::note;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// The leads that an analyst looks at.
const LEADS: usize = 50;

/// What is found in worlds of real texts, made by a generator that is no part of this project?
///
/// Hunts the worlds of many seeds with and without a trusted reference, and where no answers are logged. The generator is a
/// Python script, real_world.py, in the folder `lab` beside the data; both are given apart from the project. Without them
/// nothing is measured. docs/results.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench real --data real/data --first 1 --seeds 10")]
pub struct Arguments {
    /// Folder of real prompts that the generator reads
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The generator [default: lab/real_world.py beside the data]
    #[arg(long, value_name = "FILE")]
    generator: Option<PathBuf>,
    /// Number of seeds
    #[arg(long, value_name = "N", default_value_t = 10)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// How a world is hunted.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    answers: bool,
    reference: bool,
}

const WAYS: [Way; 3] = [
    Way { name: "no reference", answers: true, reference: false },
    Way { name: "with a reference", answers: true, reference: true },
    Way { name: "no answers logged", answers: false, reference: false },
];

/// Hunts and prints the rows.
pub fn real(arguments: &Arguments) -> Result<(), String> {
    let beside = arguments.data.parent().unwrap_or(Path::new(".")).join("lab").join("real_world.py");
    let generator = arguments.generator.clone().unwrap_or(beside);
    if !generator.is_file() || !arguments.data.is_dir() {
        note(&format!(
            "skipped: {} or {} is not there (both are given beside the project, and are no part of it)",
            generator.display(),
            arguments.data.display()
        ));
        return Ok(());
    }
    let stillwatch = arguments.program.path()?;
    say("\n| seed | way | campaign | recall | seen | whole | tier |");
    say("|---|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    for seed in arguments.first..arguments.first + arguments.seeds {
        for answers in [true, false] {
            let folder = scratch("real")?;
            generate(&generator, &arguments.data, &folder, seed, answers)?;
            for way in WAYS.into_iter().filter(|way| way.answers == answers) {
                hunt(&stillwatch, &folder, way)?;
                rows.extend(score(&folder, seed, way)?);
            }
        }
    }
    arguments.figures.write(&json!({ "command": command(), "rows": rows }))
}

fn generate(generator: &Path, data: &Path, out: &Path, seed: u64, answers: bool) -> Result<(), String> {
    let mut python = Command::new("python3");
    python.arg(generator).arg(data).arg(out).args(["--seed", &seed.to_string()]);
    if !answers {
        python.arg("--no-answers");
    }
    let made = python.output().map_err(|error| format!("python3 cannot be started: {error} (is it installed?)"))?;
    if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
}

fn hunt(stillwatch: &str, folder: &Path, way: Way) -> Result<(), String> {
    let path = |name: &str| folder.join(name).display().to_string();
    let (log, accounts, found) = (path("exchanges.jsonl"), path("accounts.jsonl"), path("found"));
    let (reference, records) = (path("reference.jsonl"), path("reference_accounts.jsonl"));
    let mut words = vec!["hunt", &log, "--accounts", &accounts, "--out", &found, "--quiet"];
    if way.reference {
        words.extend(["--reference", &reference, "--reference-accounts", &records]);
    }
    output(stillwatch, &words).map(|_| ())
}

/// Accounts that are implicated or watched, each with its campaign, and those of the first leads.
#[derive(Default)]
struct Found {
    campaigns: Vec<Value>,
    implicated: BTreeMap<String, String>,
    seen: BTreeSet<String>,
}

impl Found {
    fn read(folder: &Path) -> Result<Self, String> {
        let text = |name: &str| {
            let path = folder.join("found").join(name);
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
        };
        let parse = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
        let campaigns = parse(&text("campaigns.json")?)?.as_array().cloned().unwrap_or_default();
        let mut found = Self { campaigns, ..Self::default() };
        for line in text("accounts.jsonl")?.lines() {
            let account = parse(line)?;
            let name = |field: &str| account.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            found.seen.insert(name("account"));
            if name("verdict") == "implicated" {
                found.implicated.insert(name("account"), name("campaign"));
            }
        }
        for lead in parse(&text("leads.json")?)?.as_array().into_iter().flatten().take(LEADS) {
            found.seen.extend(names(lead));
        }
        Ok(found)
    }
}

/// The accounts that a value lists.
fn names(value: &Value) -> BTreeSet<String> {
    let accounts = value.get("accounts").unwrap_or(value).as_array().into_iter().flatten();
    accounts.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn score(folder: &Path, seed: u64, way: Way) -> Result<Vec<Value>, String> {
    let truth = fs::read_to_string(folder.join("truth.json")).map_err(|error| error.to_string())?;
    let truth: Value = serde_json::from_str(&truth).map_err(|error| error.to_string())?;
    let found = Found::read(folder)?;
    let mut rows = Vec::new();
    for campaign in truth.get("campaigns").and_then(Value::as_array).into_iter().flatten() {
        let name = campaign.get("name").and_then(Value::as_str).unwrap_or("?");
        let own = names(campaign);
        let share = |count: usize, all: usize| count as f64 / all.max(1) as f64;
        let implicated = own.iter().filter(|account| found.implicated.contains_key(*account)).count();
        let seen = own.iter().filter(|account| found.seen.contains(*account)).count();
        let best = found.campaigns.iter().max_by_key(|one| names(one).intersection(&own).count());
        let inside = best.map_or(0, |one| names(one).intersection(&own).count());
        let tier = best.filter(|_| inside > 0).and_then(|one| one.get("status")).and_then(Value::as_str).unwrap_or("–");
        let (recall, seen, whole) = (share(implicated, own.len()), share(seen, own.len()), share(inside, own.len()));
        say(&format!("| {seed} | {} | {name} | {recall:.3} | {seen:.3} | {whole:.3} | {tier} |", way.name));
        rows.push(json!({
            "seed": seed, "way": way.name, "campaign": name, "recall": recall, "seen": seen, "whole": whole, "tier": tier,
        }));
    }
    for (kind, accounts) in truth.get("benign").and_then(Value::as_object).into_iter().flatten() {
        let all = names(accounts);
        let accused = all.iter().filter(|account| found.implicated.contains_key(*account)).count();
        if accused > 0 {
            say(&format!("| {seed} | {} | *honest: {kind}* | {accused} of {} accused | | | |", way.name, all.len()));
        }
        rows.push(json!({ "seed": seed, "way": way.name, "honest": kind, "accounts": all.len(), "accused": accused }));
    }
    Ok(rows)
}
