//! `cargo xtask console`: the page, and its tests in a browser.

use std::env;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use crate::python::have;
use crate::run::folder;
use crate::run::note;
use crate::run::root;

/// Where Debian has the browser; `$CHROMIUM` names another.
const BROWSER: &str = "/usr/bin/chromium";
/// The oldest Node that builds the page.
const NODE: u32 = 20;

/// Builds the page into `crates/product/console/web/build`: what is locked is fetched, the types are made of the API's document,
/// and everything is checked.
///
/// # Errors
/// Where Node is missing or a step fails.
pub fn build() -> Result<(), String> {
    tools()?;
    npm(&["ci", "--no-audit", "--no-fund"])?;
    for step in ["generate", "check", "build"] {
        npm(&["run", "--silent", step])?;
    }
    // A release build has the page inside it, and looks at this file alone.
    let source = root().join("crates/product/console/src/site.rs");
    let touched = File::options().append(true).open(&source).and_then(|file| file.set_modified(SystemTime::now()));
    touched.map_err(|error| format!("{}: {error}", source.display()))?;
    note(&format!("the page is in {}", web().join("build").display()));
    Ok(())
}

/// Builds the page and tries it in a browser, against a program that is built.
///
/// # Errors
/// Where it does not do what it should. Where Node, its packages or the browser cannot be had, that is said and no error.
pub fn test(binary: &Path) -> Result<(), String> {
    if let Err(missing) = tools().and_then(|()| browser()).and_then(|()| npm(&["ci", "--no-audit", "--no-fund"])) {
        note(&format!("skipped: the page was neither built nor tried in a browser: {missing}"));
        return Ok(());
    }
    for step in ["generate", "check", "build"] {
        npm(&["run", "--silent", step])?;
    }
    let artefacts = folder("console")?;
    let mut command = command(&["run", "--silent", "test"]);
    command.env("STILLWATCH_BINARY", binary).env("STILLWATCH_ARTEFACTS", &artefacts);
    finish(command, "run test")?;
    note(&format!("pictures of each screen are in {}", artefacts.join("pictures").display()));
    Ok(())
}

fn web() -> PathBuf {
    root().join("crates/product/console/web")
}

/// Makes sure that Node and npm are there.
fn tools() -> Result<(), String> {
    have("node", &["--version"], "nodejs")?;
    have("npm", &["--version"], "npm")?;
    let output = Command::new("node").arg("--version").output().map_err(|error| error.to_string())?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE => Ok(()),
        _ => Err(format!("the page needs Node {NODE} or later, and this is {version} (https://nodejs.org)")),
    }
}

fn browser() -> Result<(), String> {
    let program = env::var("CHROMIUM").unwrap_or_else(|_| BROWSER.to_owned());
    have(&program, &["--version"], "chromium")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(web());
    command
}

fn npm(arguments: &[&str]) -> Result<(), String> {
    finish(command(arguments), &arguments.join(" "))
}

fn finish(mut command: Command, shown: &str) -> Result<(), String> {
    note(&format!("\n$ npm {shown}"));
    let status = command.status().map_err(|error| format!("npm cannot be started: {error} (install npm)"))?;
    if status.success() { Ok(()) } else { Err(format!("npm {shown} failed: {status}")) }
}
