//! The providers' own Python clients for the tests of the gate, from PyPI, in an environment of their own below the target
//! folder.

use std::env;

use crate::python::environment;

/// Variable with a Python that has the clients, which the tests look for.
pub const PYTHON: &str = "STILLWATCH_TEST_SDK";

const PACKAGES: [&str; 2] = ["openai==3.57.0", "anthropic==2.14.0"];

/// The Python that has the clients.
///
/// # Errors
/// Where Python is missing, or the packages cannot be fetched.
pub fn python() -> Result<String, String> {
    if let Ok(python) = env::var(PYTHON) {
        return Ok(python);
    }
    // The clients bring this program with the one that speaks HTTP for them.
    Ok(environment("sdk", "httpx2", &PACKAGES)?.join("bin").join("python3").display().to_string())
}
