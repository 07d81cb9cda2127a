//! `cargo xtask bench recall`: what was found and what was wrongly found, seed by seed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::bench::options::at;
use crate::bench::options::binary;
use crate::bench::options::number;
use crate::bench::options::option;
use crate::bench::options::options_named;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

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
pub fn recall(options: &[&str]) -> Result<(), String> {
    let seeds = number(options, "--seeds", 20)?;
    let world = option(options, "--world").unwrap_or("standard");
    let stillwatch = binary(options)?;
    say("\n| seed | campaigns found | account recall | wrongly implicated | false discoveries | false suspicions |");
    say("|---|---|---|---|---|---|");
    let mut all = Tally::default();
    let mut levels: BTreeMap<String, Tally> = BTreeMap::new();
    let first = number(options, "--first", 1)?;
    for seed in first..first + seeds {
        let folder = scratch("recall")?;
        let path = |name: &str| folder.join(name).display().to_string();
        let (place, results, seed_text) = (path("world"), path("found"), seed.to_string());
        let mut make = vec!["range", "generate", "--world", world, "--seed", &seed_text, "--out", &place, "--quiet"];
        for pool in options_named(options, "--pool") {
            make.extend(["--pool", pool]);
        }
        for setting in options_named(options, "--set") {
            make.extend(["--set", setting]);
        }
        for name in ["--trace", "--scale"] {
            if let Some(value) = option(options, name) {
                make.extend([name, value]);
            }
        }
        output(&stillwatch, &make)?;
        let (log, accounts) = (format!("{place}/exchanges.jsonl.zst"), format!("{place}/accounts.jsonl"));
        let mut hunt = vec!["hunt", &log, "--accounts", &accounts, "--out", &results, "--quiet"];
        let actions = format!("{place}/actions.jsonl");
        if Path::new(&actions).is_file() {
            hunt.extend(["--actions", &actions]);
        }
        output(&stillwatch, &hunt)?;
        let truth = format!("{place}/truth.json");
        let text = output(&stillwatch, &["range", "score", "--truth", &truth, "--found", &results, "--json"])?;
        let score: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let tally = Tally::of(&score);
        say(&tally.row(&seed_text));
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
