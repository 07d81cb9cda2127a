//! Files that are given beside a log, or lie in a data directory: changed ones, bombs, pipes and devices.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::bombs::side_bombs;
use crate::bombs::write_good_log;
use crate::kills::below;
use crate::kills::copy;
use crate::logs::files_of;
use crate::mutation::mutated;
use crate::outcome::Outcome;
use crate::process::Limits;
use crate::process::Program;
use crate::random::Random;
use crate::results::half_written;

/// A hunt's option that names a file, and where valid ones are below the root of the project.
pub struct Side {
    /// The option.
    pub option: &'static str,
    /// Folder with valid files.
    pub seeds: &'static str,
    /// How the file must be called.
    ending: &'static str,
}

/// Every option of a hunt that names a file.
pub const SIDES: [Side; 12] = [
    Side { option: "--accounts", seeds: "crates/log/record/fixtures", ending: "jsonl" },
    Side { option: "--actions", seeds: "fuzz/seeds/actions", ending: "jsonl" },
    Side { option: "--join", seeds: "crates/log/record/fixtures", ending: "jsonl" },
    Side { option: "--map", seeds: "fuzz/seeds/map", ending: "toml" },
    Side { option: "--entities", seeds: "crates/product/attribution/examples/entities", ending: "toml" },
    Side { option: "--bank", seeds: "fuzz/seeds/bank", ending: "jsonl" },
    Side { option: "--embedding", seeds: "fuzz/seeds/word_vectors", ending: "vec" },
    Side { option: "--disposable-domains", seeds: "fuzz/seeds/time", ending: "txt" },
    Side { option: "--hosting-asns", seeds: "fuzz/seeds/time", ending: "txt" },
    Side { option: "--secret", seeds: "crates/app/stillwatch/tests", ending: "hex" },
    Side { option: "--reference", seeds: "crates/log/record/fixtures", ending: "jsonl" },
    Side { option: "--reference-accounts", seeds: "crates/log/record/fixtures", ending: "jsonl" },
];

/// A hunt of a good log with one option more.
struct Hunt<'a> {
    program: &'a Program,
    log: String,
    out: PathBuf,
    limits: Limits,
}

impl<'a> Hunt<'a> {
    fn new(program: &'a Program, scratch: &Path, limits: Limits) -> io::Result<Self> {
        let log = scratch.join("good.jsonl");
        write_good_log(&log, 20)?;
        fs::create_dir_all(scratch.join("found"))?;
        Ok(Self { program, log: log.display().to_string(), out: scratch.join("found/out"), limits })
    }

    fn with(&self, side: &Side, file: &str, outcome: &mut Outcome) -> io::Result<Vec<String>> {
        if self.out.exists() {
            fs::remove_dir_all(&self.out)?;
        }
        let out = self.out.display().to_string();
        let mut words = vec!["hunt", &self.log, "--out", &out, side.option, file];
        if side.option == "--reference-accounts" {
            words.extend(["--reference", &self.log]);
        }
        let ended = self.program.run(&words, self.limits)?;
        outcome.peak_kib = outcome.peak_kib.max(ended.peak_kib);
        let mut faults = ended.faults(self.limits);
        faults.extend(half_written(&self.out));
        if ended.code == Some(0) && !self.out.exists() {
            faults.push("done, and no results".to_owned());
        }
        Ok(faults)
    }
}

