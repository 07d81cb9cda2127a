//! Running commands and saying what is done.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// Prints a line to standard output.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a line to standard error: how far a long chore is.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Runs a command to its end.
pub fn run<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Result<(), String> {
    let shown: Vec<String> = arguments.iter().map(|a| a.as_ref().to_string_lossy().into_owned()).collect();
    say(&format!("\n$ {program} {}", shown.join(" ")));
    finish(&mut command(program, arguments), program, &shown)
}

/// Runs a command to its end, with variables in its environment.
pub fn run_with<S: AsRef<OsStr>>(program: &str, arguments: &[S], variables: &[(&str, &str)]) -> Result<(), String> {
    let shown: Vec<String> = arguments.iter().map(|a| a.as_ref().to_string_lossy().into_owned()).collect();
    let set: String = variables.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    say(&format!("\n$ {set}{program} {}", shown.join(" ")));
    finish(command(program, arguments).envs(variables.iter().copied()), program, &shown)
}

fn finish(command: &mut Command, program: &str, shown: &[String]) -> Result<(), String> {
    let status =
        command.status().map_err(|error| format!("{program} cannot be started: {error} (is it installed?)"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} {} failed: {status}", shown.join(" "))) }
}

/// Runs a command and returns what it printed.
pub fn output<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Result<String, String> {
    let output = command(program, arguments)
        .output()
        .map_err(|error| format!("{program} cannot be started: {error} (is it installed?)"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{program} failed: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// A command at the root, without what `cargo run` told this program of itself: build scripts that look at such
/// variables would run again, and everything above them be compiled anew.
fn command<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    // Samples are drawn under a secret: with that of the tests, a figure is the same on every machine.
    command.env("STILLWATCH_SECRET", root().join("crates/app/stillwatch/tests/secret"));
    for (name, _) in std::env::vars_os() {
        let own = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if own.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    // INVARIANT (place): this crate is three folders below the root.
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).map(PathBuf::from).unwrap_or_default()
}

/// A folder that is kept from run to run; ignored by git.
pub fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = target().join("xtask").join(name);
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    Ok(folder)
}

/// The folder for what chores make; ignored by git.
pub fn scratch(name: &str) -> Result<PathBuf, String> {
    let folder = target().join("xtask").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("cannot clear {}: {error}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    Ok(folder)
}

/// Where builds go.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Builds the binary in a profile, without the query engine, and returns its path.
pub fn build(profile: &str) -> Result<String, String> {
    build_with(profile, &[])
}

/// The same with more arguments for Cargo: features.
pub fn build_with(profile: &str, more: &[&str]) -> Result<String, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["build", "--package", "stillwatch", "--profile", profile, "--locked"];
    run(&cargo, &[&arguments[..], more].concat())?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target().join(folder).join("stillwatch").display().to_string())
}
