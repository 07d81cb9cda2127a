//! Making worlds and hunting in them, with the binary that is measured.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

use baselines::Accusation;
use baselines::Log;
use baselines::Outcome;
use baselines::Truth;
use serde_json::Value;

use crate::bench::options::Settings;
use crate::bench::options::Texts;
use crate::bench::options::Traffic;
use crate::run::output;
use crate::run::root;

/// How worlds are made, apart from the seed: what `range generate` is told.
pub struct Recipe {
    /// Name of a world, or path of its file.
    pub world: String,
    /// Further arguments.
    pub arguments: Vec<String>,
    /// Keys of every campaign with the values of TOML that they are given.
    pub settings: Vec<(String, String)>,
}

impl Recipe {
    /// A world as its file tells it.
    pub fn new(world: &str) -> Self {
        Self { world: world.to_owned(), arguments: Vec::new(), settings: Vec::new() }
    }

    /// With so much traffic.
    pub fn with_traffic(mut self, traffic: &Traffic) -> Self {
        let scale = traffic.scale.map(|scale| scale.to_string());
        for (name, value) in [("--scale", scale.as_ref()), ("--trace", traffic.trace.as_ref())] {
            self.arguments.extend(value.into_iter().flat_map(|value| [name.to_owned(), value.clone()]));
        }
        self
    }

    /// With these texts in the place of generated ones.
    pub fn with_texts(mut self, texts: &Texts) -> Self {
        self.arguments.extend(texts.pools.iter().flat_map(|pool| ["--pool".to_owned(), pool.clone()]));
        self
    }

    /// With these keys of every campaign.
    pub fn with_settings(mut self, settings: &Settings) -> Self {
        // What has no value is handed on as it is, for the generator to refuse.
        let pair =
            |text: &String| text.split_once('=').map_or((text.clone(), String::new()), |(k, v)| (k.into(), v.into()));
        self.settings.extend(settings.settings.iter().map(pair));
        self
    }

    /// Overrides a key of every campaign.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Makes the world.
    pub fn make(&self, stillwatch: &str, seed: u64, place: &Path) -> Result<Made, String> {
        let (seed, shown) = (seed.to_string(), place.display().to_string());
        let mut words = vec!["range", "generate", "--world", &self.world, "--seed", &seed, "--out", &shown, "--quiet"];
        words.extend(self.arguments.iter().map(String::as_str));
        let pairs: Vec<String> = self.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
        words.extend(pairs.iter().flat_map(|pair| ["--set", pair]));
        output(stillwatch, &words)?;
        let mut truth = Truth::read(&place.join("truth.json")).map_err(|error| error.to_string())?;
        for campaign in &mut truth.campaigns {
            let set = self.settings.iter().rev().find(|(key, _)| key == "cover");
            campaign.cover =
                campaign.cover.or(set.and_then(|(_, value)| value.parse().ok())).or_else(|| self.cover(&campaign.name));
        }
        Ok(Made { place: place.to_owned(), truth })
    }

    /// Share of cover traffic of a campaign, from the world's file, where it can be found.
    fn cover(&self, campaign: &str) -> Option<f64> {
        let own = root().join("worlds").join(format!("{}.toml", self.world));
        let text = fs::read_to_string(&self.world).or_else(|_| fs::read_to_string(own)).ok()?;
        let world: toml::Table = text.parse().ok()?;
        let campaigns = world.get("campaign")?.as_array()?;
        let named = |one: &&toml::Value| one.get("name").and_then(toml::Value::as_str) == Some(campaign);
        campaigns.iter().find(named)?.get("cover").map_or(Some(0.0), toml::Value::as_float)
    }
}

/// A world that was made.
pub struct Made {
    /// Its folder.
    pub place: PathBuf,
    /// The truth about it.
    pub truth: Truth,
}

impl Made {
    /// Path of the exchanges.
    pub fn exchanges(&self) -> PathBuf {
        self.place.join("exchanges.jsonl.zst")
    }

    /// Path of the account records.
    pub fn accounts(&self) -> PathBuf {
        self.place.join("accounts.jsonl")
    }

    /// Hunts the world and reads what was found.
    pub fn hunt(&self, stillwatch: &str, results: &Path, further: &[&str]) -> Result<Found, String> {
        self.hunt_with(stillwatch, results, &[], further)
    }

