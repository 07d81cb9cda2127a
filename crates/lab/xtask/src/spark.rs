//! Spark, a local cluster of two executors, finds the ties and the candidate pairs of a hunt from the same files.

use crate::python::environment;
use crate::python::have;
use crate::run::run;
use crate::run::scratch;

const PACKAGE: &str = "pyspark==4.3.0";

/// Runs the queries of `sql/` on a small world and compares. `binary` is the program.
///
/// # Errors
/// Where Spark cannot be had, or finds anything else.
pub fn check(binary: &str) -> Result<(), String> {
    have("java", &["-version"], "openjdk-17-jre-headless")?;
    let python = environment("spark", "spark-submit", &[PACKAGE])?;
    let place = scratch("spark-check")?;
    let path = |name: &str| place.join(name).display().to_string();
    let (world, data, found) = (path("world"), path("data"), path("found"));
    let log = format!("{world}/exchanges.jsonl.zst");
    let accounts = format!("{world}/accounts.jsonl");
    // The world with the most kinds of ties: answers that come back, signatures, conversations that move.
    let seed = ["--world", "yardstick", "--scale", "0.1", "--seed", "5"];
    run(binary, &[&["range", "generate", "--out", &world, "--quiet"], seed.as_slice()].concat())?;
    run(binary, &["ingest", &log, "--data-dir", &data, "--quiet"])?;
    run(binary, &["hunt", &data, "--accounts", &accounts, "--keep-ties", "--out", &found, "--quiet"])?;
    run(&python.join("bin/python3").display().to_string(), &["sql/check.py", &data, &found])
}
