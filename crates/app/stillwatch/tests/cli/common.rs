//! Runs the real binary.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

/// The binary.
pub const STILLWATCH: &str = env!("CARGO_BIN_EXE_stillwatch");

/// The binary with a secret of the tests, so that results are the same on every machine.
pub fn command() -> Command {
    let mut command = Command::new(STILLWATCH);
    command.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.env("STILLWATCH_SECRET", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/secret"));
    command
}

/// Runs the binary and waits.
pub fn stillwatch(arguments: &[&str]) -> Output {
    command().args(arguments).output().expect("the binary starts")
}

/// Runs the binary with a text on its standard input, and returns its standard output where it succeeds.
#[cfg(feature = "console")]
pub fn told(arguments: &[&str], input: &str) -> Option<String> {
    use std::io::Write;
    use std::process::Stdio;
    let mut command = command();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    child.stdin.take().expect("it has an input").write_all(input.as_bytes()).expect("it reads its input");
    let output = child.wait_with_output().expect("it ends");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Exit status and standard error of a run.
pub fn failed(arguments: &[&str]) -> (i32, String) {
    let output = stillwatch(arguments);
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs the binary, which must succeed, and returns its standard output.
pub fn succeed(arguments: &[&str]) -> String {
    let output = stillwatch(arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}\n{text}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

/// A small world in a folder: its log as plain lines, its accounts, its truth.
pub struct World {
    pub log: PathBuf,
    pub accounts: PathBuf,
    pub truth: PathBuf,
}

/// Makes the world `demo` at a scale.
pub fn world(folder: &Path, seed: &str, scale: &str) -> World {
    let place = folder.join(format!("world-{seed}"));
    succeed(&[
        "range",
        "generate",
        "--world",
        "demo",
        "--seed",
        seed,
        "--scale",
        scale,
        "--out",
        text(&place),
        "--quiet",
    ]);
    let packed = fs::read(place.join("exchanges.jsonl.zst")).expect("the world has a log");
    let log = folder.join(format!("log-{seed}.jsonl"));
    fs::write(&log, zstd::decode_all(packed.as_slice()).expect("the log is zstd")).expect("the log is written");
    World { log, accounts: place.join("accounts.jsonl"), truth: place.join("truth.json") }
}

/// Every file of a results folder but for time and memory.
pub fn results(found: &Path) -> Vec<(String, String)> {
    let names = ["campaigns.json", "accounts.jsonl", "leads.json", "groups.jsonl", "rejects.jsonl", "summary.json"];
    names
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(found.join(name)).expect("every output is written");
            let text = if name == "summary.json" { timeless(&text) } else { text };
            (name.to_owned(), text)
        })
        .collect()
}

/// A summary without its figures of time and memory.
fn timeless(summary: &str) -> String {
    let mut summary: serde_json::Value = serde_json::from_str(summary).expect("the summary is JSON");
    let fields = summary.as_object_mut().expect("the summary is an object");
    fields.retain(|name, _| !name.contains("_seconds") && !name.contains("peak_memory"));
    serde_json::to_string_pretty(&summary).expect("JSON is written")
}

/// Compares results, and shows only where they first differ.
pub fn assert_same(found: &[(String, String)], expected: &[(String, String)], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for ((name, ours), (_, theirs)) in found.iter().zip(expected) {
        let different =
            ours.lines().zip(theirs.lines()).find(|(a, b)| a != b).map(|(a, b)| format!("{a:.200}\n{b:.200}"));
        assert!(ours == theirs, "{what}: {name} differs: {}", different.unwrap_or_default());
    }
}
