//! `cargo xtask bench adversary`: the cheapest evasion of each level, found by trying.
//!
//! The attacker has read the source, knows what hunts found of earlier pools, and pays for accounts and exchanges. What may be
//! done, and what it costs, is in a file: `worlds/moves.toml`. All of it happens in made worlds.

mod bandit;
mod moves;

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use serde_json::json;
use toml::Table as Toml;

use crate::bench::adversary::bandit::Bandit;
use crate::bench::adversary::moves::Moves;
use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::at;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::bench::world::Recipe;
use crate::run::note;
use crate::run::root;
use crate::run::say;
use crate::run::scratch;

/// What is the cheapest way not to be found?
///
/// In each round every campaign of a world carries out a plan; the world is made with a seed of its own and hunted. Plans that
/// kept many exchanges for their money are tried again, others less. In the first half a plan is one move; in the second, the
/// best of these together with another. docs/results.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench adversary --rounds 60 --first 501")]
pub struct Arguments {
    /// File of a world with one campaign of each level [default: worlds/adversary.toml]
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// File of what an attacker may do, and of what it costs [default: worlds/moves.toml]
    #[arg(long, value_name = "FILE")]
    moves: Option<PathBuf>,
    /// Number of worlds that are made and hunted
    #[arg(long, value_name = "N", default_value_t = 60)]
    rounds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// What became of one plan over its trials.
#[derive(Debug, Clone, Default)]
struct Outcome {
    plan: Vec<usize>,
    accounts: f64,
    implicated: f64,
    watched: f64,
    /// Exchanges of the work itself, without cover, that an account carried out which was not implicated.
    kept: f64,
    /// Exchanges of the work itself.
    worked: f64,
    dollars: f64,
}

impl Outcome {
    fn of(plan: Vec<usize>) -> Self {
        Self { plan, ..Self::default() }
    }

    fn recall(&self) -> f64 {
        self.implicated / self.accounts.max(1.0)
    }

    /// Dollars for an exchange that was kept; `None` where none was.
    fn price(&self) -> Option<f64> {
        (self.kept > 0.0).then(|| self.dollars / self.kept)
    }
}

/// The search of one campaign of the world.
#[derive(Debug)]
struct Search {
    campaign: usize,
    name: String,
    level: String,
    outcomes: Vec<Outcome>,
    bandit: Bandit,
    /// Dollars for an exchange of the work where nothing is done against being found and nothing is found.
    undisturbed: f64,
}

impl Search {
    fn new(campaign: usize, told: &Toml, moves: &Moves) -> Result<Self, String> {
        let text = |key: &str| told.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let name = text("name").ok_or("a campaign of the world has no name")?;
        let level = text("level").ok_or("a campaign of the world has no level")?;
        let singles = moves.of_level(&level).into_iter().map(|at| vec![at]);
        let outcomes: Vec<Outcome> = std::iter::once(Vec::new()).chain(singles).map(Outcome::of).collect();
        let bandit = Bandit::new(outcomes.len());
        Ok(Self { campaign, name, level, outcomes, bandit, undisturbed: 0.0 })
    }

    /// Adds the best plan together with each other move.
    fn combine(&mut self, moves: &Moves) {
        let Some(best) = self.bandit.best().and_then(|at| self.outcomes.get(at)).map(|one| one.plan.clone()) else {
            return;
        };
        let known: Vec<Vec<usize>> = self.outcomes.iter().map(|one| one.plan.clone()).collect();
        for other in moves.of_level(&self.level) {
            let plan = [best.clone(), vec![other]].concat();
            if best.iter().all(|one| moves.go_together(*one, other)) && !known.contains(&plan) {
                self.outcomes.push(Outcome::of(plan));
                self.bandit.extend(1);
            }
        }
    }

