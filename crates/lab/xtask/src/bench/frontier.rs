//! `cargo xtask bench frontier`: how small, how quiet and how well covered a campaign must be not to be found.
//!
//! Each point is a world of which every campaign has these figures. There is no `--scale`: it would change the number
//! of accounts that the point is about.

use baselines::Log;
use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::Settings;
use crate::bench::options::Texts;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::bench::world::Recipe;
use crate::run::note;
use crate::run::say;
use crate::run::scratch;

const COVERS: [f64; 5] = [0.0, 0.5, 0.8, 0.9, 0.95];
const EXCHANGES: [f64; 4] = [10.0, 20.0, 40.0, 80.0];
const ACCOUNTS: [f64; 4] = [10.0, 30.0, 100.0, 300.0];
/// Below this recall a cell lies beyond the frontier.
const BEYOND: f64 = 0.5;

/// How small, how quiet and how well covered must a campaign be not to be found?
///
/// Sweeps cover, exchanges an account and accounts a campaign, hunts each world, and prints the share of hostile accounts
/// that was implicated. docs/baselines.md and docs/results.md show the rows.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: cargo xtask bench frontier --world t2 --cover 0,0.5 --exchanges 10,40 --accounts 10,100"
)]
pub struct Arguments {
    /// Name of a world, or path of its file
    #[arg(long, value_name = "NAME", default_value = "frontier")]
    world: String,
    /// Number of seeds
    #[arg(long, value_name = "N", default_value_t = 1)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Shares of cover traffic, with commas between them
    #[arg(long, value_name = "F,F", value_delimiter = ',', default_values_t = COVERS)]
    cover: Vec<f64>,
    /// Exchanges an account, with commas between them
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = EXCHANGES)]
    exchanges: Vec<f64>,
    /// Accounts a campaign, with commas between them
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = ACCOUNTS)]
    accounts: Vec<f64>,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// One point of the sweep, over all seeds and campaigns.
#[derive(Default, Clone)]
struct Cell {
    cover: f64,
    exchanges: f64,
    accounts: f64,
    campaigns: u64,
    found: u64,
    suspected: u64,
    hostile: u64,
    reached: u64,
    wronged: u64,
}

impl Cell {
    fn recall(&self) -> f64 {
        self.reached as f64 / self.hostile.max(1) as f64
    }

    fn json(&self) -> Value {
        json!({
            "cover": self.cover, "exchanges": self.exchanges, "accounts": self.accounts,
            "campaigns": self.campaigns, "found": self.found, "found_or_suspected": self.suspected,
            "hostile": self.hostile, "implicated": self.reached, "recall": self.recall(),
            "wronged": self.wronged, "beyond": self.recall() < BEYOND,
        })
    }
}

/// Sweeps cover, exchanges an account and accounts a campaign, hunts each world, and prints recall.
pub fn frontier(arguments: &Arguments) -> Result<(), String> {
    let Arguments { world, seeds, first, cover: covers, exchanges, accounts, .. } = arguments;
    let stillwatch = arguments.program.path()?;
    let mut cells = Vec::new();
    for pool in accounts {
        for each in exchanges {
            for cover in covers {
                let mut cell = Cell { cover: *cover, exchanges: *each, accounts: *pool, ..Cell::default() };
                for seed in *first..first + seeds {
                    let recipe = Recipe::new(world).with_texts(&arguments.texts).with_settings(&arguments.settings);
                    measure(&mut cell, recipe, &stillwatch, seed)?;
                }
                note(&format!("{pool} accounts of {each} exchanges, cover {cover}: recall {:.2}", cell.recall()));
                cells.push(cell);
            }
        }
    }
    print(&cells, covers);
    let list: Vec<Value> = cells.iter().map(Cell::json).collect();
    arguments
        .figures
        .write(&json!({ "command": command(), "world": world, "first_seed": first, "seeds": seeds, "cells": list }))
}

fn measure(cell: &mut Cell, recipe: Recipe, stillwatch: &str, seed: u64) -> Result<(), String> {
    // A fifth around the middle, so that volume alone does not tell the accounts.
    let (low, high) = ((cell.exchanges * 0.8).round().max(1.0), (cell.exchanges * 1.2).round().max(1.0));
    let recipe = recipe
        .set("cover", &format!("{:?}", cell.cover))
        .set("exchanges", &format!("[{low}, {high}]"))
        .set("accounts", &format!("{}", cell.accounts));
    let folder = scratch("frontier")?;
    let made = recipe.make(stillwatch, seed, &folder.join("world"))?;
    let log = Log::read(&made.exchanges(), &made.accounts()).map_err(|error| error.to_string())?;
    let found = made.hunt(stillwatch, &folder.join("found"), &[])?;
    let scored = |statuses: &[&str]| -> Result<baselines::Score, String> {
        let outcome = found.outcome(&log, statuses, "implicated", 0)?;
        Ok(baselines::score(&log, &made.truth, &outcome, false))
    };
    let (discovered, both) = (scored(&["discovered"])?, scored(&["discovered", "suspected"])?);
    cell.campaigns += discovered.campaigns.len() as u64;
    cell.found += discovered.found();
    cell.suspected += both.found();
    cell.hostile += discovered.hostile;
    cell.reached += discovered.reached;
    cell.wronged += discovered.wronged;
    Ok(())
}

fn print(cells: &[Cell], covers: &[f64]) {
    say("Share of hostile accounts implicated (campaigns discovered / discovered or suspected, of all).");
    say(&format!("Cells below {BEYOND} are marked *: they lie beyond the frontier.\n"));
    let head = ["accounts", "exchanges each"].into_iter().map(str::to_owned);
    let mut table = Table::new(head.chain(covers.iter().map(|cover| format!("cover {:.0} %", cover * 100.0))));
    for row in cells.chunk_by(|a, b| (a.accounts, a.exchanges) == (b.accounts, b.exchanges)) {
        let Some(first) = row.first() else { continue };
        let shown = row.iter().map(|cell| {
            let mark = if cell.recall() < BEYOND { "*" } else { "" };
            format!("{:.2}{mark} ({}/{} of {})", cell.recall(), cell.found, cell.suspected, cell.campaigns)
        });
        table.row([first.accounts.to_string(), first.exchanges.to_string()].into_iter().chain(shown));
    }
    say(&table.text());
    let wronged: u64 = cells.iter().map(|cell| cell.wronged).sum();
    say(&format!("Honest accounts implicated over the whole sweep: {wronged}"));
}
