//! `cargo xtask bench sources`: judged on texts of a source that nothing was calibrated on.
//!
//! The detectors have no trained parameters. What could leak is the calibration: who is unusual is measured on a
//! reference, and a reference that speaks the source in question makes the source usual. So every world is hunted
//! twice: on the bulk of its own log, which holds the source, and on a reference that speaks the other sources alone.
//!
//! A benign source that is held out is spoken by strangers and should change nothing. A hostile one is what a
//! campaign collects.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use baselines::sift;
use baselines::window::Pool;
use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::Traffic;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::bench::verdicts::Fate;
use crate::bench::verdicts::Verdicts;
use crate::bench::verdicts::shown;
use crate::bench::world::Made;
use crate::bench::world::Recipe;
use crate::run::note;
use crate::run::root;
use crate::run::say;
use crate::run::scratch;

/// Worlds of one seed that are hunted together or calibrate each other are made with seeds so far apart.
const STRANGERS: u64 = 2_000_000;
const REFERENCE: u64 = 3_000_000;
/// Most strangers that speak a held-out source, and the fewest texts for each of them.
const MOST: usize = 200;
const TEXTS_EACH: usize = 8;
/// Multiplies the numbers of accounts, where nothing else is asked for.
const SCALE: f64 = 0.1;
/// Conversations of a person in these worlds, about.
const CONVERSATIONS: usize = 10;
/// Accounts of a campaign, by level.
const LEVELS: [(&str, f64, &str); 3] =
    [("T1", 40.0, "templates = 2"), ("T2", 60.0, "cover = 0.5"), ("T3", 60.0, "cover = 0.3")];

/// Are strangers who speak a held-out source left alone, and is a campaign that collects one found?
///
/// Holds out one source of texts at a time and hunts each world twice: calibrated on its own log, and on a reference that
/// does not know the source. Worlds are made at a tenth of their size unless --scale says otherwise. docs/baselines.md
/// shows the rows.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: cargo xtask bench sources --benign chat=chat.jsonl --benign prompts=prompts.csv --hostile maths=gsm8k.jsonl"
)]
pub struct Arguments {
    /// Benign source of texts; give two or more
    #[arg(long, value_name = "NAME=FILE[:FIELD]", required = true)]
    benign: Vec<String>,
    /// Source of texts that a campaign collects; may be given more than once
    #[arg(long, value_name = "NAME=FILE[:FIELD]")]
    hostile: Vec<String>,
    /// Levels of the campaigns, with commas between them
    #[arg(long, value_name = "T1,T2,T3", value_delimiter = ',', default_value = "T1,T2", value_parser = ["T1", "T2", "T3"])]
    levels: Vec<String>,
    /// Number of seeds
    #[arg(long, value_name = "N", default_value_t = 1)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Name of a world, or path of its file, whose people are judged
    #[arg(long, value_name = "NAME", default_value = "benign")]
    world: String,
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// What one hunt gave of one held-out source.
struct Row {
    source: String,
    /// The level of the campaign; empty where the source is benign.
    level: String,
    seed: u64,
    calibration: &'static str,
    texts: usize,
    exchanges: usize,
    /// Those who speak or collect the source.
    fate: Fate,
    watched: usize,
    /// All other accounts, and how many of them were implicated and watched.
    others: usize,
    wronged: (usize, usize),
    /// Accounts of the reference that were implicated, although they are trusted.
    trusted: usize,
    false_campaigns: (usize, usize),
    wrongs: Vec<String>,
    groups: Value,
}

/// What is the same for all worlds of a run.
struct Bench<'a> {
    arguments: &'a Arguments,
    stillwatch: String,
    folder: PathBuf,
}

