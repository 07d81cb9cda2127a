//! The foreign libraries that read what is shared, from PyPI, in an environment of their own below the target folder.

use std::env;

use crate::python::environment;

/// Variable with a Python that has the libraries, which the tests look for.
pub const PYTHON: &str = "STILLWATCH_TEST_STIX";

const PACKAGES: [&str; 4] = ["stix2==3.0.2", "stix2-validator==3.3.2", "pymisp==2.5.34.4", "taxii2-client==2.3.0"];

/// The Python that has them.
///
/// # Errors
/// Where Python is missing, or the packages cannot be fetched.
pub fn python() -> Result<String, String> {
    if let Ok(python) = env::var(PYTHON) {
        return Ok(python);
    }
    Ok(environment("sharing", "stix2_validator", &PACKAGES)?.join("bin").join("python3").display().to_string())
}
