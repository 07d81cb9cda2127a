//! `cargo xtask bench decide`: how long a decision takes.

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::at;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::run::output;
use crate::run::run;
use crate::run::say;
use crate::run::target;

/// How long does a decision take, with a million accounts and ten thousand campaigns in memory?
///
/// Builds the example `decide` of the crate `policy`, with all shipped rules live, and shows its figures.
/// docs/performance.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench decide --json decide.json")]
pub struct Arguments {
    /// Program to measure [default: a release build of this checkout's example]
    #[arg(long, value_name = "PATH")]
    binary: Option<String>,
    /// Accounts in the snapshot
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    accounts: usize,
    /// Campaigns in the snapshot
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    campaigns: usize,
    /// Decisions of each thread
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    decisions: usize,
    #[command(flatten)]
    figures: Figures,
}

/// How long a decision takes.
pub fn decide(arguments: &Arguments) -> Result<(), String> {
    let program = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => {
            let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
            run(&cargo, &["build", "--release", "--package", "policy", "--example", "decide", "--locked"])?;
            target().join("release").join("examples").join("decide").display().to_string()
        }
    };
    let numbers = [arguments.accounts, arguments.campaigns, arguments.decisions].map(|number| number.to_string());
    let text = output(&program, &numbers)?;
    let mut measured: Value = serde_json::from_str(&text).map_err(|error| format!("{program}: {error}"))?;
    let mut table =
        Table::new(["decisions", "threads", "p50 µs", "p99 µs", "p99.9 µs", "largest µs", "decisions a second"]);
    for row in measured.get("rows").and_then(Value::as_array).into_iter().flatten() {
        let figure = |name: &str| format!("{:.2}", at(row, name));
        table.row([
            row.get("what").and_then(Value::as_str).unwrap_or_default().to_owned(),
            format!("{}", at(row, "/threads")),
            figure("/p50_us"),
            figure("/p99_us"),
            figure("/p999_us"),
            figure("/largest_us"),
            format!("{:.0}", at(row, "/decisions_per_s")),
        ]);
    }
    say(&format!("\n{}", table.text()));
    say(&format!(
        "{} accounts, {} campaigns, {} rules; a snapshot of {:.1} MB, built in {:.1} s and loaded in {:.1} s",
        at(&measured, "/accounts"),
        at(&measured, "/campaigns"),
        at(&measured, "/rules"),
        at(&measured, "/snapshot_bytes") / 1e6,
        at(&measured, "/seconds_to_build"),
        at(&measured, "/seconds_to_load"),
    ));
    if let Some(fields) = measured.as_object_mut() {
        let commit = output("git", &["rev-parse", "HEAD"]).unwrap_or_default();
        fields.insert("commit".to_owned(), json!(commit.trim()));
        fields.insert("cores".to_owned(), json!(std::thread::available_parallelism().map_or(0, usize::from)));
        fields.insert("command".to_owned(), json!(command()));
    }
    arguments.figures.write(&measured)
}
