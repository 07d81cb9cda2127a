//! The project's own chores: `cargo xtask demo`, `cargo xtask test`, `cargo xtask bench`.

mod attack;
mod bank;
mod bench;
mod console;
mod demo;
mod peers;
mod postgres;
mod python;
mod redis;
mod release;
mod run;
mod s3;
mod sdk;
mod spark;
mod stix;
mod test;

use std::process::ExitCode;

use bench::Bench;
use clap::Parser;
use clap::Subcommand;

/// The project's own chores
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
enum Chore {
    /// Build, make a world, hunt it, and compare with the truth
    Demo,
    /// Everything that must pass: format, lints, tests, Spark
    Test,
    /// The page: fetched, checked and built into crates/product/console/web/build. Needs Node
    Console,
    /// The queries of sql/ on Spark, beside a hunt
    Spark {
        /// Program to hunt with [default: a build of this checkout]
        binary: Option<String>,
    },
    Bank(bank::Arguments),
    Release(release::Arguments),
    Attack(attack::Arguments),
    /// The tables of the documentation, made anew
    ///
    /// Benches measure a release build of this checkout, or the program that --binary names. Each says below which
    /// document shows its rows.
    #[command(subcommand)]
    Bench(Bench),
}

impl Chore {
    fn run(&self) -> Result<(), String> {
        match self {
            Chore::Demo => demo::demo(),
            Chore::Test => test::test(),
            Chore::Console => console::build(),
            Chore::Spark { binary: None } => test::spark(),
            Chore::Spark { binary: Some(binary) } => spark::check(binary),
            Chore::Attack(arguments) => attack::attack(arguments),
            Chore::Bank(arguments) => bank::bank(arguments),
            Chore::Release(arguments) => release::release(arguments),
            Chore::Bench(bench) => bench.run(),
        }
    }
}

fn main() -> ExitCode {
    match Arguments::parse().chore.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn options_are_well_formed_and_strangers_refused() {
        Arguments::command().debug_assert();
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        for line in [
            "xtask demo",
            "xtask console",
            "xtask spark target/release/stillwatch",
            "xtask release",
            "xtask release --binary x --out y",
            "xtask attack",
            "xtask attack --list",
            "xtask attack kills bombs --tries 3 --every 9 --json x.json --binary x",
            "xtask bench detection --world t1 --world t2 --seeds 2 --leak --methods volume,mmd --scale 0.5 --set cover=0",
            "xtask bench frontier --cover 0,0.5 --exchanges 10,40 --accounts 10,100 --json x.json",
            "xtask bench attribution --seeds 2 --first 5 --scale 1 --json x.json --binary x",
            "xtask bench audit --students 9 --trained 3 --shares 0.05,0.5 --context 3 --level 0.05 --binary x",
            "xtask bench calibration --fdr 0.01,0.05 --pool benign=x.jsonl --trace x.csv",
            "xtask bench client --recording x.jsonl --accounts 10,25 --dealing random --cover 0.5 --days 7 --passes 2",
            "xtask bench cluster --kills 2 --scale 0.5 --executors 3 --slots 2 --binary x",
            "xtask bench decide --accounts 1000 --campaigns 10 --decisions 100 --json x.json --binary x",
            "xtask bench gate --seconds 2 --rate 1000 --json x.json --binary x",
            "xtask bench recall --world yardstick --first 161 --seeds 23",
            "xtask bench scale --seed 3",
            "xtask bench sources --benign a=x --benign b=y:text --hostile c=z --levels T1,T3",
            "xtask bench speed --scale 0.1",
            "xtask bench window --benign a=x --attack b=y --stranger c=z --sizes 100,500 --shares 0.1 --parts",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
        for line in [
            "xtask",
            "xtask bench",
            "xtask bench frontier --scale 2",
            "xtask bench client",
            "xtask bench client --recording x --dealing odd",
            "xtask bench recall --seeds many",
            "xtask bench sources --benign a=x --levels T9",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn every_bench_says_which_document_shows_its_rows_and_gives_an_example() {
        let mut command = Arguments::command();
        let benches = command.find_subcommand_mut("bench").unwrap().get_subcommands_mut();
        for bench in benches {
            let help = bench.render_long_help().to_string();
            assert!(help.contains("docs/") && help.contains("cargo xtask bench"), "{help}");
        }
    }
}
