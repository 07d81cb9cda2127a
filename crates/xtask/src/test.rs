//! `cargo xtask test`: everything that must pass.

use crate::run::run;
use crate::run::run_with;
use crate::s3::SERVER;
use crate::s3::Server;

/// Format, lints, tests and documentation, in the order in which they fail fastest. Needs the toolchain, and Python for
/// the S3 server that the tests of object storage read from.
pub fn test() -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(&cargo, &["fmt", "--all", "--check"])?;
    run(&cargo, &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])?;
    let server = Server::start()?;
    run_with(&cargo, &["test", "--workspace", "--locked", "--no-fail-fast"], SERVER, &server.place)
}
