//! A Redis-protocol server for the tests of shared budgets: Debian's.

use std::env;

use crate::python::have;

/// Variable with the server's program, which the tests look for.
pub const SERVER: &str = "STILLWATCH_TEST_REDIS";

/// The server's program; installed where it is missing and may be.
///
/// # Errors
/// Where it is missing and cannot be installed.
pub fn program() -> Result<String, String> {
    if let Ok(program) = env::var(SERVER) {
        return Ok(program);
    }
    have("redis-server", &["--version"], "redis-server")?;
    Ok("redis-server".to_owned())
}
