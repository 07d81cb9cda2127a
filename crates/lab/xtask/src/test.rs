//! `cargo xtask test`: everything that must pass.

use crate::run::build;
use crate::run::run;
use crate::run::run_with;
use crate::run::target;
use crate::s3::SERVER;
use crate::s3::Server;
use crate::spark;

/// Format, lints, tests, and Spark, in the order in which they fail fastest. Needs the toolchain; Python for the S3 server
/// that the tests of object storage read from, and for Spark, which needs Java 17 too: see [`crate::python`].
pub fn test() -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(&cargo, &["fmt", "--all", "--check"])?;
    run(&cargo, &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])?;
    let server = Server::start()?;
    run_with(&cargo, &["test", "--workspace", "--locked", "--no-fail-fast"], SERVER, &server.place)?;
    // The program as the tests built it: a build of it alone would compile it anew.
    spark::check(&target().join("debug").join("stillwatch").display().to_string())
}

/// `cargo xtask spark`: only that.
pub fn spark() -> Result<(), String> {
    spark::check(&build("dev")?)
}
