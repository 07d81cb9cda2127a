//! `cargo xtask bench detection`: Stillwatch and published methods on the same worlds.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::time::Instant;

use baselines::Hashed;
use baselines::Log;
use baselines::Method;
use baselines::Score;
use baselines::World;
use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::Settings;
use crate::bench::options::Texts;
use crate::bench::options::Traffic;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::bench::table::percent;
use crate::bench::world::Found;
use crate::bench::world::Made;
use crate::bench::world::Recipe;
use crate::run::note;
use crate::run::say;
use crate::run::scratch;

/// Dimensions of the built-in embedder.
const DIMS: usize = 256;
const DAY_US: i64 = 86_400_000_000;

/// What do Stillwatch and published methods find on the same worlds, and whom do they wrong?
///
/// Hunts worlds, runs every method on the same logs, and prints what each found, whom it accused wrongly, and what was
/// served before the first accusation. docs/baselines.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench detection --world t2 --seeds 3 --leak")]
pub struct Arguments {
    /// Name of a world, or path of its file; may be given more than once
    #[arg(long = "world", value_name = "NAME", default_values_t = ["standard".to_owned()])]
    worlds: Vec<String>,
    /// Number of seeds
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Methods to run, with commas between their names [default: all]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    methods: Vec<String>,
    /// Hunt again day by day, to know what was served before the first alarm
    #[arg(long)]
    leak: bool,
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// One method on one world and seed.
struct Row {
    world: String,
    seed: u64,
    method: String,
    source: String,
    grid: String,
    seconds: f64,
    score: Score,
    /// The best score with few wronged, of methods that have settings to choose from.
    careful: Option<Score>,
}

/// Makes worlds, hunts in them, runs every method on the same logs, and prints what each found and whom it wronged.
pub fn detection(arguments: &Arguments) -> Result<(), String> {
    let Arguments { worlds, seeds, first, methods, .. } = arguments;
    let known: Vec<&str> = baselines::all().iter().map(|method| method.name()).collect();
    if let Some(stranger) = methods.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("no method is named {stranger:?} (known: {})", known.join(",")));
    }
    let stillwatch = arguments.program.path()?;
    let folder = scratch("detection")?;
    let mut rows = Vec::new();
    for world in worlds {
        let recipe = Recipe::new(world)
            .with_traffic(&arguments.traffic)
            .with_texts(&arguments.texts)
            .with_settings(&arguments.settings);
        for seed in *first..first + seeds {
            note(&format!("{world}, seed {seed}: making it"));
            let place = folder.join("world");
            let _ = std::fs::remove_dir_all(&place);
            let made = recipe.make(&stillwatch, seed, &place)?;
            let run = Run { arguments, stillwatch: &stillwatch, folder: &folder, made: &made, world, seed };
            rows.extend(run.rows()?);
        }
    }
    print(&rows);
    let list: Vec<Value> = rows.iter().map(Row::json).collect();
    arguments.figures.write(&json!({ "command": command(), "rows": list }))
}

struct Run<'a> {
    arguments: &'a Arguments,
    stillwatch: &'a str,
    folder: &'a Path,
    made: &'a Made,
    world: &'a str,
    seed: u64,
}

