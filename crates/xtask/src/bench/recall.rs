//! `cargo xtask bench recall`: what was found and what was wrongly found, seed by seed.

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
