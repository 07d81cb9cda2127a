//! `cargo xtask bench window`: the window protocol on texts that the user gives.

use std::path::PathBuf;

use baselines::Hashed;
use baselines::Precomputed;
use baselines::window;
use baselines::window::Cell;
use baselines::window::Pool;
use baselines::window::Protocol;
use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::run::note;
use crate::run::say;

/// As many dimensions as bge-small has.
const DIMS: usize = 384;

/// Is a window of texts benign, or is part of it an attacker's?
///
/// Runs a published window protocol on texts of yours, with its distance test and with a sparse one, at equal rates of
/// false alarms. Files are .json, .jsonl or .csv. docs/baselines.md shows the rows.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: cargo xtask bench window --benign chat=chat.jsonl --attack maths=gsm8k.jsonl --sizes 100,500"
)]
pub struct Arguments {
    /// Benign texts; may be given more than once
    #[arg(long, value_name = "NAME=FILE[:FIELD]", required = true)]
    benign: Vec<String>,
    /// An attacker's texts; may be given more than once
    #[arg(long, value_name = "NAME=FILE[:FIELD]", required = true)]
    attack: Vec<String>,
    /// Benign texts that the reference does not hold; may be given more than once
    #[arg(long, value_name = "NAME=FILE")]
    stranger: Vec<String>,
    /// Sizes of windows in texts, with commas between them
    #[arg(long, value_name = "W,W", value_delimiter = ',', default_values_t = Protocol::default().sizes)]
    sizes: Vec<usize>,
    /// Shares of attackers' texts, with commas between them
    #[arg(long, value_name = "F,F", value_delimiter = ',', default_values_t = Protocol::default().shares)]
    shares: Vec<f64>,
    /// Windows of each condition
    #[arg(long, value_name = "N", default_value_t = Protocol::default().windows)]
    windows: usize,
    /// Seeds of the splits, with commas between them
    #[arg(long, value_name = "S,S", value_delimiter = ',', default_values_t = Protocol::default().seeds)]
    seeds: Vec<u64>,
    /// Most texts that are taken of a benign pool
    #[arg(long, value_name = "N", default_value_t = Protocol::default().cap_benign)]
    cap: usize,
    /// Vectors of the texts, computed elsewhere [default: hashed words]
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// Show each part of the sparse test alone
    #[arg(long)]
    parts: bool,
    #[command(flatten)]
    figures: Figures,
}

/// Runs the protocol for every benign pool against every attacker's, and prints rates by size and method.
pub fn window(arguments: &Arguments) -> Result<(), String> {
    let protocol = Protocol {
        sizes: arguments.sizes.clone(),
        shares: arguments.shares.clone(),
        windows: arguments.windows,
        seeds: arguments.seeds.clone(),
        cap_benign: arguments.cap,
        ..Protocol::default()
    };
    let benign = pools(&arguments.benign)?;
    let (attack, strangers) = (pools(&arguments.attack)?, pools(&arguments.stranger)?);
    let mut cells = Vec::new();
    for pool in &benign {
        let others: Vec<(Pool, bool)> = attack
            .iter()
            .map(|other| (other.clone(), false))
            .chain(strangers.iter().chain(&benign).filter(|other| other.name != pool.name).map(|o| (o.clone(), true)))
            .collect();
        let result = match &arguments.vectors {
            Some(path) => {
                let vectors = Precomputed::read(path).map_err(|error| error.to_string())?;
                window::run(pool, &others, &protocol, &vectors, &mut |text| note(text))
            }
            None => window::run(pool, &others, &protocol, &Hashed::new(DIMS), &mut |text| note(text)),
        };
        let here = result.map_err(|error| error.to_string())?;
        say(&format!("\n## benign: {} ({} texts)", pool.name, pool.len()));
        print(&here, &protocol, arguments.parts);
        cells.extend(here);
    }
    let sizes = |pools: &[Pool]| pools.iter().map(|pool| (pool.name.clone(), json!(pool.len()))).collect::<Value>();
    let value = json!({
        "command": command(),
        "texts": { "benign": sizes(&benign), "attack": sizes(&attack), "strangers": sizes(&strangers) },
        "cells": cells,
    });
    arguments.figures.write(&value)
}