    /// Takes in what a hunt found of the campaign that carried out a plan.
    fn learn(&mut self, chosen: usize, cover: f64, score: &Value, moves: &Moves) -> Result<(), String> {
        let all = score.get("campaigns").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_own = |one: &&Value| one.get("name").and_then(Value::as_str) == Some(self.name.as_str());
        let own = all.iter().find(is_own).ok_or_else(|| format!("the score lacks the campaign {}", self.name))?;
        let (accounts, exchanges) = (at(own, "/accounts"), at(own, "/exchanges_served_at_most"));
        let Some(outcome) = self.outcomes.get_mut(chosen) else { return Ok(()) };
        let dollars = moves.dollars(&outcome.plan, &self.level, accounts, exchanges);
        let (worked, recall) = (exchanges * (1.0 - cover), at(own, "/implicated") / accounts.max(1.0));
        if self.undisturbed == 0.0 {
            self.undisturbed = dollars / worked.max(1.0);
        }
        self.bandit.learn(chosen, self.undisturbed * worked * (1.0 - recall) / dollars.max(f64::MIN_POSITIVE));
        outcome.accounts += accounts;
        outcome.implicated += at(own, "/implicated");
        outcome.watched += at(own, "/watched");
        outcome.kept += worked * (1.0 - recall);
        outcome.worked += worked;
        outcome.dollars += dollars;
        Ok(())
    }
}

/// Looks for the cheapest evasion of each level and prints what was tried.
pub fn adversary(arguments: &Arguments) -> Result<(), String> {
    let own = |given: &Option<PathBuf>, name: &str| given.clone().unwrap_or_else(|| root().join("worlds").join(name));
    let (place, moves) = (own(&arguments.world, "adversary.toml"), own(&arguments.moves, "moves.toml"));
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", place.display());
    let world: Toml =
        fs::read_to_string(&place).map_err(|error| told(&error))?.parse().map_err(|error| told(&error))?;
    let moves = Moves::read(&moves)?;
    let campaigns = campaigns(&world);
    let mut searches: Vec<Search> =
        campaigns.iter().enumerate().map(|(at, one)| Search::new(at, one, &moves)).collect::<Result<_, _>>()?;
    let stillwatch = arguments.program.path()?;
    let mut wronged = 0.0;
    for round in 0..arguments.rounds {
        if round == arguments.rounds / 2 {
            searches.iter_mut().for_each(|search| search.combine(&moves));
        }
        wronged += play(&world, &moves, &mut searches, &stillwatch, arguments.first + round)?;
        note(&format!("{} of {} rounds", round + 1, arguments.rounds));
    }
    searches.iter().for_each(|search| print(search, &moves));
    say(&format!("Honest accounts implicated in all worlds: {wronged}"));
    let rows: Vec<Value> = searches.iter().flat_map(|search| rows(search, &moves)).collect();
    arguments.figures.write(&json!({
        "command": command(), "first_seed": arguments.first, "rounds": arguments.rounds, "wronged": wronged, "plans": rows,
    }))
}

fn campaigns(world: &Toml) -> Vec<Toml> {
    let listed = world.get("campaign").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    listed.iter().filter_map(toml::Value::as_table).cloned().collect()
}

/// One round: each campaign carries out the plan that its search asks for. Gives the number of honest accounts that were implicated.
fn play(world: &Toml, moves: &Moves, searches: &mut [Search], stillwatch: &str, seed: u64) -> Result<f64, String> {
    let mut campaigns = campaigns(world);
    let mut chosen = Vec::new();
    for search in searches.iter() {
        let at = search.bandit.next().unwrap_or_default();
        let plan = search.outcomes.get(at).map(|one| one.plan.clone()).unwrap_or_default();
        let cover = campaigns.get_mut(search.campaign).map(|campaign| {
            moves.carry_out(&plan, campaign);
            campaign.get("cover").and_then(toml::Value::as_float).unwrap_or(0.0)
        });
        chosen.push((at, cover.unwrap_or(0.0)));
    }
    let mut world = world.clone();
    world.insert("campaign".to_owned(), toml::Value::Array(campaigns.into_iter().map(toml::Value::Table).collect()));
    let folder = scratch("adversary")?;
    let file = folder.join("world.toml");
    fs::write(&file, world.to_string()).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    let made = Recipe::new(&file.display().to_string()).make(stillwatch, seed, &folder.join("world"))?;
    let found = folder.join("found");
    made.hunt(stillwatch, &found, &[])?;
    let score = made.score(stillwatch, &found)?;
    for (search, (at, cover)) in searches.iter_mut().zip(chosen) {
        search.learn(at, cover, &score, moves)?;
    }
    Ok(at(&score, "/implicated") - at(&score, "/implicated_rightly"))
}

/// The plans of a search that were tried, the cheapest first.
fn tried(search: &Search) -> Vec<(&Outcome, u32)> {
    let trials = search.bandit.arms().iter().map(|arm| arm.trials);
    let mut tried: Vec<(&Outcome, u32)> = search.outcomes.iter().zip(trials).filter(|(_, n)| *n > 0).collect();
    let price = |outcome: &Outcome| outcome.price().unwrap_or(f64::INFINITY);
    tried.sort_by(|(a, _), (b, _)| price(a).total_cmp(&price(b)));
    tried
}

fn print(search: &Search, moves: &Moves) {
    say(&format!(
        "\n{}: undisturbed, an exchange of its work costs {:.3} dollars.\n",
        search.level, search.undisturbed
    ));
    let mut table =
        Table::new(["plan", "worlds", "accounts implicated", "more watched", "work kept", "dollars a kept exchange"]);
    for (outcome, trials) in tried(search) {
        table.row([
            moves.told(&outcome.plan),
            trials.to_string(),
            format!("{:.2}", outcome.recall()),
            format!("{:.2}", outcome.watched / outcome.accounts.max(1.0)),
            format!("{:.2}", outcome.kept / outcome.worked.max(1.0)),
            outcome.price().map_or_else(|| "–".to_owned(), |price| format!("{price:.3}")),
        ]);
    }
    say(&table.text());
}

fn rows(search: &Search, moves: &Moves) -> Vec<Value> {
    let row = |(outcome, trials): (&Outcome, u32)| {
        json!({
            "level": search.level, "plan": moves.told(&outcome.plan), "worlds": trials,
            "implicated_share": outcome.recall(), "watched_share": outcome.watched / outcome.accounts.max(1.0),
            "kept_share": outcome.kept / outcome.worked.max(1.0), "dollars_per_kept_exchange": outcome.price(),
            "undisturbed_dollars_per_exchange": search.undisturbed,
        })
    };
    tried(search).into_iter().map(row).collect()
}