    /// How well the results of a hunt meet the truth: what `range score` says.
    pub fn score(&self, stillwatch: &str, results: &Path) -> Result<Value, String> {
        let (truth, found) = (self.place.join("truth.json").display().to_string(), results.display().to_string());
        let text = output(stillwatch, &["range", "score", "--truth", &truth, "--found", &found, "--json"])?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    /// Hunts the world together with other logs, each with its account records.
    pub fn hunt_with(
        &self,
        stillwatch: &str,
        results: &Path,
        others: &[(&Path, &Path)],
        further: &[&str],
    ) -> Result<Found, String> {
        let shown = |path: &Path| path.display().to_string();
        let (own, accounts, out) = (self.exchanges(), self.joined(others)?, shown(results));
        let logs: Vec<String> =
            std::iter::once(own.as_path()).chain(others.iter().map(|(log, _)| *log)).map(shown).collect();
        let accounts = shown(&accounts);
        let mut words = vec!["hunt"];
        words.extend(logs.iter().map(String::as_str));
        words.extend(["--accounts", &accounts, "--out", &out, "--quiet"]);
        words.extend(further);
        let started = Instant::now();
        output(stillwatch, &words)?;
        Ok(Found { place: results.to_owned(), seconds: started.elapsed().as_secs_f64() })
    }

    /// Path of the account records with those of others behind them: a hunt takes one file of records.
    fn joined(&self, others: &[(&Path, &Path)]) -> Result<PathBuf, String> {
        if others.is_empty() {
            return Ok(self.accounts());
        }
        let mut all = String::new();
        for path in std::iter::once(self.accounts().as_path()).chain(others.iter().map(|(_, records)| *records)) {
            all += &fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        }
        let path = self.place.join("all-accounts.jsonl");
        fs::write(&path, all).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(path)
    }
}

/// What a hunt wrote.
pub struct Found {
    place: PathBuf,
    /// Seconds of wall time that the hunt took.
    pub seconds: f64,
}

impl Found {
    /// What `campaigns.json` holds.
    pub fn campaigns(&self) -> Result<Vec<Value>, String> {
        let value: Value = serde_json::from_str(&self.read("campaigns.json")?).map_err(|error| error.to_string())?;
        Ok(value.as_array().cloned().unwrap_or_default())
    }

    /// The lines of a file of JSON lines.
    pub fn lines(&self, name: &str) -> Result<Vec<Value>, String> {
        let text = self.read(name)?;
        let parse = |line: &str| serde_json::from_str(line).map_err(|error| format!("{name}: {error}"));
        text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
    }

    fn read(&self, name: &str) -> Result<String, String> {
        let path = self.place.join(name);
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    }

    /// The accusations: campaigns of these statuses and, one by one, accounts with this verdict that are in none of
    /// them. `at_us` is what all of them carry, because a finished hunt does not say when.
    pub fn outcome(&self, log: &Log, statuses: &[&str], verdict: &str, at_us: i64) -> Result<Outcome, String> {
        let is = |value: &Value, key: &str, wanted: &[&str]| {
            value.get(key).and_then(Value::as_str).is_some_and(|found| wanted.contains(&found))
        };
        let mut accusations = Vec::new();
        for campaign in self.campaigns()?.iter().filter(|campaign| is(campaign, "status", statuses)) {
            accusations.push(Accusation::new(members(log, campaign), at_us));
        }
        let held: Vec<u32> = accusations.iter().flat_map(|one: &Accusation| one.accounts.clone()).collect();
        for line in self.lines("accounts.jsonl")?.iter().filter(|line| is(line, "verdict", &[verdict])) {
            let account = line.get("account").and_then(Value::as_str).and_then(|name| log.account(name));
            accusations.extend(account.filter(|one| !held.contains(one)).map(|one| Accusation::new(vec![one], at_us)));
        }
        Ok(Outcome { setting: statuses.join(" or "), accusations })
    }
}

/// Accounts of a campaign or group, as indices of the log.
pub fn members(log: &Log, group: &Value) -> Vec<u32> {
    let names = group.get("accounts").and_then(Value::as_array).cloned().unwrap_or_default();
    names.iter().filter_map(Value::as_str).filter_map(|name| log.account(name)).collect()
}
