//! `cargo xtask bench live`: a world played through the gate, and what was served before each campaign was stopped.

use std::fs;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::at;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::run::run;
use crate::run::say;
use crate::run::scratch;

/// How much of a campaign is served before it is contained, and who else is refused?
///
/// The world is played through the gate at many times its speed, with the rules on campaigns live and the live engine sweeping beside it.
/// Hours are those of the world, from a campaign's first request. docs/results.md shows the rows.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: cargo xtask bench live --json live.json\n         cargo xtask bench live --seeds 11,12 --scale 0.1"
)]
pub struct Arguments {
    /// The world
    #[arg(long, value_name = "FILE|NAME", default_value = "live")]
    world: String,
    /// Seeds, a run each
    #[arg(long, value_name = "N,N", default_value = "11", value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Multiplies the numbers of accounts of the world
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    scale: f64,
    /// How many times as fast as it is time runs
    #[arg(long, value_name = "N", default_value_t = 1000)]
    speed: u32,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// Plays the world once for each seed.
pub fn live(arguments: &Arguments) -> Result<(), String> {
    let binary = arguments.program.path()?;
    let folder = scratch("live")?;
    let file = folder.join("played.json");
    let mut rows = Vec::new();
    for seed in &arguments.seeds {
        let (out, json) = (folder.join("world").display().to_string(), file.display().to_string());
        let (number, scale, speed) = (seed.to_string(), arguments.scale.to_string(), arguments.speed.to_string());
        let mut options = vec!["up", "--demo", "--exit-after", "--world", &arguments.world, "--seed", &number];
        options.extend(["--scale", &scale, "--speed", &speed, "--out", &out, "--json", &json]);
        run(&binary, &options)?;
        let read = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut row: Value = serde_json::from_slice(&read).map_err(|error| format!("{}: {error}", file.display()))?;
        if let Some(row) = row.as_object_mut() {
            row.insert("seed".to_owned(), json!(seed));
        }
        rows.push(row);
        // Worlds of full size are large.
        let _ = fs::remove_dir_all(folder.join("world"));
    }
    say(&table(&rows));
    let first = rows.first().cloned().unwrap_or_default();
    let (world, scale, speed) = (&arguments.world, arguments.scale, arguments.speed);
    let mut figures = json!({ "command": command(), "world": world, "scale": scale, "speed": speed, "runs": rows });
    // The first run's figures stand at the top too, by the names of the contract.
    if let (Some(figures), Some(first)) = (figures.as_object_mut(), first.as_object()) {
        figures.extend(
            first.iter().filter(|(_, value)| !value.is_array()).map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    arguments.figures.write(&figures)
}

fn table(rows: &[Value]) -> String {
    let mut table = Table::new([
        "seed",
        "campaign",
        "level",
        "accounts",
        "served",
        "suspected h",
        "discovered h",
        "contained h",
        "others refused",
    ]);
    for row in rows {
        let others = format!("{:.0} of {:.0}", at(row, "/honest_refused"), at(row, "/honest_requests"));
        for one in row["campaigns"].as_array().into_iter().flatten() {
            let hours =
                |name: &str| one[name].as_f64().map_or("–".to_owned(), |seconds| format!("{:.1}", seconds / 3600.0));
            let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            table.row([
                at(row, "/seed").to_string(),
                text("name"),
                text("level"),
                at(one, "/accounts").to_string(),
                format!("{:.1} %", 100.0 * at(one, "/served") / at(one, "/requests").max(1.0)),
                hours("seconds_to_suspected"),
                hours("seconds_to_discovered"),
                hours("seconds_to_contained"),
                others.clone(),
            ]);
        }
    }
    table.text()
}
