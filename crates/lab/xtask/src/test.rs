//! `cargo xtask test`: everything that must pass.

use crate::console;
use crate::peers;
use crate::postgres;
use crate::redis;
use crate::run::build;
use crate::run::note;
use crate::run::output;
use crate::run::run;
use crate::run::run_with;
use crate::run::target;
use crate::s3::SERVER;
use crate::s3::Server;
use crate::sdk;
use crate::spark;
use crate::stix;

/// The features that bring the query engine, shared budgets and shared cases: the tests have them on.
const FEATURES: [&str; 2] =
    ["--features", "stillwatch/cluster,stillwatch/postgres,stillwatch/envoy,case/postgres,budget/redis"];

/// Format, lints, documentation, tests, dependencies and Spark, in the order in which they fail fastest. Needs the
/// toolchain; a Redis-protocol server for shared budgets, which is Debian's; PostgreSQL for cases, where it is installed; Python
/// for the S3 server that the tests of object storage read from, for the providers' own clients that speak to the gate and other
/// people's gateways that ask it, for the libraries that read what is shared, and for Spark, which needs Java 17 too: see
/// [`crate::python`]. Node and a browser for the page, where they can be had.
pub fn test() -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(&cargo, &["fmt", "--all", "--check"])?;
    let all = |command: &[&'static str]| [command, &["--workspace", "--locked"], &FEATURES].concat();
    run(&cargo, &[all(&["clippy", "--all-targets"]), vec!["--", "--deny", "warnings"]].concat())?;
    run_with(&cargo, &all(&["doc", "--no-deps"]), &[("RUSTDOCFLAGS", "--deny warnings")])?;
    let server = Server::start()?;
    let shared = redis::program()?;
    let clients = sdk::python()?;
    let readers = stix::python()?;
    let gateways = peers::programs();
    let cases = postgres::Server::start()?;
    let mut places =
        vec![(SERVER, server.place.as_str()), (redis::SERVER, shared.as_str()), (sdk::PYTHON, clients.as_str())];
    places.push((stix::PYTHON, readers.as_str()));
    places.extend(gateways.iter().map(|(variable, program)| (*variable, program.as_str())));
    if !cases.url.is_empty() {
        places.push((postgres::SERVER, cases.url.as_str()));
    }
    run_with(&cargo, &all(&["test", "--no-fail-fast"]), &places)?;
    console::test(&target().join("debug").join("stillwatch"))?;
    check_dependencies(&cargo)?;
    // The program as the tests built it: a build of it alone would compile it anew.
    spark::check(&target().join("debug").join("stillwatch").display().to_string())
}

/// Checks licences, sources and refused crates. The tool is installed where it is missing; where it cannot be, or its
/// database of advisories is out of reach, that is said.
fn check_dependencies(cargo: &str) -> Result<(), String> {
    let is_there = || output(cargo, &["deny", "--version"]).is_ok();
    if !is_there() {
        note("installing cargo-deny (once)");
        // Not optimised: it runs for a second, and would be compiled for minutes.
        let installed = run(cargo, &["install", "cargo-deny", "--locked", "--quiet", "--debug"]);
        if installed.is_err() || !is_there() {
            note("skipped: cargo-deny cannot be installed here, so licences and sources were not checked");
            return Ok(());
        }
    }
    run(cargo, &["deny", "--workspace", "check", "bans", "licenses", "sources"])
}

/// `cargo xtask spark`: only that.
pub fn spark() -> Result<(), String> {
    spark::check(&build("dev")?)
}
