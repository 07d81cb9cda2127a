//! `cargo xtask bench client`: a recorded client dealt over invented accounts inside an honest world.
//!
//! Nothing of what it sends was written here. Its accounts share no identity and no address; what is left to see is
//! what the program says, how it says it, and the answers that come back. Beside the pools stand their twins: the same
//! calls from one account, from one declared organisation, and from strangers who each run the program for themselves.

use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;

use baselines::client::Deal;
use baselines::client::Dealing;
use baselines::client::Donor;
use baselines::client::Recording;
use baselines::client::donors;
use clap::Args;
use clap::ValueEnum;
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
use crate::run::say;
use crate::run::scratch;

const ACCOUNTS: [usize; 5] = [10, 25, 50, 100, 200];
/// Exchanges that an account has at least: with fewer, it is not used.
const LEAST: usize = 20;
/// Members of the twins that are several accounts.
const TWINS: usize = 10;
/// People are drawn from a world of this much higher a seed, so that nobody is in the log twice.
const DONORS: u64 = 1_000_000;
const WEEK_US: i64 = 7 * 86_400_000_000;

/// Is the traffic of a real, recorded client found when a pool of accounts sends it?
///
/// Deals the calls of a recording over invented accounts in an honest world and hunts it: pools of several sizes, and
/// their honest twins, of whom nobody should be accused. docs/baselines.md shows the rows.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: cargo xtask bench client --recording easydistill2_instruct.jsonl --scale 0.25 --accounts 10,50"
)]
pub struct Arguments {
    /// Recording of a chat client, one call a line
    #[arg(long, value_name = "FILE")]
    recording: PathBuf,
    /// Accounts of the pools, with commas between them
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = ACCOUNTS)]
    accounts: Vec<usize>,
    /// Number of seeds
    #[arg(long, value_name = "N", default_value_t = 1)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Name of a world, or path of its file
    #[arg(long, value_name = "NAME", default_value = "benign")]
    world: String,
    /// Share of an account's exchanges that is its donor's ordinary use
    #[arg(long, value_name = "F", default_value_t = 0.0)]
    cover: f64,
    /// How often the recording is gone through [default: as often as gives every account enough to do]
    #[arg(long, value_name = "N")]
    passes: Option<u64>,
    /// Days that the work takes
    #[arg(long, value_name = "F", default_value_t = 21.0)]
    days: f64,
    /// Who in a pool sends the next call
    #[arg(long, value_enum, default_value_t = Order::Even)]
    dealing: Order,
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// Who in a pool sends the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// The account that has been idle for longest
    Even,
    /// Any account
    Random,
}

/// One hunt.
struct Row {
    what: String,
    hostile: bool,
    seed: u64,
    passes: u64,
    calls: usize,
    cover: usize,
    fate: Fate,
    /// Its accounts that are watched.
    watched: usize,
    honest: usize,
    /// Honest accounts of the world that were implicated and watched.
    wronged: (usize, usize),
    /// Campaigns that hold a wronged account, in words.
    wrongs: Vec<String>,
    groups: Value,
}

/// Deals the recording over pools and twins, hunts each with the world around it, and prints what was found.
pub fn client(arguments: &Arguments) -> Result<(), String> {
    let Arguments { recording, accounts: sizes, seeds, first, .. } = arguments;
    let recording = Recording::read(recording).map_err(|error| error.to_string())?;
    let stillwatch = arguments.program.path()?;
    say(&format!(
        "{} calls, {} of them with an earlier answer word for word",
        recording.calls.len(),
        recording.returns()
    ));
    let mut rows = Vec::new();
    for seed in *first..first + seeds {
        let folder = scratch("client")?;
        let bench = Bench::prepare(arguments, &stillwatch, seed, &folder)?;
        for size in sizes.iter().copied() {
            let row = bench.hunt(&format!("pool of {size}"), size, &recording, &bench.pool(&recording, size)?)?;
            rows.push(row);
        }
        let largest = sizes.iter().copied().max().unwrap_or(0);
        for (name, accounts, deal) in bench.twins(&recording, largest)? {
            rows.push(bench.hunt(name, accounts, &recording, &deal)?);
        }
    }
    print(&rows);
    let list: Vec<Value> = rows.iter().map(Row::json).collect();
    arguments.figures.write(&json!({ "command": command(), "returns": recording.returns(), "rows": list }))
}

/// A world, and the people whose identities the recording's accounts are given.
struct Bench<'a> {
    stillwatch: &'a str,
    folder: &'a Path,
    seed: u64,
    made: Made,
    people: Vec<Donor>,
    from_us: i64,
    model: String,
    cover: f64,
    days: f64,
    dealing: Dealing,
    /// Passes for every pool, if they were given.
    passes: Option<u64>,
}

impl<'a> Bench<'a> {
    fn prepare(arguments: &Arguments, stillwatch: &'a str, seed: u64, folder: &'a Path) -> Result<Self, String> {
        let recipe = Recipe::new(&arguments.world).with_traffic(&arguments.traffic);
        let made = recipe.make(stillwatch, seed, &folder.join("world"))?;
        let other = recipe.make(stillwatch, seed + DONORS, &folder.join("people"))?;
        let people = donors(&other.exchanges(), &other.accounts(), &other.truth, "individual")
            .map_err(|error| error.to_string())?;
        let start = people.iter().map(|donor| donor.first_us).min().unwrap_or(0);
        let mut models: Vec<&str> = people.iter().filter_map(|donor| donor.model.as_deref()).collect();
        models.sort_unstable();
        let model = models.chunk_by(|a, b| a == b).max_by_key(|same| same.len()).and_then(|same| same.first());
        let model = model.map_or_else(|| "m-large".to_owned(), |name| (*name).to_owned());
        let Arguments { cover, days, passes, dealing, .. } = *arguments;
        let dealing = match dealing {
            Order::Even => Dealing::LeastRecent,
            Order::Random => Dealing::Random,
        };
        let from_us = start + WEEK_US;
        Ok(Self { stillwatch, folder, seed, made, people, from_us, model, cover, days, dealing, passes })
    }