impl Run<'_> {
    fn rows(&self) -> Result<Vec<Row>, String> {
        let log = Log::read(&self.made.exchanges(), &self.made.accounts()).map_err(|error| error.to_string())?;
        let mut rows = self.own(&log)?;
        note(&format!("  {} exchanges of {} accounts: embedding", log.queries.len(), log.accounts.len()));
        let world = World::prepare(log, &self.made.truth, &Hashed::new(DIMS)).map_err(|error| error.to_string())?;
        note(&format!("  vectors and cells in {:.1} s, in no method's time", world.seconds));
        for method in baselines::all() {
            let wanted = &self.arguments.methods;
            if !(wanted.is_empty() || wanted.iter().any(|name| name == method.name())) {
                continue;
            }
            rows.extend(self.theirs(&world, method.as_ref()));
        }
        Ok(rows)
    }

    fn theirs(&self, world: &World, method: &dyn Method) -> Option<Row> {
        let started = Instant::now();
        let outcomes = method.accuse(world);
        let seconds = started.elapsed().as_secs_f64() / outcomes.len().max(1) as f64;
        let scores: Vec<Score> =
            outcomes.iter().map(|outcome| baselines::score(&world.log, &self.made.truth, outcome, true)).collect();
        let careful = baselines::careful(&scores);
        let score = baselines::best(scores)?;
        note(&format!("  {}: {seconds:.1} s a setting, best {:?}", method.name(), score.setting));
        Some(Row {
            world: self.world.to_owned(),
            seed: self.seed,
            method: method.name().to_owned(),
            source: method.source().to_owned(),
            grid: method.grid().to_owned(),
            seconds,
            score,
            careful,
        })
    }

    /// Stillwatch: what it discovered, and that with what it suspects.
    fn own(&self, log: &Log) -> Result<Vec<Row>, String> {
        let found = self.made.hunt(self.stillwatch, &self.folder.join("found"), &[])?;
        note(&format!("  stillwatch: {:.1} s, reading included", found.seconds));
        let mut discovered = self.scored(log, &found, &["discovered"], "implicated")?;
        if self.arguments.leak {
            self.leak(log, &mut discovered)?;
        }
        let both = self.scored(log, &found, &["discovered", "suspected"], "implicated")?;
        let row = |name: &str, score: Score| Row {
            world: self.world.to_owned(),
            seed: self.seed,
            method: name.to_owned(),
            source: "this project".to_owned(),
            grid: "none: its defaults".to_owned(),
            seconds: found.seconds,
            careful: baselines::careful(std::slice::from_ref(&score)),
            score,
        };
        Ok(vec![row("stillwatch", discovered), row("stillwatch + suspected", both)])
    }

    fn scored(&self, log: &Log, found: &Found, statuses: &[&str], verdict: &str) -> Result<Score, String> {
        let outcome = found.outcome(log, statuses, verdict, 0)?;
        Ok(baselines::score(log, &self.made.truth, &outcome, false))
    }

    /// What a hunt of everything before a day finds; days are counted from 1970-01-01.
    fn until(&self, log: &Log, day: i64) -> Result<Score, String> {
        let text = date(day);
        note(&format!("  stillwatch until {text}"));
        let found = self.made.hunt(self.stillwatch, &self.folder.join("early"), &["--until", &text])?;
        let outcome = found.outcome(log, &["discovered"], "implicated", day * DAY_US)?;
        Ok(baselines::score(log, &self.made.truth, &outcome, true))
    }

    /// The first day at whose end a hunt of all before it finds each campaign, by bisection: a campaign that is found
    /// is taken to be found on all later days.
    fn leak(&self, log: &Log, score: &mut Score) -> Result<(), String> {
        let (Some(first), Some(last)) = (log.queries.first(), log.queries.last()) else { return Ok(()) };
        let first_day = first.at_us.div_euclid(DAY_US);
        let days = last.at_us.div_euclid(DAY_US) - first_day + 1;
        let mut hunts: BTreeMap<i64, Score> = BTreeMap::new();
        for (number, campaign) in score.campaigns.iter_mut().enumerate().filter(|(_, one)| one.found) {
            let (mut low, mut high) = (0, days);
            while high - low > 1 {
                let middle = i64::midpoint(low, high);
                if let Entry::Vacant(place) = hunts.entry(middle) {
                    place.insert(self.until(log, first_day + middle)?);
                }
                let early = hunts.get(&middle).and_then(|score| score.campaigns.get(number));
                if early.is_some_and(|campaign| campaign.found) { high = middle } else { low = middle }
            }
            let at_end = hunts.get(&high).and_then(|score| score.campaigns.get(number));
            campaign.before_first = at_end.and_then(|early| early.before_first).or(Some(campaign.exchanges));
            campaign.served = at_end.and_then(|early| early.served).or(Some(campaign.exchanges));
        }
        Ok(())
    }
}

/// Year, month and day of a day counted from 1970-01-01.
fn date(day: i64) -> String {
    // Days are counted from 1 March of the year 0, so that the leap day comes last.
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", of_year - (153 * shifted + 2) / 5 + 1)
}

impl Row {
    fn json(&self) -> Value {
        json!({
            "world": self.world, "seed": self.seed, "method": self.method, "source": self.source,
            "grid": self.grid, "seconds": self.seconds, "score": self.score, "careful": self.careful,
        })
    }
}

/// Sums over the seeds of one method on one world.
fn print(rows: &[Row]) {
    let mut worlds: Vec<&str> = rows.iter().map(|row| row.world.as_str()).collect();
    worlds.dedup();
    for world in worlds {
        let here: Vec<&Row> = rows.iter().filter(|row| row.world == world).collect();
        let mut methods: Vec<&str> = Vec::new();
        for row in &here {
            if !methods.contains(&row.method.as_str()) {
                methods.push(&row.method);
            }
        }
        let seeds = here.len() / methods.len().max(1);
        say(&format!("\n## {world}, {seeds} seeds\n"));
        say("Each cell: seeds in which the campaign was found, then the share of its accounts that was accused.\n");
        say("Careful recall: with the best setting that has a precision of at least 95 %; 0 where none has.\n");
        say(&found(&here, &methods));
        say("Honest accounts wrongly accused, by kind; kinds of which no method accused anyone are left out.\n");
        say(&wronged(&here, &methods));
        say(
            "Share of a campaign's exchanges before the first accusation that touches it / served to its accounts before each was accused.\n",
        );
        say(&leaked(&here, &methods));
    }
}

fn of<'a>(rows: &[&'a Row], method: &str) -> Vec<&'a Row> {
    rows.iter().filter(|row| row.method == method).copied().collect()
}

