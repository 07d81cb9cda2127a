//! Making a world: who is in it, on how many threads, into which files.
//!
//! Accounts are told one after the other in the order of their ids, which are random: nothing in the order gives
//! truth away, and no more than a few accounts are in memory at a time. Records are therefore not sorted by time.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use record::Exchange;
use record::native::write_exchange;
use record::table::ExchangeWriter;
use workers::try_parallel_map;

use crate::cast::{Cast, Member};
use crate::columnar;
use crate::emit::Sink;
use crate::error::Error;
use crate::options::Form;
use crate::options::GenerateOptions;
use crate::partial::Partial;
use crate::stage::Stage;
use crate::tell::Counts;
use crate::tell::tell;
use crate::time;
use crate::truth::Truth;
use crate::world::World;

/// Accounts that one thread tells at a time.
const UNIT: usize = 48;
/// Units that each thread may be ahead of the file.
const AHEAD: usize = 8;
/// Account shards that a day may be cut into: folders have two digits.
const MAX_SHARDS: u8 = 99;
/// Bytes of text that are handed to the compressor at a time.
const BLOCK: usize = 1 << 18;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Exchanges written.
    pub exchanges: u64,
    /// Accounts written.
    pub accounts: u64,
    /// Campaigns among them.
    pub campaigns: u64,
    /// Bytes of exchanges before compression; of the files where they are Parquet.
    pub bytes: u64,
}

/// Makes a world and writes `exchanges.jsonl.zst` (or `exchanges.parquet`), `accounts.jsonl` and `truth.json` into
/// the folder `out`, which appears whole or not at all; `progress` is told exchanges done and expected.
pub fn generate(
    world: &World,
    options: &GenerateOptions,
    out: &Path,
    progress: &dyn Fn(u64, u64),
) -> Result<Generated, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    generate_on(world, options, out, progress, threads)
}

fn generate_on(
    world: &World,
    options: &GenerateOptions,
    out: &Path,
    progress: &dyn Fn(u64, u64),
    threads: usize,
) -> Result<Generated, Error> {
    if !(options.scale > 0.0 && options.scale <= 1_000.0) {
        return Err(Error::Usage(format!(
            "scale {} is out of range (give a number above 0, at most 1000)",
            options.scale
        )));
    }
    if let Form::Columnar { shards } = options.form
        && !(1..=MAX_SHARDS).contains(&shards)
    {
        return Err(Error::Usage(format!("{shards} shards are out of range (give a number from 1 to {MAX_SHARDS})")));
    }
    let mut stage = Stage::new(world, options)?;
    let mut cast = Cast::new(world, &stage, options.scale);
    if !stage.pools.benign.is_empty() {
        let conversations = cast.number(&stage);
        stage.pools.deal_over(conversations, stage.seed);
    }
    let folder = Partial::create(out)?;
    let mut counts = Counts::new(&cast, progress);
    let path = folder.path.join("accounts.jsonl");
    let mut accounts = BufWriter::new(File::create(&path).map_err(Error::write(&path))?);
    match options.form {
        Form::Lines => write_lines(&stage, &cast, &folder.path, &mut accounts, &mut counts, threads)?,
        Form::Parquet => write_parquet(&stage, &cast, &folder.path, &mut accounts, &mut counts)?,
        Form::Columnar { shards } => {
            columnar::write_accounts(&stage, &cast, &path, &mut accounts)?;
            columnar::write_columnar(&stage, &cast, &folder.path, shards, &mut counts, threads)?;
        }
    }
    accounts.flush().map_err(Error::write(&path))?;
    write_actions(&cast, &folder.path.join("actions.jsonl"))?;
    let truth = folder.path.join("truth.json");
    let mut text = serde_json::to_vec(&Truth::new(world, options.seed, &cast, &counts.by_group))
        .map_err(|fault| Error::content(&truth, fault.to_string()))?;
    text.push(b'\n');
    fs::write(&truth, text).map_err(Error::write(&truth))?;
    let made = Generated {
        exchanges: counts.done,
        accounts: cast.members.iter().filter(|one| !one.guest).count() as u64,
        campaigns: world.campaigns.len() as u64,
        bytes: counts.bytes,
    };
    folder.finish(out)?;
    Ok(made)
}

/// Writes the enforcement that took place, if any did.
fn write_actions(cast: &Cast, path: &Path) -> Result<(), Error> {
    let bans = cast.bans();
    if bans.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for (at, account) in bans {
        let at = time::rfc3339(at);
        text.push_str(&format!("{{\"at\":\"{at}\",\"account\":\"{account}\",\"action\":\"ban\"}}\n"));
    }
    fs::write(path, text).map_err(Error::write(path))
}

/// Compressed JSON lines.
struct Lines {
    text: Vec<u8>,
    bytes: u64,
    packer: zstd::Encoder<'static, Vec<u8>>,
}

