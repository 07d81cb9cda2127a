//! `cargo xtask bench speed`: how fast JSON lines and Parquet are hunted.

use std::path::Path;
use std::time::Instant;

use crate::bench::options::binary;
use crate::bench::options::option;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// How fast JSON lines and Parquet are hunted.
pub fn speed(options: &[&str]) -> Result<(), String> {
    let scale = option(options, "--scale").unwrap_or("0.1");
    let stillwatch = binary(options)?;
    let folder = scratch("speed")?;
    let path = |name: &str| folder.join(name).display().to_string();
    let world = path("world");
    output(
        &stillwatch,
        &["range", "generate", "--world", "ten-million", "--scale", scale, "--out", &world, "--quiet"],
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
