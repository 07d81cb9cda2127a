//! Makes a world: `cargo run --release -p range --example generate -- WORLD SEED OUT [--parquet] [--columnar SHARDS]
//! [--scale X] [--pool NAME=FILE]... [--trace FILE] [--voice first|second] [--set KEY=VALUE]...`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use range::{Form, GenerateOptions, TextVoice, World, generate};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut words = std::env::args().skip(1);
    let mut next = |what: &str| words.next().ok_or_else(|| format!("missing {what} (usage: WORLD SEED OUT [options])"));
    let name = next("world")?;
    let mut settings = Vec::new();
    let seed = next("seed")?.parse().map_err(|_| "the seed is no number".to_owned())?;
    let out = next("out")?;
    let mut options = GenerateOptions { seed, ..GenerateOptions::default() };
    while let Ok(word) = next("option") {
        match word.as_str() {
            "--parquet" => options.form = Form::Parquet,
            "--columnar" => {
                options.form = Form::Columnar {
                    shards: next("number of shards")?.parse().map_err(|_| "the shards are no number")?,
                }
            }
            "--scale" => options.scale = next("scale")?.parse().map_err(|_| "the scale is no number".to_owned())?,
            "--trace" => options.trace = Some(PathBuf::from(next("trace")?)),
            "--pool" => {
                let pool = next("pool")?;
                let (name, file) = pool.split_once('=').ok_or("write --pool benign=FILE or --pool work=FILE")?;
                options.pools.push((name.to_owned(), PathBuf::from(file)));
            }
            "--voice" => {
                options.voice = Some(if next("voice")? == "second" { TextVoice::Second } else { TextVoice::First });
            }
            "--set" => {
                let setting = next("setting")?;
                let (key, value) = setting.split_once('=').ok_or("write --set KEY=VALUE")?;
                settings.push((key.to_owned(), value.to_owned()));
            }
            other => return Err(format!("unknown option {other:?}")),
        }
    }
    let world = World::load_with(&name, &settings).map_err(|error| error.to_string())?;
    let begun = Instant::now();
    let made = generate(&world, &options, Path::new(&out), &|done, expected| eprint!("\r{done} of {expected}"))
        .map_err(|error| format!("\n{error}"))?;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "\n{} exchanges, {} accounts, {} campaigns, {} bytes ({} each), {seconds:.1} s, {:.0} exchanges a second",
        made.exchanges,
        made.accounts,
        made.campaigns,
        made.bytes,
        made.bytes / made.exchanges.max(1),
        made.exchanges as f64 / seconds
    );
    Ok(())
}
