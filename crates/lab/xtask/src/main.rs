//! The project's own chores: `cargo xtask demo`, `cargo xtask test`, `cargo xtask bench`.

mod bench;
mod demo;
mod python;
mod run;
mod s3;
mod spark;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo                      build, make a world, hunt it, and compare with the truth
  test                      everything that must pass: format, lints, tests, documentation
  spark [BINARY]            the queries of sql/ on Spark, beside a hunt
  bench detection [--world NAME]... [--seeds N] [--first SEED] [--json FILE] [--methods A,B] [--leak] [--scale F]
                  [--pool KIND=FILE]... [--trace FILE]
                            Stillwatch and published methods on the same worlds; --leak hunts again day by day, to
                            know what was served before the first alarm
  bench frontier [--world NAME] [--cover F,F] [--exchanges N,N] [--accounts N,N] [--seeds N] [--json FILE]
                            recall over cover, exchanges an account and accounts a campaign
  bench calibration [--world NAME] [--seeds N] [--fdr F,F] [--scale F] [--json FILE]
                            stated error rates, confidence and e-values against the truth
  bench client --recording FILE [--accounts N,N] [--seeds N] [--first SEED] [--world NAME] [--scale F] [--cover F]
               [--passes N] [--days F] [--dealing even|random] [--json FILE]
                            a recorded client dealt over invented accounts in an honest world, and its honest twins
  bench cluster [--kills N] [--scale F] [--executors N] [--slots N]
                            the time of a hunt on a cluster of processes on this machine beside a local one, and the same
                            bytes after an executor was killed at a moment of the job, N times
  bench recall [--seeds N] [--first SEED] [--world NAME] [--set KEY=VALUE]... [--scale F]
               [--pool KIND=FILE]... [--trace FILE]
                            found and wrongly found over seeds, as docs/results.md has it
  bench scale [--seed N]    what an amount of traffic needs: the computed rows of docs/scale.md
  bench sources --benign NAME=FILE[:FIELD]... --hostile NAME=FILE[:FIELD]... [--seeds N] [--first SEED] [--world NAME]
                [--scale F] [--levels T1,T2,T3] [--json FILE]
                            one source of texts held out at a time: are strangers who speak it left alone, is a
                            campaign that collects it found
  bench speed [--scale F]   
                            megabytes a second of JSON lines and of Parquet, as docs/performance.md has it
  bench window --benign NAME=FILE[:FIELD]... --attack NAME=FILE[:FIELD]... [--stranger NAME=FILE]... [--sizes W,W]
               [--shares F,F] [--windows N] [--seeds S,S] [--cap N] [--vectors FILE] [--parts] [--json FILE]
                            the published window protocol on texts of yours: the distance test and a sparse one

Benches measure a release build, or --binary PATH.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["demo"] => demo::demo(),
        ["test"] => test::test(),
        ["spark"] => test::spark(),
        ["spark", binary] => spark::check(binary),
        ["bench", "detection", options @ ..] => bench::detection(options),
        ["bench", "client", options @ ..] => bench::client(options),
        ["bench", "cluster", options @ ..] => bench::cluster(options),
        ["bench", "calibration", options @ ..] => bench::calibration(options),
        ["bench", "frontier", options @ ..] => bench::frontier(options),
        ["bench", "recall", options @ ..] => bench::recall(options),
        ["bench", "scale", options @ ..] => bench::scale(options),
        ["bench", "sources", options @ ..] => bench::sources(options),
        ["bench", "speed", options @ ..] => bench::speed(options),
        ["bench", "window", options @ ..] => bench::window(options),
        ["help" | "--help"] | ["bench", "help" | "--help"] => {
            run::say(USAGE);
            Ok(())
        }
        _ => {
            run::say(USAGE);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
