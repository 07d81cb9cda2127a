//! `cargo xtask bench speed`: how fast JSON lines and Parquet are hunted.

use std::path::Path;
use std::time::Instant;

use clap::Args;

use crate::bench::options::Program;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// How many megabytes of log a second are hunted and ingested?
///
/// Makes the world `ten-million`, hunts it as JSON lines, ingests it, and hunts the columnar form. Needs the program zstd.
/// docs/performance.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench speed --scale 0.1")]
pub struct Arguments {
    /// Multiplies the numbers of accounts of the world
    #[arg(long, value_name = "F", default_value_t = 0.1)]
    scale: f64,
    #[command(flatten)]
    program: Program,
}

/// How fast JSON lines and Parquet are hunted.
pub fn speed(arguments: &Arguments) -> Result<(), String> {
    let scale = arguments.scale.to_string();
    let stillwatch = arguments.program.path()?;
    let folder = scratch("speed")?;
    let path = |name: &str| folder.join(name).display().to_string();
    let world = path("world");
    output(
        &stillwatch,
        &["range", "generate", "--world", "ten-million", "--scale", &scale, "--out", &world, "--quiet"],
    )?;
    let packed = format!("{world}/exchanges.jsonl.zst");
    let plain = path("exchanges.jsonl");
    output("zstd", &["-q", "-d", "-f", &packed, "-o", &plain])?;
    let bytes = size(&plain)?;
    let results = path("found");
    let timed = |arguments: &[&str]| -> Result<f64, String> {
        let started = Instant::now();
        output(&stillwatch, arguments)?;
        Ok(started.elapsed().as_secs_f64())
    };
    let json = timed(&["hunt", &plain, "--out", &results, "--quiet"])?;
    let data = path("data");
    let ingest = timed(&["ingest", &plain, "--data-dir", &data, "--keep-text", "--quiet"])?;
    let parquet = timed(&["hunt", &data, "--out", &results, "--quiet"])?;
    let megabytes = bytes as f64 / 1e6;
    say("\n| what | seconds | MB/s of JSON lines |\n|---|---|---|");
    for (what, seconds) in [("hunt, JSON lines", json), ("ingest with text", ingest), ("hunt, columnar", parquet)] {
        say(&format!("| {what} | {seconds:.1} | {:.0} |", megabytes / seconds));
    }
    say(&format!("\n{megabytes:.0} MB of JSON lines; the columnar form is in {data}"));
    Ok(())
}

fn size(path: &str) -> Result<u64, String> {
    Path::new(path).metadata().map(|metadata| metadata.len()).map_err(|error| format!("{path}: {error}"))
}
