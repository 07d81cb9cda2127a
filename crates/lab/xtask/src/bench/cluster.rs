//! `cargo xtask bench cluster`: what a cluster costs, and that it survives the loss of an executor.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use clap::Args;
use serde_json::Value;

use crate::bench::options::Program;
use crate::run::note;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// A hunt that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(900);

/// Times without a death from which the usual time is taken.
const CALM: usize = 5;

/// What does a cluster cost, and does it survive the loss of an executor?
///
/// Hunts one world on this machine and on a cluster of processes on it, then again with an executor killed at a moment of
/// the job, and compares every result byte for byte. docs/scale.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench cluster --kills 5 --executors 3")]
pub struct Arguments {
    /// Hunts of which an executor is killed
    #[arg(long, value_name = "N", default_value_t = 20)]
    kills: u64,
    /// Multiplies the numbers of accounts of the world
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    scale: f64,
    /// Executors of the cluster
    #[arg(long, value_name = "N", default_value_t = 2)]
    executors: u64,
    /// Tasks that an executor runs at a time
    #[arg(long, value_name = "N", default_value_t = 1)]
    slots: u64,
    #[command(flatten)]
    program: Program,
}

/// What is measured on.
struct Bench {
    stillwatch: String,
    folder: PathBuf,
    data: String,
    executors: u64,
    slots: u64,
}

/// Runs the bench.
pub fn cluster(arguments: &Arguments) -> Result<(), String> {
    let Arguments { kills, scale, executors, slots, .. } = *arguments;
    let scale = scale.to_string();
    let folder = scratch("cluster")?;
    let stillwatch = arguments.program.path_with_engine()?;
    let path = |name: &str| folder.join(name).display().to_string();
    let (world, data) = (path("world"), path("data"));
    output(&stillwatch, &["range", "generate", "--world", "demo", "--scale", &scale, "--out", &world, "--quiet"])?;
    output(&stillwatch, &["ingest", &format!("{world}/exchanges.jsonl.zst"), "--data-dir", &data, "--quiet"])?;
    let bench = Bench { stillwatch, folder, data, executors, slots };
    let local = bench.calm("local", "local")?;
    let expected = bench.results("local")?;
    let parts = bench.start()?;
    let cluster = bench.calm("cluster", &parts.engine())?;
    if bench.results("cluster")? != expected {
        return Err("a cluster gave other bytes than one machine".to_owned());
    }
    let fold = bench.seconds_to_fold("cluster")?;
    drop(parts);
    let mut hurt = Vec::new();
    let mut spared = 0;
    for kill in 0..kills {
        // Spread over the fold, after which the cluster has nothing left to lose.
        let after = fold * (kill as f64 + 0.5) / kills as f64;
        match bench.kill_after(Duration::from_secs_f64(after))? {
            Some(seconds) => hurt.push(seconds),
            None => spared += 1,
        }
        if bench.results("killed")? != expected {
            return Err(format!("other bytes after an executor was killed at {after:.2} s"));
        }
        note(&format!("kill {} of {kills} at {after:.2} s: {:?}", kill + 1, hurt.last()));
    }
    report(&bench, local, cluster, hurt, spared);
    Ok(())
}

