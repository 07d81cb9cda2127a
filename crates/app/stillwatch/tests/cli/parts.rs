//! The parts of a cluster as processes.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::common::command;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;
use crate::process::Part;

/// A scheduler with executors.
pub struct Parts {
    pub scheduler: Part,
    pub executors: Vec<Part>,
    folder: PathBuf,
}

impl Parts {
    /// Starts a scheduler and `count` executors of one slot each, on this machine.
    pub fn start(folder: &Path, count: usize) -> Self {
        let scheduler = Part::start(folder, &["scheduler", "--bind", "127.0.0.1:0"]);
        let mut parts = Self { scheduler, executors: Vec::new(), folder: folder.to_owned() };
        (0..count).for_each(|_| parts.add());
        parts
    }

    /// Starts one more executor.
    pub fn add(&mut self) {
        let work = self.work(self.executors.len());
        let executor = Part::start(
            &self.folder,
            &["executor", "--scheduler", &self.scheduler.place, "--slots", "1", "--work-dir", text(&work)],
        );
        self.executors.push(executor);
    }

    /// The folder that an executor works in.
    pub fn work(&self, number: usize) -> PathBuf {
        self.folder.join(format!("work-{number}"))
    }

    pub fn engine(&self) -> String {
        format!("ballista://{}", self.scheduler.place)
    }
}

/// A world in the columnar form, and its accounts.
pub struct Data {
    pub dir: PathBuf,
    pub log: PathBuf,
    pub accounts: PathBuf,
}

/// Makes the world `demo` at a scale and ingests it.
pub fn data(folder: &Path, seed: &str, scale: &str) -> Data {
    let world = world(folder, seed, scale);
    let dir = folder.join(format!("data-{seed}"));
    succeed(&["ingest", text(&world.log), "--data-dir", text(&dir), "--quiet"]);
    Data { dir, log: world.log, accounts: world.accounts }
}

/// A command that hunts.
pub fn hunting(input: &Path, accounts: &Path, found: &Path, engine: &str, more: &[&str]) -> Command {
    let mut command = command();
    command.args(["hunt", text(input), "--accounts", text(accounts), "--out", text(found), "--quiet"]);
    command.args(["--engine", engine]).args(more);
    command
}

/// Runs a command that must end in time.
pub fn within(limit: Duration, command: &mut Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait(limit, child)
}

/// Waits for a child that must end in time, and says little.
pub fn wait(limit: Duration, mut child: Child) -> Output {
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > limit {
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            panic!("it took more than {limit:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// Exit status and standard error.
pub fn said(output: &Output) -> (i32, String) {
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Number of files with partial results below a folder.
pub fn partial_results(folder: &Path) -> usize {
    let mut count = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "arrow") {
                count += 1;
            }
        }
    }
    count
}
