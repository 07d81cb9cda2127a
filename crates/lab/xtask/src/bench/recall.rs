//! `cargo xtask bench recall`: what was found and what was wrongly found, seed by seed.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use serde_json::Value;

use crate::bench::options::Program;
use crate::bench::options::Settings;
use crate::bench::options::Texts;
use crate::bench::options::Traffic;
use crate::bench::options::at;
use crate::bench::world::Recipe;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// What is found, and who is wrongly found, over seeds?
///
/// Makes and hunts a world of each seed, scores it, and prints a row a seed and a row a level. docs/results.md shows the
/// rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench recall --world yardstick --first 161 --seeds 3")]
pub struct Arguments {
    /// Name of a world, or path of its file
    #[arg(long, value_name = "NAME", default_value = "standard")]
    world: String,
    /// Number of seeds
    #[arg(long, value_name = "N", default_value_t = 20)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    program: Program,
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
        Self::by_level(score).into_iter().for_each(|(_, level)| tally.add(level));
        let kinds = score.get("benign").and_then(Value::as_array).cloned().unwrap_or_default();
        tally.honest = kinds.iter().map(|kind| at(kind, "/accounts")).sum();
        tally
    }

    /// The campaigns alone, each with its level and its cover where the world varies that.
    fn by_level(score: &Value) -> Vec<(String, Self)> {
        let campaigns = score.get("campaigns").and_then(Value::as_array).cloned().unwrap_or_default();
        let several = campaigns.iter().filter(|campaign| at(campaign, "/accounts") > 1.0);
        let text = |campaign: &Value, name: &str| campaign.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        several
            .map(|campaign| {
                let tally = Self {
                    campaigns: 1.0,
                    found: f64::from(u8::from(campaign.get("found_as").is_some_and(Value::is_string))),
                    hostile: at(campaign, "/accounts"),
                    reached: at(campaign, "/implicated"),
                    ..Self::default()
                };
                (format!("{} {}", text(campaign, "level"), text(campaign, "name")), tally)
            })
            .collect()
    }

    fn recall(&self) -> String {
        if self.hostile > 0.0 { format!("{:.3}", self.reached / self.hostile) } else { "–".to_owned() }
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
        format!(
            "| {name} | {} of {} | {} | {} of {} | {} | {} |",
            self.found,
            self.campaigns,
            self.recall(),
            self.wronged,
            self.honest,
            self.discovered_false,
            self.suspected_false
        )
    }
}

/// What was found and what was wrongly found, seed by seed.
pub fn recall(arguments: &Arguments) -> Result<(), String> {
    let Arguments { world, seeds, first, traffic, texts, settings, program } = arguments;
    let stillwatch = program.path()?;
    let recipe = Recipe::new(world).with_traffic(traffic).with_texts(texts).with_settings(settings);
    say("\n| seed | campaigns found | account recall | wrongly implicated | false discoveries | false suspicions |");
    say("|---|---|---|---|---|---|");
    let mut all = Tally::default();
    let mut levels: BTreeMap<String, Tally> = BTreeMap::new();
    for seed in *first..first + seeds {
        let folder = scratch("recall")?;
        let path = |name: &str| folder.join(name).display().to_string();
        let (place, results) = (path("world"), path("found"));
        let made = recipe.make(&stillwatch, seed, place.as_ref())?;
        let (log, accounts) = (format!("{place}/exchanges.jsonl.zst"), format!("{place}/accounts.jsonl"));
        let mut hunt = vec!["hunt", &log, "--accounts", &accounts, "--out", &results, "--quiet"];
        let actions = format!("{place}/actions.jsonl");
        if Path::new(&actions).is_file() {
            hunt.extend(["--actions", &actions]);
        }
        output(&stillwatch, &hunt)?;
        let score = made.score(&stillwatch, results.as_ref())?;
        let tally = Tally::of(&score);
        say(&tally.row(&seed.to_string()));
        all.add(tally);
        for (level, tally) in Tally::by_level(&score) {
            levels.entry(level).or_default().add(tally);
        }
    }
    say(&all.row("all"));
    say("\n| level | campaigns found | account recall |");
    say("|---|---|---|");
    for (level, tally) in levels {
        say(&format!("| {level} | {} of {} | {} |", tally.found, tally.campaigns, tally.recall()));
    }
    Ok(())
}