fn report(bench: &Bench, local: f64, cluster: f64, mut hurt: Vec<f64>, spared: u64) {
    hurt.sort_by(f64::total_cmp);
    let at = |share: f64| hurt.get(((hurt.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0.0);
    say("\n| what | seconds |\n|---|---|");
    say(&format!("| local, median of {CALM} | {local:.2} |"));
    let (executors, slots) = (bench.executors, bench.slots);
    say(&format!(
        "| cluster of {executors} executors of {slots} slots on this machine, median of {CALM} | {cluster:.2} |"
    ));
    say(&format!("| one executor killed, median of {} | {:.2} |", hurt.len(), at(0.5)));
    say(&format!("| one executor killed, worst | {:.2} |", at(1.0)));
    say(&format!("\ncluster over local: {:.2}", cluster / local));
    say(&format!("every result the same bytes; {spared} kills came after the hunt's end"));
}

impl Bench {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn hunt(&self, name: &str, engine: &str) -> Command {
        let mut command = Command::new(&self.stillwatch);
        command.args(["hunt", &self.data, "--out", &self.path(name), "--quiet", "--engine", engine]);
        command
    }

    /// The median time of a hunt that nobody disturbs.
    fn calm(&self, name: &str, engine: &str) -> Result<f64, String> {
        let mut seconds = Vec::new();
        for _ in 0..CALM {
            let started = Instant::now();
            wait(self.hunt(name, engine).spawn().map_err(|error| error.to_string())?)?;
            seconds.push(started.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        Ok(seconds.get(CALM / 2).copied().unwrap_or(0.0))
    }

    /// The time of a hunt of which an executor is killed after a while; `None` where it had ended before.
    fn kill_after(&self, after: Duration) -> Result<Option<f64>, String> {
        let mut parts = self.start()?;
        let started = Instant::now();
        let mut hunt = self.hunt("killed", &parts.engine()).spawn().map_err(|error| error.to_string())?;
        thread::sleep(after.saturating_sub(started.elapsed()));
        let had_ended = hunt.try_wait().map_err(|error| error.to_string())?.is_some();
        if let Some(executor) = parts.executors.first_mut() {
            executor.end();
        }
        wait(hunt)?;
        Ok((!had_ended).then(|| started.elapsed().as_secs_f64()))
    }

    fn start(&self) -> Result<Parts, String> {
        let scheduler = Part::start(&self.stillwatch, &["scheduler", "--bind", "127.0.0.1:0"])?;
        let slots = self.slots.to_string();
        let work = self.path("work");
        let executor = || {
            let place = scheduler.place.as_str();
            Part::start(&self.stillwatch, &["executor", "--scheduler", place, "--slots", &slots, "--work-dir", &work])
        };
        let executors = (0..self.executors).map(|_| executor()).collect::<Result<_, _>>()?;
        Ok(Parts { scheduler, executors })
    }

    /// When a hunt had its profiles.
    fn seconds_to_fold(&self, name: &str) -> Result<f64, String> {
        let text =
            fs::read_to_string(self.folder.join(name).join("summary.json")).map_err(|error| error.to_string())?;
        let summary: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(summary.pointer("/wall_seconds_to_fold").and_then(Value::as_f64).unwrap_or(0.0))
    }

    /// What a hunt found, but for time and memory.
    fn results(&self, name: &str) -> Result<Vec<String>, String> {
        let found = self.folder.join(name);
        ["campaigns.json", "accounts.jsonl", "groups.jsonl", "summary.json"]
            .map(|file| read(&found.join(file)))
            .into_iter()
            .collect()
    }
}

fn read(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if !path.ends_with("summary.json") {
        return Ok(text);
    }
    let mut summary: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if let Some(fields) = summary.as_object_mut() {
        fields.retain(|name, _| !name.contains("_seconds") && !name.contains("peak_memory"));
    }
    Ok(summary.to_string())
}

fn wait(mut child: Child) -> Result<(), String> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return if status.success() { Ok(()) } else { Err(format!("a hunt failed: {status}")) };
        }
        if started.elapsed() > LONGEST {
            let _ = child.kill();
            return Err(format!("a hunt took more than {LONGEST:?}"));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

struct Parts {
    scheduler: Part,
    executors: Vec<Part>,
}

impl Parts {
    fn engine(&self) -> String {
        format!("ballista://{}", self.scheduler.place)
    }
}

/// A scheduler or an executor; killed when dropped.
struct Part {
    child: Child,
    place: String,
}

impl Part {
    fn start(program: &str, arguments: &[&str]) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(arguments)
            .args(["--log", "error"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program} cannot be started: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let place = line.trim().rsplit(' ').next().unwrap_or("").to_owned();
        let part = Self { child, place };
        if part.place.is_empty() { Err(format!("{} did not start", arguments.join(" "))) } else { Ok(part) }
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.end();
    }
}