/// Campaigns as column heads: level, cover, and exchanges an account.
fn heads(rows: &[&Row]) -> Vec<String> {
    let Some(first) = rows.first() else { return Vec::new() };
    let head = |campaign: &baselines::CampaignScore| {
        let cover = campaign.cover.filter(|_| campaign.level != "T0" && campaign.level != "T1");
        let cover = cover.map(|cover| format!(" {:.0} %", cover * 100.0)).unwrap_or_default();
        let each = campaign.exchanges as f64 / campaign.accounts.max(1) as f64;
        format!("{} {}{cover} {}x{each:.0}", campaign.name, campaign.level, campaign.accounts)
    };
    first.score.campaigns.iter().map(head).collect()
}

fn found(rows: &[&Row], methods: &[&str]) -> String {
    let heads = heads(rows);
    let mut table = Table::new(
        ["method".to_owned()]
            .into_iter()
            .chain(heads.iter().cloned())
            .chain(["recall", "wronged", "precision", "careful recall", "s"].map(str::to_owned)),
    );
    for method in methods {
        let own = of(rows, method);
        let sum = |part: &dyn Fn(&Row) -> f64| own.iter().map(|row| part(row)).sum::<f64>();
        let mut cells = vec![(*method).to_owned()];
        for number in 0..heads.len() {
            let campaigns: Vec<_> = own.iter().filter_map(|row| row.score.campaigns.get(number)).collect();
            let found = campaigns.iter().filter(|campaign| campaign.found).count();
            let reached: u64 = campaigns.iter().map(|campaign| campaign.reached).sum();
            let accounts: u64 = campaigns.iter().map(|campaign| campaign.accounts).sum();
            cells.push(format!("{found}, {}", percent(reached as f64, accounts as f64)));
        }
        let (reached, hostile) = (sum(&|row| row.score.reached as f64), sum(&|row| row.score.hostile as f64));
        let (wronged, honest) = (sum(&|row| row.score.wronged as f64), sum(&|row| row.score.honest as f64));
        cells.push(percent(reached, hostile));
        cells.push(format!("{wronged} of {honest}"));
        cells.push(percent(reached, reached + wronged));
        cells.push(percent(sum(&|row| row.careful.as_ref().map_or(0.0, |score| score.reached as f64)), hostile));
        cells.push(format!("{:.1}", sum(&|row| row.seconds) / own.len().max(1) as f64));
        table.row(cells);
    }
    table.text()
}

fn wronged(rows: &[&Row], methods: &[&str]) -> String {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, score) in rows.iter().flat_map(|row| &row.score.kinds) {
        *kinds.entry(kind).or_default() += score.wronged;
    }
    let kinds: Vec<&str> = kinds.into_iter().filter(|(_, wronged)| *wronged > 0).map(|(kind, _)| kind).collect();
    let mut table = Table::new(["method"].into_iter().chain(kinds.iter().copied()).chain(["setting"]));
    for method in methods {
        let own = of(rows, method);
        let mut cells = vec![(*method).to_owned()];
        for kind in &kinds {
            let scores: Vec<_> = own.iter().filter_map(|row| row.score.kinds.get(*kind)).collect();
            let wronged: u64 = scores.iter().map(|score| score.wronged).sum();
            let accounts: u64 = scores.iter().map(|score| score.accounts).sum();
            cells.push(if wronged == 0 { "0".to_owned() } else { format!("{wronged}/{accounts}") });
        }
        let mut settings: Vec<&str> = own.iter().map(|row| row.score.setting.as_str()).collect();
        settings.dedup();
        cells.push(settings.join(" | "));
        table.row(cells);
    }
    table.text()
}

fn leaked(rows: &[&Row], methods: &[&str]) -> String {
    let heads = heads(rows);
    let mut table = Table::new(["method".to_owned()].into_iter().chain(heads.iter().cloned()));
    for method in methods {
        let own = of(rows, method);
        let mut cells = vec![(*method).to_owned()];
        for number in 0..heads.len() {
            let campaigns: Vec<_> = own.iter().filter_map(|row| row.score.campaigns.get(number)).collect();
            let all: u64 = campaigns.iter().map(|campaign| campaign.exchanges).sum();
            let share = |part: &dyn Fn(&baselines::CampaignScore) -> Option<u64>| {
                let parts: Option<Vec<u64>> = campaigns.iter().map(|campaign| part(campaign)).collect();
                parts.map_or_else(|| "–".to_owned(), |parts| percent(parts.iter().sum::<u64>() as f64, all as f64))
            };
            let (first, served) = (share(&|one| one.before_first), share(&|one| one.served));
            cells.push(if first == "–" && served == "–" { first } else { format!("{first} / {served}") });
        }
        table.row(cells);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(20_565), "2026-04-22");
        assert_eq!(date(11_016), "2000-02-29");
    }
}