impl Lines {
    fn new() -> Result<Lines, Error> {
        let packer = zstd::Encoder::new(Vec::new(), 1).map_err(Error::write(Path::new("exchanges.jsonl.zst")))?;
        Ok(Lines { text: Vec::with_capacity(BLOCK + (1 << 14)), bytes: 0, packer })
    }

    fn pack(&mut self) -> Result<(), Error> {
        self.bytes += self.text.len() as u64;
        self.packer.write_all(&self.text).map_err(Error::write(Path::new("exchanges.jsonl.zst")))?;
        self.text.clear();
        Ok(())
    }
}

impl Sink for Lines {
    fn exchange(&mut self, exchange: &Exchange<'_>) -> Result<(), Error> {
        write_exchange(exchange, &mut self.text);
        if self.text.len() >= BLOCK { self.pack() } else { Ok(()) }
    }
}

/// What one thread made of one unit: a whole frame of the compressed file.
struct Chunk {
    frame: Vec<u8>,
    bytes: u64,
    accounts: Vec<u8>,
    made: Vec<(u32, u64)>,
}

fn chunk(stage: &Stage, cast: &Cast, members: &[Member]) -> Result<Chunk, Error> {
    let mut lines = Lines::new()?;
    let mut accounts = Vec::new();
    let made = tell(stage, cast, members, &mut lines, &mut accounts)?;
    lines.pack()?;
    let frame = lines.packer.finish().map_err(Error::write(Path::new("exchanges.jsonl.zst")))?;
    Ok(Chunk { frame, bytes: lines.bytes, accounts, made })
}

fn write_lines(
    stage: &Stage,
    cast: &Cast,
    folder: &Path,
    accounts: &mut impl Write,
    counts: &mut Counts<'_>,
    threads: usize,
) -> Result<(), Error> {
    let path = folder.join("exchanges.jsonl.zst");
    let mut file = BufWriter::new(File::create(&path).map_err(Error::write(&path))?);
    let units: Vec<&[Member]> = cast.members.chunks(UNIT).collect();
    for wave in units.chunks(threads * AHEAD) {
        for chunk in try_parallel_map(wave, threads, |members| chunk(stage, cast, members))? {
            file.write_all(&chunk.frame).map_err(Error::write(&path))?;
            accounts.write_all(&chunk.accounts).map_err(Error::write(&folder.join("accounts.jsonl")))?;
            counts.bytes += chunk.bytes;
            counts.add(&chunk.made);
        }
    }
    file.flush().map_err(Error::write(&path))
}

/// Rows of a Parquet file.
struct Rows<'a, W: Write + Send> {
    writer: ExchangeWriter<W>,
    path: &'a Path,
}

impl<W: Write + Send> Sink for Rows<'_, W> {
    fn exchange(&mut self, exchange: &Exchange<'_>) -> Result<(), Error> {
        self.writer.push(exchange).map_err(Error::write(self.path))
    }
}

fn write_parquet(
    stage: &Stage,
    cast: &Cast,
    folder: &Path,
    accounts: &mut impl Write,
    counts: &mut Counts<'_>,
) -> Result<(), Error> {
    let path = folder.join("exchanges.parquet");
    let file = File::create(&path).map_err(Error::write(&path))?;
    let writer = ExchangeWriter::new(BufWriter::new(file)).map_err(Error::write(&path))?;
    let mut rows = Rows { writer, path: &path };
    for members in cast.members.chunks(UNIT) {
        let mut text = Vec::new();
        let made = tell(stage, cast, members, &mut rows, &mut text)?;
        accounts.write_all(&text).map_err(Error::write(&folder.join("accounts.jsonl")))?;
        counts.add(&made);
    }
    rows.writer.finish().and_then(|mut file| file.flush()).map_err(Error::write(&path))?;
    counts.bytes = fs::metadata(&path).map_err(Error::read(&path))?.len();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;

    /// All files below a folder with their bytes.
    fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut all = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    all.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
                }
            }
        }
        all
    }

    #[test]
    fn the_number_of_threads_changes_no_byte() {
        let columnar = Form::Columnar { shards: 3 };
        for (name, scale, form) in [
            ("demo", 0.2, Form::Lines),
            ("yardstick", 0.05, Form::Lines),
            ("voice-two", 0.1, Form::Lines),
            ("yardstick", 0.05, columnar),
            ("t4", 0.1, columnar),
        ] {
            let world = World::load(name).unwrap();
            let options = GenerateOptions { scale, form, ..GenerateOptions::default() };
            let folder = tempfile::tempdir().unwrap();
            let make = |threads: usize| {
                let out = folder.path().join(threads.to_string());
                generate_on(&world, &options, &out, &|_, _| {}, threads).unwrap();
                files(&out)
            };
            let alone = make(1);
            assert_eq!(alone.contains_key(Path::new("actions.jsonl")), name == "yardstick");
            assert!(alone.len() > if form == Form::Lines { 2 } else { 30 });
            assert!(alone == make(2), "{name}");
            assert!(alone == make(5), "{name}");
        }
    }
}
