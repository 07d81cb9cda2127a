//! `cargo xtask attack`: the bounded attacks against the built program.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use attack::Outcome;
use attack::Program;
use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::command;
use crate::bench::table::Table;
use crate::run::build;
use crate::run::note;
use crate::run::output;
use crate::run::root;
use crate::run::say;
use crate::run::scratch;

/// What is attacked, by name, and what it is.
const ATTACKS: [(&str, &str); 7] = [
    ("logs", "changed files of every format: flipped bits, cuts, splices, repeats, nests, huge numbers"),
    ("secrets", "secrets in every field of every format, which must not come back in a message"),
    ("sides", "changed files for every option of a hunt that names one"),
    ("data-dir", "changed files of a data directory"),
    ("bombs", "all bombs at once and one good log: 1 GiB of memory, one minute"),
    ("side-bombs", "bombs, pipes, devices and folders for every option that names a file"),
    ("kills", "kills at every system call of ingest, fold and hunt, and the run again"),
];

/// Attacks the built program, and prints what it survived
///
/// Every run is bounded in memory and time. A run must end by itself with one of the documented statuses, without the text of a
/// panic; results must be whole or absent. What fails is kept in target/xtask/attack. docs/security.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask attack bombs secrets --json attack.json")]
pub struct Arguments {
    /// Attacks to run [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// List the attacks
    #[arg(long)]
    list: bool,
    /// Changes of each valid file
    #[arg(long, value_name = "N", default_value_t = 40)]
    tries: usize,
    /// Kill at each how many-th system call; 1 is all
    #[arg(long, value_name = "N", default_value_t = 1)]
    every: usize,
    /// Program to attack [default: a release build of this checkout]
    #[arg(long, value_name = "PATH")]
    binary: Option<String>,
    /// File that gets the rows as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Runs the attacks. An error where any was not survived.
pub fn attack(arguments: &Arguments) -> Result<(), String> {
    if arguments.list {
        ATTACKS.iter().for_each(|(name, what)| say(&format!("{name:11} {what}")));
        return Ok(());
    }
    if let Some(name) = arguments.names.iter().find(|name| ATTACKS.iter().all(|(known, _)| known != name)) {
        return Err(format!("there is no attack {name} (--list shows them)"));
    }
    let binary = arguments.binary.clone().map_or_else(|| build("release"), Ok)?;
    let binary = std::fs::canonicalize(&binary).map_err(|error| format!("{binary}: {error}"))?;
    let program = Program::new(&binary, &root().join("crates/app/stillwatch/tests/secret"));
    let wanted = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|one| one == name);
    let mut outcomes = Vec::new();
    for (name, _) in ATTACKS.iter().filter(|(name, _)| wanted(name)) {
        let folder = scratch(&format!("attack/{name}"))?;
        outcomes.extend(run(name, &program, &folder, arguments).map_err(|error| format!("{name}: {error}"))?);
    }
    show(&outcomes);
    write(arguments, &outcomes)?;
    let failed: Vec<&str> = outcomes.iter().filter(|one| !one.is_well()).map(|one| one.name.as_str()).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("not survived: {}", failed.join(", "))) }
}

fn run(name: &str, program: &Program, scratch: &Path, arguments: &Arguments) -> io::Result<Vec<Outcome>> {
    let root = root();
    let fixtures = root.join("crates/log/record/fixtures");
    let one = match name {
        "logs" => attack::attack_logs(program, &fixtures, scratch, arguments.tries, &note),
        "secrets" => attack::attack_with_secrets(program, &fixtures, scratch, &note),
        "sides" => attack::attack_sides(program, &root, scratch, arguments.tries, &note),
        "data-dir" => attack::attack_data_dir(program, scratch, arguments.tries, &note),
        "bombs" => attack::attack_with_bombs(program, scratch, &note),
        "side-bombs" => attack::attack_sides_with_bombs(program, scratch, &note),
        _ => return attack::attack_with_kills(program, scratch, arguments.every, &note),
    };
    Ok(vec![one?])
}

fn show(outcomes: &[Outcome]) {
    let mut table = Table::new(["attack", "tried", "survived", "most memory"]);
    for one in outcomes {
        let memory = if one.peak_kib > 0 { format!("{} MiB", one.peak_kib >> 10) } else { "–".to_owned() };
        table.row([one.name.clone(), one.tried.to_string(), one.survived.to_string(), memory]);
    }
    say(&table.text());
    for one in outcomes {
        if let Some(why) = &one.skipped {
            say(&format!("{}: skipped: {why}", one.name));
        }
        one.failures.iter().for_each(|failure| say(&format!("{}: {failure}", one.name)));
    }
}

fn write(arguments: &Arguments, outcomes: &[Outcome]) -> Result<(), String> {
    let Some(path) = &arguments.json else { return Ok(()) };
    let row = |one: &Outcome| {
        json!({ "attack": one.name, "tried": one.tried, "survived": one.survived, "failures": one.failures,
                "skipped": one.skipped, "peak_memory_bytes": one.peak_kib << 10 })
    };
    let commit = output("git", &["rev-parse", "HEAD"]).map_or(Value::Null, |text| text.trim().into());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rows: Vec<Value> = outcomes.iter().map(row).collect();
    let document = json!({ "command": command(), "commit": commit, "cores": cores, "rows": rows });
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    std::fs::write(path, text + "\n").map_err(|error| format!("cannot write {}: {error}", path.display()))
}