    fn deal(&self, dealing: Dealing, passes: u64) -> Deal {
        Deal {
            dealing,
            passes,
            from_us: self.from_us,
            days: self.days,
            cover: self.cover,
            organization: None,
            fresh: true,
            model: self.model.clone(),
            seed: self.seed,
        }
    }

    /// As many passes as give every account enough to do.
    fn pool(&self, recording: &Recording, accounts: usize) -> Result<Deal, String> {
        if accounts == 0 {
            return Err("a pool of no account (give --accounts of one or more)".to_owned());
        }
        let enough = (LEAST * accounts).div_ceil(recording.calls.len().max(1)) as u64;
        Ok(self.deal(self.dealing, self.passes.unwrap_or(enough)))
    }

    /// The honest who run the same program: as much as the largest pool, or a pass each.
    fn twins(&self, recording: &Recording, largest: usize) -> Result<Vec<(&'static str, usize, Deal)>, String> {
        let all = Deal { cover: 0.0, fresh: false, ..self.pool(recording, largest.max(1))? };
        let declared = Deal { organization: Some("Alder Reach Analytics".to_owned()), ..all.clone() };
        let strangers = Deal { dealing: Dealing::OwnPass, passes: TWINS as u64, ..all.clone() };
        Ok(vec![
            ("one declared account", 1, declared.clone()),
            ("one undeclared account", 1, all),
            ("declared organisation", TWINS, declared),
            ("strangers, a pass each", TWINS, strangers),
        ])
    }

    fn hunt(&self, what: &str, accounts: usize, recording: &Recording, deal: &Deal) -> Result<Row, String> {
        let seats = self.people.get(..accounts).ok_or_else(|| {
            format!("{accounts} accounts of {} people to be had (raise --scale or lower --accounts)", self.people.len())
        })?;
        let files = deal.write(recording, seats, self.folder).map_err(|error| error.to_string())?;
        let found = self.made.hunt_with(
            self.stillwatch,
            &self.folder.join("found"),
            &[(&files.exchanges, &files.accounts)],
            &[],
        )?;
        let verdicts = Verdicts::of(&found)?;
        let kinds = self.made.truth.kinds();
        let own: HashSet<&str> = files.names.iter().map(String::as_str).collect();
        if let Some(same) = own.iter().find(|name| kinds.contains_key(**name)) {
            return Err(format!("{same} is in the world as well (choose another --first)"));
        }
        let wronged: HashSet<&str> =
            kinds.keys().copied().filter(|name| verdicts.accused([*name].into_iter()).0 > 0).collect();
        let fate = verdicts.fate(&files.names);
        note(&format!("seed {}, {what}: {}", self.seed, fate.status.as_deref().unwrap_or("not found")));
        Ok(Row {
            what: what.to_owned(),
            hostile: what.starts_with("pool"),
            seed: self.seed,
            passes: deal.passes,
            calls: files.calls,
            cover: files.cover,
            watched: verdicts.accused(files.names.iter().map(String::as_str)).1,
            honest: kinds.len(),
            wronged: verdicts.accused(kinds.keys().copied()),
            wrongs: verdicts.of_members(&wronged),
            groups: json!(verdicts.groups_of(&files.names)),
            fate,
        })
    }
}

impl Row {
    fn json(&self) -> Value {
        json!({
            "what": self.what, "hostile": self.hostile, "seed": self.seed, "passes": self.passes, "calls": self.calls,
            "cover": self.cover, "fate": self.fate.json(), "watched": self.watched, "honest": self.honest,
            "wronged": self.wronged.0, "honest_watched": self.wronged.1, "wrongs": self.wrongs, "groups": self.groups,
        })
    }
}

fn print(rows: &[Row]) {
    let head =
        ["what", "seed", "passes", "calls", "cover", "found", "families of 20 and more", "implicated", "watched"];
    let mut table = Table::new(head.into_iter().chain(["honest wronged", "honest watched"]));
    for row in rows {
        table.row([
            row.what.clone(),
            row.seed.to_string(),
            row.passes.to_string(),
            row.calls.to_string(),
            row.cover.to_string(),
            row.fate.status.clone().unwrap_or_else(|| "no".to_owned()),
            shown(&row.fate.families),
            format!("{} of {}", row.fate.implicated, row.fate.accounts),
            row.watched.to_string(),
            format!("{} of {}", row.wronged.0, row.honest),
            row.wronged.1.to_string(),
        ]);
    }
    say(&format!("\n{}", table.text()));
    say("A pool should be found; of all other rows no account should be implicated.");
    for row in rows.iter().filter(|row| row.wronged.0 > 0) {
        say(&format!("honest accounts wronged beside {}, seed {}: {}", row.what, row.seed, row.wrongs.join("; ")));
    }
}