/// Holds out each source in turn, hunts, and prints who was accused.
pub fn sources(arguments: &Arguments) -> Result<(), String> {
    let Arguments { levels, seeds, first, .. } = arguments;
    let (benign, hostile) = (pools(&arguments.benign)?, pools(&arguments.hostile)?);
    if benign.len() < 2 {
        return Err("nothing is left when one source is held out (give --benign NAME=FILE twice or more)".to_owned());
    }
    let bench = Bench { arguments, stillwatch: arguments.program.path()?, folder: scratch("sources")? };
    let mut rows = Vec::new();
    for seed in *first..first + seeds {
        for held in &benign {
            let others = benign.iter().filter(|pool| pool.name != held.name);
            rows.extend(bench.strangers(held, &mixed(others), seed)?);
        }
        let (log, reference) = halves(&mixed(benign.iter()));
        let reference = bench.reference(&reference, seed)?;
        for held in &hostile {
            for level in LEVELS.into_iter().filter(|(name, ..)| levels.iter().any(|one| one == name)) {
                rows.extend(bench.campaign(held, &log, &reference, level, seed)?);
            }
        }
    }
    print(&rows);
    let list: Vec<Value> = rows.iter().map(Row::json).collect();
    arguments.figures.write(&json!({ "command": command(), "rows": list }))
}

/// Reads the sources that an option names.
fn pools(named: &[String]) -> Result<Vec<Pool>, String> {
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    Pool::read_all(&named).map_err(|error| error.to_string())
}

/// Texts of several sources, each source spread evenly over the whole.
fn mixed<'a>(pools: impl Iterator<Item = &'a Pool>) -> Vec<String> {
    let mut placed: Vec<(f64, &String)> = pools
        .flat_map(|pool| pool.texts.iter().enumerate().map(|(at, text)| (at as f64 / pool.len() as f64, text)))
        .collect();
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    placed.into_iter().map(|(_, text)| text.clone()).collect()
}

/// Every other text for the log, the rest for the reference: no text is in both.
fn halves(texts: &[String]) -> (Vec<String>, Vec<String>) {
    let half = |odd: usize| texts.iter().skip(odd).step_by(2).cloned().collect();
    (half(0), half(1))
}

