//! `cargo xtask bench attribution`: how often who is named runs the pool, and how often nobody is.

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::at;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::bench::table::percent;
use crate::run::output;
use crate::run::run;
use crate::run::say;
use crate::run::target;

/// Is who is named the one who runs the pool?
///
/// Builds the example `worlds` of the crate `attribution` and shows its figures: worlds with three invented organisations, of
/// which one or two run a pool or none does, and one may be framed. docs/attribution.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench attribution --seeds 200 --json attribution.json")]
pub struct Arguments {
    /// Program to measure [default: a release build of this checkout's example]
    #[arg(long, value_name = "PATH")]
    binary: Option<String>,
    /// Number of seeds, each with five stories
    #[arg(long, value_name = "N", default_value_t = 200)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Honest accounts to compare with: 690 times this
    #[arg(long, value_name = "N", default_value_t = 4)]
    scale: u64,
    #[command(flatten)]
    figures: Figures,
}

/// How often who is named runs the pool.
pub fn attribution(arguments: &Arguments) -> Result<(), String> {
    let program = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => {
            let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
            run(&cargo, &["build", "--release", "--package", "attribution", "--example", "worlds", "--locked"])?;
            target().join("release").join("examples").join("worlds").display().to_string()
        }
    };
    let text =
        output(&program, &[arguments.seeds.to_string(), arguments.first.to_string(), arguments.scale.to_string()])?;
    let mut measured: Value = serde_json::from_str(&text).map_err(|error| format!("{program}: {error}"))?;
    print(&measured);
    if let Some(fields) = measured.as_object_mut() {
        let commit = output("git", &["rev-parse", "HEAD"]).unwrap_or_default();
        fields.insert("commit".to_owned(), json!(commit.trim()));
        fields.insert("cores".to_owned(), json!(std::thread::available_parallelism().map_or(0, usize::from)));
        fields.insert("command".to_owned(), json!(command()));
        fields.insert("seeds".to_owned(), json!(arguments.seeds));
    }
    arguments.figures.write(&measured)
}

fn rows<'m>(measured: &'m Value, name: &str) -> &'m [Value] {
    measured.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn print(measured: &Value) {
    let name = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut table =
        Table::new(["story", "worlds", "wrong one at likely or above", "with evidence", "named", "nobody named"]);
    for row in rows(measured, "stories") {
        let figure = |key: &str| format!("{}", at(row, key));
        let share = percent(at(row, "/evident_named"), at(row, "/evident"));
        table.row([
            name(row, "story"),
            figure("/worlds"),
            figure("/wrong_at_likely_or_above"),
            figure("/evident"),
            share,
            figure("/nobody_named"),
        ]);
    }
    say(&format!("\n{}", table.text()));
    for (list, what) in [("words", "Of all hypotheses"), ("words_without_none", "Without \"none of these\"")] {
        let mut table = Table::new(["word", "used", "true", "stated on average"]);
        for row in rows(measured, list) {
            table.row([
                name(row, "word"),
                format!("{}", at(row, "/used")),
                percent(at(row, "/true"), at(row, "/used")),
                percent(at(row, "/stated"), 1.0),
            ]);
        }
        say(&format!("{what}, how often each word was used and how often it was true.\n\n{}", table.text()));
    }
    say(&format!(
        "{} worlds; a wrong organisation at likely or above in {}; the right one named in {} of those with evidence",
        at(measured, "/worlds"),
        at(measured, "/wrong_at_likely_or_above"),
        percent(at(measured, "/right_named_share"), 1.0)
    ));
}
