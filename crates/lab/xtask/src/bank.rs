//! `cargo xtask bank`: the built-in bank, made anew.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;

use crate::run::build;
use crate::run::note;
use crate::run::output;
use crate::run::root;
use crate::run::scratch;

/// Makes the built-in bank anew: groups of the honest worlds `crowds`, `circles` and `forms` of many seeds
///
/// Each seed is written in one of the two voices. Every other pair of seeds is read without the organisations that firms
/// declare; no seed is read twice, because a group that counts twice would make an e-value twice too large.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bank --first 1 --seeds 200")]
pub struct Arguments {
    /// Number of seeds of each of the three worlds
    #[arg(long, value_name = "N", default_value_t = 200)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Where it goes [default: the file that the program is built with]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Program to make it with [default: a release build of this checkout]
    #[arg(long, value_name = "PATH")]
    binary: Option<String>,
}

/// Makes it.
pub fn bank(arguments: &Arguments) -> Result<(), String> {
    let stillwatch = arguments.binary.clone().map_or_else(|| build("release"), Ok)?;
    let out = arguments.out.clone().unwrap_or_else(|| root().join("crates/core/campaign/bank/built_in.jsonl"));
    let folder = scratch("bank")?;
    let mut made: Vec<String> = Vec::new();
    for name in ["crowds", "circles", "forms"] {
        let world = read(&root().join("worlds").join(name).with_extension("toml"))?;
        for seed in arguments.first..arguments.first + arguments.seeds {
            made.push(bank_of(&stillwatch, &folder, name, &world, seed)?);
            note(&format!("{name}, seed {seed}: {} of {}", seed - arguments.first + 1, arguments.seeds));
        }
    }
    let out = out.display().to_string();
    let arguments: Vec<&str> = ["bank", "merge"].into_iter().chain(made.iter().map(String::as_str)).collect();
    output(&stillwatch, &[&arguments[..], &["--out", &out]].concat())?;
    note(&format!("wrote {out}: it is built into the program from the next build on"));
    Ok(())
}

/// Makes a world of one seed and the bank of its groups; where the bank is.
fn bank_of(stillwatch: &str, folder: &Path, name: &str, world: &str, seed: u64) -> Result<String, String> {
    let path = |name: &str| folder.join(name).display().to_string();
    let (file, place) = (path("world.toml"), path("world"));
    write(Path::new(&file), &in_voice(world, seed))?;
    let seed_text = seed.to_string();
    let made = ["--world", &file, "--seed", &seed_text, "--columnar", "--out", &place, "--quiet"];
    output(stillwatch, &[&["range", "generate"], &made[..]].concat())?;
    let (log, accounts) = (place.clone(), format!("{place}/accounts.jsonl"));
    let bank = path(&format!("{name}-{seed}.bank"));
    let base = ["bank", "build", "--reference", &log, "--reference-accounts", &accounts, "--invented"];
    let more: &[&str] = if is_undeclared(seed) { &["--undeclared"] } else { &[] };
    output(stillwatch, &[&base[..], more, &["--out", &bank, "--quiet"]].concat())?;
    fs::remove_dir_all(&place).map_err(|error| format!("cannot clear {place}: {error}"))?;
    Ok(bank)
}

/// The world in the voice of a seed: the second one for odd seeds.
fn in_voice(world: &str, seed: u64) -> String {
    if seed % 2 == 1 {
        world.replacen("\n[[population]]", "\nvoice = \"second\"\n\n[[population]]", 1)
    } else {
        world.to_owned()
    }
}

/// Whether a seed's firms are read as if they had declared nothing: two seeds of four, one in each voice.
const fn is_undeclared(seed: u64) -> bool {
    seed % 4 >= 2
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