/// Writes texts as a pool of conversations of so many turns.
fn write_pool(path: &Path, texts: &[String], turns: usize) -> Result<(), String> {
    let lines: String = texts.chunks(turns.max(1)).map(|item| json!({ "turns": item }).to_string() + "\n").collect();
    write(path, &lines)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

impl Bench<'_> {
    fn recipe(&self, world: &str, pools: &[(&str, &Path)]) -> Recipe {
        let traffic = Traffic { scale: Some(self.scale()), trace: self.arguments.traffic.trace.clone() };
        let mut recipe = Recipe::new(world).with_traffic(&traffic);
        for (kind, path) in pools {
            recipe.arguments.extend(["--pool".to_owned(), format!("{kind}={}", path.display())]);
        }
        recipe
    }

    fn world(&self) -> &str {
        &self.arguments.world
    }

    fn scale(&self) -> f64 {
        self.arguments.traffic.scale.unwrap_or(SCALE)
    }

    /// A world like the one that is judged, of other people and other texts of the known sources.
    fn reference(&self, texts: &[String], seed: u64) -> Result<Made, String> {
        let pool = self.folder.join("reference.jsonl");
        write_pool(&pool, texts, 2)?;
        let recipe = self.recipe(self.world(), &[("benign", &pool)]);
        recipe.make(&self.stillwatch, seed + REFERENCE, &self.fresh("reference")?)
    }

    /// A path where nothing is.
    fn fresh(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.folder.join(name);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|error| format!("cannot clear {}: {error}", path.display()))?;
        }
        Ok(path)
    }

    /// Strangers who speak a benign source beside people who speak the others.
    fn strangers(&self, held: &Pool, others: &[String], seed: u64) -> Result<Vec<Row>, String> {
        let (log, reference) = halves(others);
        let reference = self.reference(&reference, seed)?;
        let known = self.folder.join("known.jsonl");
        write_pool(&known, &log, 2)?;
        let made =
            self.recipe(self.world(), &[("benign", &known)]).make(&self.stillwatch, seed, &self.fresh("world")?)?;
        let accounts = (held.len() / TEXTS_EACH).clamp(1, MOST);
        let (spoken, file) = (self.folder.join("held.jsonl"), self.folder.join("strangers.toml"));
        write_pool(&spoken, &held.texts, (held.len() / (accounts * CONVERSATIONS)).clamp(1, 4))?;
        let population = format!("[[population]]\nkind = \"individual\"\naccounts = {accounts}\n");
        let head =
            "name = \"strangers\"\nabout = \"people who speak one source\"\nstart = \"2026-04-22\"\ndays = 45\n\n";
        write(&file, &(head.to_owned() + &population))?;
        let arguments = ["--pool".to_owned(), format!("benign={}", spoken.display())].to_vec();
        let recipe = Recipe { world: file.display().to_string(), arguments, settings: Vec::new() };
        let people = recipe.make(&self.stillwatch, seed + STRANGERS, &self.fresh("strangers")?)?;
        let sifted = self.folder.join("strangers-sifted.jsonl");
        let left = sift(&people.exchanges(), &held.texts, &sifted).map_err(|error| error.to_string())?;
        let names: Vec<String> = left.accounts.iter().cloned().collect();
        let records = people.accounts();
        let row = |calibration, verdicts: &Verdicts| Row {
            exchanges: left.kept,
            ..Row::of(held, "", seed, calibration, verdicts, &names, &HashSet::new(), &made)
        };
        self.both(&made, &reference, &[(&sifted, &records)], &row)
    }

    /// One campaign that collects a hostile source, among people who speak the benign ones.
    fn campaign(
        &self,
        held: &Pool,
        benign: &[String],
        reference: &Made,
        (level, accounts, further): (&str, f64, &str),
        seed: u64,
    ) -> Result<Vec<Row>, String> {
        let (known, work) = (self.folder.join("known.jsonl"), self.folder.join("work.jsonl"));
        write_pool(&known, benign, 2)?;
        write_pool(&work, &held.texts, 1)?;
        let scale = self.scale().max(1e-6);
        let own = root().join("worlds").join(format!("{}.toml", self.world()));
        let base = fs::read_to_string(self.world()).or_else(|_| fs::read_to_string(own));
        let base = base.map_err(|error| format!("cannot read the world {}: {error}", self.world()))?;
        let file = self.folder.join("hostile.toml");
        let campaign = format!(
            "\n[[campaign]]\nname = \"collector\"\nlevel = \"{level}\"\nentity = \"Oriel Basin Labs\"\naccounts = {}\n\
             exchanges = [20, 60]\ncapability = \"reasoning\"\nstart_day = 5\ndays = 30\n{further}\n",
            (accounts / scale).round()
        );
        write(&file, &(base + &campaign))?;
        let recipe = self.recipe(&file.display().to_string(), &[("benign", &known), ("work", &work)]);
        let made = recipe.make(&self.stillwatch, seed, &self.fresh("world")?)?;
        let hostile: Vec<String> = made.truth.campaigns.iter().flat_map(|one| one.accounts.clone()).collect();
        let names: HashSet<&str> = hostile.iter().map(String::as_str).collect();
        let row = |calibration, verdicts: &Verdicts| {
            Row::of(held, level, seed, calibration, verdicts, &hostile, &names, &made)
        };
        self.both(&made, reference, &[], &row)
    }

    /// Hunts on all accounts in the input and on the reference.
    fn both(
        &self,
        made: &Made,
        reference: &Made,
        others: &[(&Path, &Path)],
        row: &dyn Fn(&'static str, &Verdicts) -> Row,
    ) -> Result<Vec<Row>, String> {
        let (log, accounts) = (reference.exchanges(), reference.accounts());
        let (log, accounts) = (log.display().to_string(), accounts.display().to_string());
        let trusted = ["--reference", log.as_str(), "--reference-accounts", accounts.as_str()];
        let mut rows = Vec::new();
        for (calibration, further) in [("own bulk", [].as_slice()), ("held out", trusted.as_slice())] {
            let found = made.hunt_with(&self.stillwatch, &self.folder.join("found"), others, further)?;
            let row = row(calibration, &Verdicts::of(&found)?);
            note(&format!(
                "{} {} seed {}, {calibration}: {} implicated",
                row.source, row.level, row.seed, row.fate.implicated
            ));
            rows.push(row);
        }
        Ok(rows)
    }
}

