//! What the tests need beside the toolchain: Python packages in environments of their own below the target folder, and
//! Debian's packages where something is missing and may be installed.

use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use crate::run::folder;
use crate::run::note;
use crate::run::run;

/// The folder of an environment with some packages, made once.
///
/// # Errors
/// Where Python is missing, or a package cannot be fetched.
pub fn environment(name: &str, program: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let place = folder(name)?;
    if place.join("bin").join(program).exists() {
        return Ok(place);
    }
    have("python3", &["-c", "import ensurepip, venv"], "python3-venv")?;
    note(&format!("fetching {} for the tests (once)", packages.join(", ")));
    let text = place.display().to_string();
    run("python3", &["-m", "venv", "--clear", &text])?;
    let mut arguments = vec!["install", "--quiet", "--disable-pip-version-check"];
    arguments.extend(packages);
    run(&format!("{text}/bin/pip"), &arguments)
        .map_err(|error| format!("{error}\nthe tests need {} from a Python package index", packages.join(", ")))?;
    Ok(place)
}

/// Makes sure that a program runs: as root on Debian its package is installed, elsewhere it is named.
///
/// # Errors
/// Where it does not run and cannot be installed.
pub fn have(program: &str, arguments: &[&str], package: &str) -> Result<(), String> {
    if runs(program, arguments) {
        return Ok(());
    }
    if runs("apt-get", &["--version"]) && is_root() {
        note(&format!("installing {package}"));
        run("apt-get", &["update", "--quiet=2"])?;
        run("apt-get", &["install", "--quiet=2", "--yes", "--no-install-recommends", package])?;
    }
    if runs(program, arguments) { Ok(()) } else { Err(format!("the tests need {program} (install {package})")) }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
