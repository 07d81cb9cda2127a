//! `cargo xtask bench calibration`: do the numbers that Stillwatch states hold?
//!
//! Three promises: of what is discovered at a rate, at most that share is false; of campaigns stated with a confidence,
//! about that share is true; a group that is nothing but honest accounts has an e-value of one on average, at most.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::Texts;
use crate::bench::options::Traffic;
use crate::bench::options::at;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::bench::world::Found;
use crate::bench::world::Made;
use crate::bench::world::Recipe;
use crate::run::note;
use crate::run::say;
use crate::run::scratch;

const RATES: [f64; 3] = [0.01, 0.05, 0.10];
/// Width of a bin of confidence.
const BIN: f64 = 10.0;

/// Do stated error rates, confidence and e-values hold against the truth?
///
/// Hunts worlds of many seeds at several rates. Of what is discovered at a rate, at most that share should be false; of
/// campaigns stated with a confidence, about that share should be true; groups of honest accounts should have an e-value
/// of at most one on average. docs/baselines.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench calibration --world demo --seeds 20 --fdr 0.01,0.05")]
pub struct Arguments {
    /// Name of a world, or path of its file
    #[arg(long, value_name = "NAME", default_value = "standard")]
    world: String,
    /// Number of seeds
    #[arg(long, value_name = "N", default_value_t = 100)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Rates of false discovery, with commas between them
    #[arg(long, value_name = "F,F", value_delimiter = ',', default_values_t = RATES)]
    fdr: Vec<f64>,
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// What all hunts at one rate gave.
#[derive(Default)]
struct Rate {
    /// False share of what was discovered, one a seed; zero where nothing was.
    proportions: Vec<f64>,
    discovered: u64,
    discovered_false: u64,
    suspected: u64,
    suspected_false: u64,
    /// By bin of confidence: campaigns, true ones, and the sum of confidences.
    bins: BTreeMap<u64, (u64, u64, f64)>,
    honest_groups: Vec<Group>,
}

/// A tested group of honest accounts alone.
struct Group {
    formed_by: String,
    /// The kind that most of its accounts are of.
    kind: String,
    e_value: f64,
}

/// Hunts worlds of many seeds at several rates and compares what is stated with what is true.
pub fn calibration(arguments: &Arguments) -> Result<(), String> {
    let Arguments { world, seeds, first, fdr, traffic, texts, program, figures } = arguments;
    let stillwatch = program.path()?;
    let recipe = Recipe::new(world).with_traffic(traffic).with_texts(texts);
    let mut all: Vec<(f64, Rate)> = fdr.iter().map(|rate| (*rate, Rate::default())).collect();
    for seed in *first..first + seeds {
        let folder = scratch("calibration")?;
        let made = recipe.make(&stillwatch, seed, &folder.join("world"))?;
        for (rate, sums) in &mut all {
            let found = made.hunt(&stillwatch, &folder.join("found"), &["--fdr", &rate.to_string()])?;
            sums.add(&made, &found)?;
        }
        note(&format!("{world}, seed {seed}, {seeds} in all"));
    }
    print(&all);
    let list: Vec<Value> = all.iter().map(|(rate, sums)| sums.json(*rate)).collect();
    figures.write(&json!({ "command": command(), "world": world, "first_seed": first, "seeds": seeds, "rates": list }))
}

/// How many of a group's accounts are hostile, and how many it has.
fn hostile(group: &Value, names: &HashSet<&str>) -> (usize, usize) {
    let accounts = group.get("accounts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    (accounts.iter().filter_map(Value::as_str).filter(|name| names.contains(name)).count(), accounts.len())
}

/// The kind that most of a group's accounts are of; the first by name of equals.
fn most(group: &Value, kinds: &HashMap<&str, &str>) -> String {
    let accounts = group.get("accounts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in accounts.iter().filter_map(Value::as_str).map(|name| kinds.get(name).copied().unwrap_or("unknown")) {
        *counts.entry(kind).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(kind, _)| kind.to_owned()).unwrap_or_default()
}

impl Rate {
    fn add(&mut self, made: &Made, found: &Found) -> Result<(), String> {
        let names: HashSet<&str> =
            made.truth.campaigns.iter().flat_map(|one| &one.accounts).map(String::as_str).collect();
        let (mut discovered, mut wrong) = (0, 0);
        for campaign in found.campaigns()? {
            let (right, all) = hostile(&campaign, &names);
            let is_true = right > 0 && 2 * right >= all;
            if campaign.get("status").and_then(Value::as_str) == Some("discovered") {
                discovered += 1;
                wrong += u64::from(!is_true);
            } else {
                self.suspected += 1;
                self.suspected_false += u64::from(!is_true);
            }
            let confidence = at(&campaign, "/confidence");
            let bin = self.bins.entry((confidence / BIN).min(9.0) as u64).or_default();
            *bin = (bin.0 + 1, bin.1 + u64::from(is_true), bin.2 + confidence);
        }
        self.discovered += discovered;
        self.discovered_false += wrong;
        self.proportions.push(wrong as f64 / discovered.max(1) as f64);
        let kinds = made.truth.kinds();
        for group in found.lines("groups.jsonl")? {
            if hostile(&group, &names).0 == 0 {
                let formed_by = group.get("formed_by").and_then(Value::as_str).unwrap_or("unknown").to_owned();
                let kind = most(&group, &kinds);
                self.honest_groups.push(Group { formed_by, kind, e_value: at(&group, "/e_value") });
            }
        }
        Ok(())
    }

    /// Mean false discovery proportion over the seeds, and its standard error.
    fn realised(&self) -> (f64, f64) {
        let count = self.proportions.len().max(1) as f64;
        let mean = self.proportions.iter().sum::<f64>() / count;
        let variance = self.proportions.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
        (mean, (variance / count).sqrt())
    }

    fn json(&self, rate: f64) -> Value {
        let (mean, error) = self.realised();
        let bins: Vec<Value> = self
            .bins
            .iter()
            .map(|(bin, (all, right, sum))| {
                json!({ "from": *bin as f64 * BIN, "campaigns": all, "true": right, "stated": sum / *all as f64 })
            })
            .collect();
        let list = |name: fn(&Group) -> &str| -> Vec<Value> {
            let figures = e_values(&self.honest_groups, name).into_iter();
            let row = |(name, e): (String, EValues)| {
                json!({ "name": name, "groups": e.groups, "mean_e_value": e.mean, "largest": e.largest,
                        "at_least_20": e.over_20 })
            };
            figures.map(row).collect()
        };
        json!({
            "fdr": rate, "realised": mean, "standard_error": error, "discovered": self.discovered,
            "discovered_false": self.discovered_false, "suspected": self.suspected,
            "suspected_false": self.suspected_false, "reliability": bins, "honest_groups": list(|group| &group.formed_by),
            "honest_groups_by_kind": list(|group| &group.kind),
        })
    }
}

/// E-values of groups of one origin.
struct EValues {
    groups: usize,
    mean: f64,
    largest: f64,
    over_20: usize,
}

/// Figures for each name that groups have, and for all of them.
fn e_values(groups: &[Group], name: fn(&Group) -> &str) -> Vec<(String, EValues)> {
    let mut kinds: Vec<&str> = groups.iter().map(name).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of = |kind: &str, wanted: &dyn Fn(&Group) -> bool| {
        let values: Vec<f64> = groups.iter().filter(|group| wanted(group)).map(|group| group.e_value).collect();
        let figures = EValues {
            groups: values.len(),
            mean: values.iter().sum::<f64>() / values.len().max(1) as f64,
            largest: values.iter().copied().fold(0.0, f64::max),
            over_20: values.iter().filter(|value| **value >= 20.0).count(),
        };
        (kind.to_owned(), figures)
    };
    let each = kinds.iter().map(|kind| of(kind, &|group: &Group| name(group) == *kind));
    each.chain([of("all", &|_| true)]).collect()
}

fn print(all: &[(f64, Rate)]) {
    say("\nFalse discovery proportion: mean over seeds ± standard error.\n");
    let mut table = Table::new(["target", "realised", "false of discovered", "false of suspected"]);
    for (rate, sums) in all {
        let (mean, error) = sums.realised();
        table.row([
            format!("{rate}"),
            format!("{mean:.4} ± {error:.4}"),
            format!("{} of {}", sums.discovered_false, sums.discovered),
            format!("{} of {}", sums.suspected_false, sums.suspected),
        ]);
    }
    say(&table.text());
    let Some((rate, sums)) = all.first() else { return };
    say(&format!("Stated confidence against truth, of all campaigns at --fdr {rate}.\n"));
    let mut table = Table::new(["confidence", "campaigns", "mean stated", "truly campaigns"]);
    for (bin, (count, right, stated)) in &sums.bins {
        let from = *bin as f64 * BIN;
        table.row([
            format!("{from:.0} to {:.0}", from + BIN),
            count.to_string(),
            format!("{:.1}", stated / *count as f64),
            format!("{:.1} %", 100.0 * *right as f64 / *count as f64),
        ]);
    }
    say(&table.text());
    say("E-values of tested groups without a hostile account (their mean should not be above 1).\n");
    print_groups("formed by", e_values(&sums.honest_groups, |group| &group.formed_by));
    print_groups("mostly of", e_values(&sums.honest_groups, |group| &group.kind));
}

fn print_groups(head: &str, figures: Vec<(String, EValues)>) {
    let mut table = Table::new([head, "groups", "mean", "largest", "at least 20"]);
    for (name, EValues { groups, mean, largest, over_20 }) in figures {
        table.row([name, groups.to_string(), format!("{mean:.3}"), format!("{largest:.1}"), over_20.to_string()]);
    }
    say(&table.text());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_rates_and_e_values() {
        let rate = Rate { proportions: vec![0.0, 0.0, 0.0, 1.0], ..Rate::default() };
        assert_eq!(rate.realised(), (0.25, 0.25));
        let group = |kind: &str, e_value| Group { formed_by: kind.to_owned(), kind: String::new(), e_value };
        let figures = e_values(&[group("identity", 0.5), group("identity", 30.0), group("content", 1.0)], |group| {
            &group.formed_by
        });
        let names: Vec<&str> = figures.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["content", "identity", "all"]);
        assert_eq!((figures[2].1.groups, figures[2].1.over_20, figures[2].1.mean), (3, 1, 10.5));
    }

    #[test]
    fn hostile_accounts_are_counted() {
        let names = HashSet::from(["a", "b"]);
        assert_eq!(hostile(&json!({ "accounts": ["a", "x", "b"] }), &names), (2, 3));
        assert_eq!(hostile(&json!({}), &names), (0, 0));
        let kinds = HashMap::from([("x", "class"), ("y", "class"), ("z", "agency")]);
        assert_eq!(most(&json!({ "accounts": ["z", "x", "y"] }), &kinds), "class");
    }
}
