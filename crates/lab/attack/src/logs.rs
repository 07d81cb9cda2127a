//! Logs that are not as they should be: changed files of every format, and secrets in every field.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::bombs::write_good_log;
use crate::mutation::mutated;
use crate::outcome::Outcome;
use crate::planted::planted;
use crate::planted::records_of;
use crate::process::Limits;
use crate::process::Program;
use crate::random::Random;
use crate::results::half_written;
use crate::results::leaks;
use crate::results::lost_of_good_log;
use crate::tables::write_planted_tables;
use crate::tables::write_table;

/// Changed files that are hunted at once.
const AT_A_TIME: usize = 16;

/// Exchanges of the good log beside them.
const GOOD: usize = 200;

/// Endings of the fixtures that are one document and no lines.
const DOCUMENTS: [&str; 2] = [".json", ".har"];

/// Valid files: names and bytes, by name.
///
/// # Errors
/// What the system says.
pub fn files_of(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| Ok((name(path), fs::read(path)?))).collect()
}

/// Fixtures of every format, as they are and packed, and a table.
fn seeds(fixtures: &Path, scratch: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut seeds = files_of(fixtures)?;
    let table = scratch.join("table.parquet");
    write_table(&table, 50)?;
    seeds.push(("table.parquet".to_owned(), fs::read(&table)?));
    for (name, ending) in [("native.jsonl", "zst"), ("litellm.jsonl", "gz")] {
        let Some((_, bytes)) = seeds.iter().find(|(known, _)| known == name) else { continue };
        let packed = if ending == "zst" {
            zstd::stream::encode_all(bytes.as_slice(), 3)?
        } else {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            packer.write_all(bytes)?;
            packer.finish()?
        };
        seeds.push((format!("{name}.{ending}"), packed));
    }
    Ok(seeds)
}

/// Hunts changed files of every format, each kind so many times.
///
/// # Errors
/// What the system says.
pub fn attack_logs(
    program: &Program,
    fixtures: &Path,
    scratch: &Path,
    tries: usize,
    note: &dyn Fn(&str),
) -> io::Result<Outcome> {
    let mut outcome = Outcome::new("logs");
    let seeds = seeds(fixtures, scratch)?;
    let mut random = Random::new(tries as u64);
    let mut made: Vec<(String, Vec<u8>)> = Vec::new();
    for round in 0..tries {
        for (name, bytes) in &seeds {
            let other = random.pick(&seeds).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
            made.push((format!("{round:04}-{name}"), mutated(bytes, &other, &mut random)));
        }
    }
    for (number, some) in made.chunks(AT_A_TIME).enumerate() {
        note(&format!("logs: {} of {}", number * AT_A_TIME, made.len()));
        hunt_some(program, scratch, &format!("logs-{number}"), some, Limits::default(), &mut outcome)?;
    }
    Ok(outcome)
}

/// Hunts records with a secret in each of their fields.
///
/// # Errors
/// What the system says.
pub fn attack_with_secrets(
    program: &Program,
    fixtures: &Path,
    scratch: &Path,
    note: &dyn Fn(&str),
) -> io::Result<Outcome> {
    let mut outcome = Outcome::new("secrets");
    for (name, bytes) in files_of(fixtures)? {
        note(&format!("secrets: {name}"));
        let records = records_of(&String::from_utf8_lossy(&bytes));
        let made: Vec<String> = records.iter().flat_map(planted).collect();
        let files: Vec<(String, Vec<u8>)> = if DOCUMENTS.iter().any(|ending| name.ends_with(ending)) {
            made.into_iter().enumerate().map(|(at, text)| (format!("{at:05}-{name}"), text.into_bytes())).collect()
        } else if made.is_empty() {
            continue;
        } else {
            vec![(name.clone(), (made.join("\n") + "\n").into_bytes())]
        };
        for (number, some) in files.chunks(400).enumerate() {
            hunt_some(program, scratch, &format!("secrets-{name}-{number}"), some, Limits::default(), &mut outcome)?;
        }
    }
    let folder = scratch.join("planted");
    fs::create_dir_all(&folder)?;
    write_planted_tables(&folder)?;
    hunt_some(program, scratch, "secrets-tables", &files_of(&folder)?, Limits::default(), &mut outcome)?;
    Ok(outcome)
}

/// Hunts some files beside a good log, and looks at what is left. Each file is one try; where anything is wrong, all are kept.
fn hunt_some(
    program: &Program,
    scratch: &Path,
    name: &str,
    files: &[(String, Vec<u8>)],
    limits: Limits,
    outcome: &mut Outcome,
) -> io::Result<()> {
    let folder = scratch.join(name);
    let (logs, out) = (folder.join("logs"), folder.join("found/out"));
    fs::create_dir_all(&logs)?;
    fs::create_dir_all(folder.join("found"))?;
    for (file, bytes) in files {
        fs::write(logs.join(file), bytes)?;
    }
    write_good_log(&logs.join("good.jsonl"), GOOD)?;
    let (logs, place) = (logs.display().to_string(), out.display().to_string());
    let ended = program.run(&["hunt", &logs, "--out", &place, "--max-rejects", "1"], limits)?;
    let mut faults = ended.faults(limits);
    faults.extend(half_written(&out));
    faults.extend(leaks(&ended, &out));
    faults.extend(lost_of_good_log(&out, GOOD as u64));
    outcome.peak_kib = outcome.peak_kib.max(ended.peak_kib);
    outcome.count(&format!("{} (the logs are kept)", folder.display()), &faults);
    if faults.is_empty() {
        // The others of the files were survived too.
        outcome.tried += files.len() as u64 - 1;
        outcome.survived += files.len() as u64 - 1;
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// Hunts all bombs and a good log at once.
///
/// # Errors
/// What the system says.
pub fn attack_with_bombs(program: &Program, scratch: &Path, note: &dyn Fn(&str)) -> io::Result<Outcome> {
    let mut outcome = Outcome::new("bombs");
    let mut files = Vec::new();
    for bomb in crate::bombs::bombs() {
        note(&format!("bombs: making {}", bomb.name));
        let path = scratch.join(bomb.name);
        (bomb.write)(&path)?;
        files.push((bomb.name.to_owned(), fs::read(&path)?));
        fs::remove_file(&path)?;
    }
    note("bombs: hunting all of them");
    hunt_some(program, scratch, "bombs", &files, Limits::default(), &mut outcome)?;
    Ok(outcome)
}