impl Row {
    #[expect(clippy::too_many_arguments, reason = "a row is the sum of these, and only made here")]
    fn of(
        held: &Pool,
        level: &str,
        seed: u64,
        calibration: &'static str,
        verdicts: &Verdicts,
        own: &[String],
        hostile: &HashSet<&str>,
        made: &Made,
    ) -> Self {
        let kinds = made.truth.kinds();
        let honest = || kinds.keys().copied().filter(|name| !hostile.contains(name));
        let strangers = own.iter().map(String::as_str).filter(|_| hostile.is_empty());
        let wronged: HashSet<&str> =
            honest().chain(strangers).filter(|name| verdicts.accused([*name].into_iter()).0 > 0).collect();
        Self {
            source: held.name.clone(),
            level: level.to_owned(),
            seed,
            calibration,
            texts: held.len(),
            exchanges: 0,
            fate: verdicts.fate(own),
            watched: verdicts.accused(own.iter().map(String::as_str)).1,
            others: honest().count(),
            wronged: verdicts.accused(honest()),
            trusted: verdicts.beyond(&own.iter().map(String::as_str).chain(honest()).collect()),
            false_campaigns: verdicts.false_campaigns(hostile),
            wrongs: verdicts.of_members(&wronged),
            groups: json!(verdicts.groups_of(own)),
        }
    }

    fn json(&self) -> Value {
        json!({
            "source": self.source, "level": self.level, "seed": self.seed, "calibration": self.calibration,
            "texts": self.texts, "exchanges": self.exchanges, "fate": self.fate.json(), "watched": self.watched,
            "others": self.others, "others_implicated": self.wronged.0, "others_watched": self.wronged.1,
            "reference_implicated": self.trusted,
            "false_discovered": self.false_campaigns.0, "false_suspected": self.false_campaigns.1,
            "wrongs": self.wrongs, "groups": self.groups,
        })
    }
}

fn print(rows: &[Row]) {
    say("\nBenign sources held out: strangers who speak nothing else. Every accusation is false.\n");
    let head = ["source", "seed", "calibration", "texts", "strangers", "exchanges", "implicated", "watched"];
    let wrong = ["others implicated", "others watched", "campaigns, suspicions"];
    let mut table = Table::new(head.into_iter().chain(wrong));
    for row in rows.iter().filter(|row| row.level.is_empty()) {
        let mut cells = vec![row.source.clone(), row.seed.to_string(), row.calibration.to_owned()];
        cells.extend(
            [row.texts, row.fate.accounts, row.exchanges, row.fate.implicated, row.watched].map(|n| n.to_string()),
        );
        cells.extend([format!("{} of {}", row.wronged.0, row.others), row.wronged.1.to_string()]);
        cells.push(format!("{}, {}", row.false_campaigns.0, row.false_campaigns.1));
        table.row(cells);
    }
    say(&table.text());
    say("Hostile sources: what a campaign collects.\n");
    let head = ["source", "level", "seed", "calibration", "texts", "found", "families of 20 and more", "implicated"];
    let mut table = Table::new(head.into_iter().chain(["honest implicated", "watched", "false campaigns, suspicions"]));
    for row in rows.iter().filter(|row| !row.level.is_empty()) {
        let mut cells = vec![row.source.clone(), row.level.clone(), row.seed.to_string(), row.calibration.to_owned()];
        cells.extend([row.texts.to_string(), row.fate.status.clone().unwrap_or_else(|| "no".to_owned())]);
        cells.extend([shown(&row.fate.families), format!("{} of {}", row.fate.implicated, row.fate.accounts)]);
        cells.extend([format!("{} of {}", row.wronged.0, row.others), row.wronged.1.to_string()]);
        cells.push(format!("{}, {}", row.false_campaigns.0, row.false_campaigns.1));
        table.row(cells);
    }
    say(&table.text());
    for row in rows.iter().filter(|row| !row.wrongs.is_empty() || row.trusted > 0) {
        let what = format!("{} {} seed {}, {}", row.source, row.level, row.seed, row.calibration);
        let trusted = format!("{} accounts of the reference implicated", row.trusted);
        say(&format!("honest accounts wronged, {what}: {}; {trusted}", row.wrongs.join("; ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_mixed_evenly_and_parted() {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
        let long = Pool { name: "a".to_owned(), texts: own(&["a1", "a2", "a3", "a4"]) };
        let short = Pool { name: "b".to_owned(), texts: own(&["b1", "b2"]) };
        let all = mixed([&long, &short].into_iter());
        assert_eq!(all, ["a1", "b1", "a2", "a3", "b2", "a4"]);
        assert_eq!(halves(&all), (own(&["a1", "a2", "b2"]), own(&["b1", "a3", "a4"])));
    }
}