/// Gives each option changed files.
///
/// # Errors
/// What the system says.
pub fn attack_sides(
    program: &Program,
    root: &Path,
    scratch: &Path,
    tries: usize,
    note: &dyn Fn(&str),
) -> io::Result<Outcome> {
    let mut outcome = Outcome::new("sides");
    let hunt = Hunt::new(program, scratch, Limits::default())?;
    for side in &SIDES {
        note(&format!("sides: {}", side.option));
        let mut random = Random::new(tries as u64);
        let seeds = files_of(&root.join(side.seeds))?;
        for number in 0..tries {
            let (Some((_, seed)), Some((_, other))) = (random.pick(&seeds), random.pick(&seeds)) else { continue };
            let path = scratch.join(format!("{}-{number}.{}", side.option.trim_matches('-'), side.ending));
            fs::write(&path, mutated(seed, other, &mut random))?;
            let faults = hunt.with(side, &path.display().to_string(), &mut outcome)?;
            outcome.count(&format!("{} {}", side.option, path.display()), &faults);
            if faults.is_empty() {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(outcome)
}

/// Gives each option bombs, a pipe that nobody writes to, a device without an end, a folder, and a link to itself.
///
/// # Errors
/// What the system says.
pub fn attack_sides_with_bombs(program: &Program, scratch: &Path, note: &dyn Fn(&str)) -> io::Result<Outcome> {
    let mut outcome = Outcome::new("side-bombs");
    let hunt = Hunt::new(program, scratch, Limits::default())?;
    let mut files = vec!["/dev/zero".to_owned(), "/dev/full".to_owned(), below(scratch, "found")];
    let pipe = below(scratch, "pipe.jsonl");
    if Command::new("mkfifo").arg(&pipe).status()?.success() {
        files.push(pipe);
    }
    let link = scratch.join("link.jsonl");
    std::os::unix::fs::symlink(&link, &link)?;
    files.push(link.display().to_string());
    for bomb in side_bombs() {
        let path = scratch.join(bomb.name);
        (bomb.write)(&path)?;
        files.push(path.display().to_string());
    }
    for side in &SIDES {
        for file in &files {
            note(&format!("side-bombs: {} {file}", side.option));
            let faults = hunt.with(side, file, &mut outcome)?;
            outcome.count(&format!("{} {file}", side.option), &faults);
        }
    }
    Ok(outcome)
}

/// Changes each file of a data directory, and has the directory hunted, checked, added to and its ledger verified.
///
/// # Errors
/// What the system says.
pub fn attack_data_dir(program: &Program, scratch: &Path, tries: usize, note: &dyn Fn(&str)) -> io::Result<Outcome> {
    let mut outcome = Outcome::new("data-dir");
    let limits = Limits::default();
    let (log, data) = (below(scratch, "log.jsonl"), scratch.join("data"));
    let (place, out) = (data.display().to_string(), below(scratch, "out"));
    write_good_log(Path::new(&log), 50)?;
    let hunt = ["hunt", &place, "--data-dir", &place, "--out", &out];
    let commands: [&[&str]; 5] = [
        &hunt,
        &["ingest", &log, "--data-dir", &place],
        &["fold", "--data-dir", &place],
        &["fsck", &place],
        &["ledger", "verify", "--data-dir", &place],
    ];
    let first: [&[&str]; 3] = [&["ingest", &log, "--data-dir", &place], &["fold", "--data-dir", &place], &hunt];
    for command in first {
        let ended = program.run(command, limits)?;
        if ended.code != Some(0) {
            return Err(io::Error::other(format!("{command:?} failed: {}", ended.said)));
        }
    }
    let whole = scratch.join("whole");
    copy(&data, &whole)?;
    let names: Vec<String> = crate::tree::read_tree(&whole)?.into_keys().filter(|name| !name.ends_with('/')).collect();
    let mut random = Random::new(tries as u64);
    for name in &names {
        note(&format!("data-dir: {name}"));
        for number in 0..tries {
            fs::remove_dir_all(&data)?;
            copy(&whole, &data)?;
            let path = data.join(name);
            let bytes = fs::read(&path)?;
            let other = random.pick(&names).map(|name| fs::read(whole.join(name))).transpose()?.unwrap_or_default();
            let changed = mutated(&bytes, &other, &mut random);
            fs::write(&path, &changed)?;
            let command = commands.get(random.below(commands.len())).copied().unwrap_or_default();
            let ended = program.run(command, limits)?;
            let faults = ended.faults(limits);
            if !faults.is_empty() {
                fs::write(scratch.join(format!("changed-{}-{number}", name.replace('/', "_"))), changed)?;
            }
            outcome.count(&format!("{} after a change of {name}", command.first().copied().unwrap_or("")), &faults);
        }
    }
    Ok(outcome)
}