/// Reads the pools that an option names.
fn pools(named: &[String]) -> Result<Vec<Pool>, String> {
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    Pool::read_all(&named).map_err(|error| error.to_string())
}

/// Share of windows that were flagged, over the cells that are wanted; `None` if there is none.
fn rate<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<f64> {
    let (windows, flagged) = cells.fold((0, 0), |sum, cell| (sum.0 + cell.windows, sum.1 + cell.flagged));
    (windows > 0).then(|| flagged as f64 / windows as f64)
}

fn shown(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.3}"))
}

fn print(cells: &[Cell], protocol: &Protocol, parts: bool) {
    let mut methods: Vec<&str> = Vec::new();
    for cell in cells {
        if !methods.contains(&cell.method.as_str()) && (parts || !cell.method.contains("alone")) {
            methods.push(&cell.method);
        }
    }
    for stranger in [false, true] {
        let wanted = |cell: &&Cell| cell.stranger == stranger || cell.share == 0.0;
        let here: Vec<&Cell> = cells.iter().filter(wanted).collect();
        if here.iter().all(|cell| cell.share == 0.0) {
            continue;
        }
        say(if stranger { "\nUnseen benign sources mixed in (false alarms):\n" } else { "\nAttackers mixed in:\n" });
        say(&rates(&here, &methods, protocol));
        say(if stranger { "By source, at 25 % of the window:\n" } else { "By attacker, at 5 % of the window:\n" });
        say(&by_source(&here, &methods, if stranger { 0.25 } else { 0.05 }));
    }
}

/// Rates by size and method over all pools and seeds.
fn rates(cells: &[&Cell], methods: &[&str], protocol: &Protocol) -> String {
    let shares = protocol.shares.iter().map(|share| format!("{:.0} %", share * 100.0));
    let head = ["method", "W", "benign"].into_iter().map(str::to_owned).chain(shares);
    let mut table = Table::new(head.chain(["average", "balanced"].map(str::to_owned)));
    for method in methods {
        for size in &protocol.sizes {
            let own = || cells.iter().copied().filter(|cell| cell.method == *method && cell.size == *size);
            let Some(benign) = rate(own().filter(|cell| cell.share == 0.0)) else { continue };
            let found: Vec<Option<f64>> =
                protocol.shares.iter().map(|share| rate(own().filter(|cell| cell.share == *share))).collect();
            let average = found.iter().flatten().sum::<f64>() / found.iter().flatten().count().max(1) as f64;
            let mut row = vec![(*method).to_owned(), size.to_string(), format!("{benign:.3}")];
            row.extend(found.into_iter().map(shown));
            row.extend([format!("{average:.3}"), format!("{:.3}", f64::midpoint(average, 1.0 - benign))]);
            table.row(row);
        }
    }
    table.text()
}

/// Rates of each pool at one share, by method and size.
fn by_source(cells: &[&Cell], methods: &[&str], share: f64) -> String {
    let mut sources: Vec<&str> = Vec::new();
    let mut sizes: Vec<usize> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.share == share) {
        if !sources.contains(&cell.other.as_str()) {
            sources.push(&cell.other);
        }
        if !sizes.contains(&cell.size) {
            sizes.push(cell.size);
        }
    }
    let mut table = Table::new(["method", "W"].into_iter().chain(sources.iter().copied()));
    for method in methods {
        for size in &sizes {
            let own = |source: &str| {
                rate(cells.iter().copied().filter(|cell| {
                    cell.method == *method && cell.size == *size && cell.share == share && cell.other == source
                }))
            };
            let found = sources.iter().map(|source| shown(own(source)));
            table.row([(*method).to_owned(), size.to_string()].into_iter().chain(found));
        }
    }
    table.text()
}
