//! Options that several benches have in common.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::run::build;
use crate::run::build_with;

/// The program that is measured.
#[derive(Debug, Args)]
pub struct Program {
    /// Program to measure [default: a release build of this checkout]
    #[arg(long, value_name = "PATH")]
    binary: Option<String>,
}

impl Program {
    /// Its path; builds it if none was given.
    pub fn path(&self) -> Result<String, String> {
        self.binary.clone().map_or_else(|| build("release"), Ok)
    }

    /// Its path; builds it with the query engine if none was given.
    pub fn path_with_engine(&self) -> Result<String, String> {
        self.binary.clone().map_or_else(|| build_with("release", &["--features", "cluster"]), Ok)
    }
}

/// Where the figures go, beside the printed tables.
#[derive(Debug, Args)]
pub struct Figures {
    /// File that gets the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Figures {
    /// Writes the figures, if a file was given.
    pub fn write(&self, value: &Value) -> Result<(), String> {
        let Some(path) = &self.json else { return Ok(()) };
        let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
        fs::write(path, text + "\n").map_err(|error| format!("cannot write {}: {error}", path.display()))
    }
}

/// How much traffic a world has, and when.
#[derive(Debug, Args)]
pub struct Traffic {
    /// Multiplies the numbers of accounts of a world
    #[arg(long, value_name = "F")]
    pub scale: Option<f64>,
    /// Recorded arrival process that replaces the generated ones
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
}

/// Texts that replace generated ones.
#[derive(Debug, Args)]
pub struct Texts {
    /// File whose texts replace generated ones: benign=FILE or work=FILE; may be given more than once
    #[arg(long = "pool", value_name = "KIND=FILE")]
    pub pools: Vec<String>,
}

/// Keys of the campaigns of a world.
#[derive(Debug, Args)]
pub struct Settings {
    /// Sets a key of every campaign of a world; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
}

/// The words that this program was called with: figures say by which command they were made.
pub fn command() -> String {
    std::env::args().skip(1).collect::<Vec<String>>().join(" ")
}

/// A number inside a JSON document; zero where it is not there.
pub fn at(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0)
}
