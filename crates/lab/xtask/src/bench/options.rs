//! Options of the benches.

use std::fs;

use serde_json::Value;

use crate::run::build;

/// An option's value; `--name value`.
pub fn option<'a>(options: &[&'a str], name: &str) -> Option<&'a str> {
    options.iter().position(|word| *word == name).and_then(|at| options.get(at + 1)).copied()
}

/// Every value of an option that may be given more than once.
pub fn options_named<'a>(options: &[&'a str], name: &str) -> Vec<&'a str> {
    options.iter().zip(options.iter().skip(1)).filter(|(word, _)| **word == name).map(|(_, value)| *value).collect()
}

/// A whole number, or what is usual.
pub fn number(options: &[&str], name: &str, usual: u64) -> Result<u64, String> {
    match option(options, name) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| format!("{name} {text} is no number (give a whole number)")),
    }
}

/// Numbers separated by commas, or what is usual.
pub fn numbers(options: &[&str], name: &str, usual: &[f64]) -> Result<Vec<f64>, String> {
    let Some(text) = option(options, name) else { return Ok(usual.to_vec()) };
    let parse = |part: &str| part.trim().parse().map_err(|_| format!("{name}: {part:?} is no number"));
    text.split(',').map(parse).collect()
}

/// Refuses options that nobody reads; each is `--name value` but for the switches.
pub fn check(options: &[&str], known: &[&str], switches: &[&str]) -> Result<(), String> {
    let mut words = options.iter();
    while let Some(word) = words.next() {
        if switches.contains(word) {
            continue;
        }
        if !known.contains(word) {
            return Err(format!("unknown option {word} (known: {} {})", known.join(" "), switches.join(" ")));
        }
        words.next().ok_or_else(|| format!("{word} needs a value"))?;
    }
    Ok(())
}

/// The binary to be measured: `--binary PATH`, or a release build.
pub fn binary(options: &[&str]) -> Result<String, String> {
    option(options, "--binary").map_or_else(|| build("release"), |path| Ok(path.to_owned()))
}

/// A number inside a JSON document; zero where it is not there.
pub fn at(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0)
}

/// Writes the figures to the file of `--json`, if it was given.
pub fn write_json(options: &[&str], value: &Value) -> Result<(), String> {
    let Some(path) = option(options, "--json") else { return Ok(()) };
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    fs::write(path, text + "\n").map_err(|error| format!("cannot write {path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_strangers_refused() {
        let given = ["--world", "a", "--leak", "--world", "b", "--cover", "0,0.5"];
        assert_eq!(options_named(&given, "--world"), ["a", "b"]);
        assert_eq!(numbers(&given, "--cover", &[]).unwrap(), [0.0, 0.5]);
        assert!(check(&given, &["--world", "--cover"], &["--leak"]).is_ok());
        assert!(check(&given, &["--world"], &["--leak"]).unwrap_err().contains("--cover"));
        assert!(check(&["--world"], &["--world"], &[]).is_err());
    }
}
