//! Account records that came over HTTP: a file of lines in the folder of the engine, of which the last of each account counts.
//!
//! A record is on disk before its sender is told. The same record again changes nothing; another one of the same account takes the
//! place of the one before. A sweep reads a copy in which each account has one line, so that nothing moves under it.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;

use columns::durable;
use record::Account;

use crate::error::Error;
use crate::locks::locked;

/// The file that records are added to.
const FILE: &str = "accounts.jsonl";
/// The copy that a sweep reads.
const COPY: &str = "accounts-of-sweep.jsonl";

/// The account records that came over HTTP to the engine of a data directory, as its last sweep read them. There is no such file where
/// none came.
#[must_use]
pub fn accounts_of_sweep(data_dir: &Path) -> PathBuf {
    data_dir.join(FOLDER).join(COPY)
}

/// The folder of the engine below the data directory.
pub(crate) const FOLDER: &str = "watch";
/// The longest record, in bytes.
pub(crate) const MAX_LINE_BYTES: usize = 64 << 10;
/// Accounts that are kept.
const MAX_ACCOUNTS: usize = 2_000_000;
/// Bytes of records that no longer count, from which the file is written anew.
const MAX_PAST_BYTES: u64 = 64 << 20;

/// The records that came.
#[derive(Debug)]
pub(crate) struct Registry {
    path: PathBuf,
    copy: PathBuf,
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    file: File,
    /// Where the file ends.
    end: u64,
    /// Bytes of lines that count.
    live: u64,
    /// Set where the file may not end where it should: nothing more is kept until the next start reads it again.
    is_broken: bool,
    last: HashMap<Box<str>, Line>,
}

/// Where the last record of an account is.
#[derive(Debug, Clone, Copy)]
struct Line {
    at: u64,
    bytes: u64,
    hash: u64,
}

/// What became of records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Accounts of which nothing was kept.
    pub new: u64,
    /// Accounts of which another record was kept.
    pub changed: u64,
    /// Records that were kept already.
    pub same: u64,
}

/// The record in a line.
///
/// # Errors
/// Why it is none, with the fix.
pub(crate) fn read_line(line: &[u8]) -> Result<Account, String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("the record is longer than {MAX_LINE_BYTES} bytes"));
    }
    // Serde would take a list for the fields in their order.
    if line.first() != Some(&b'{') {
        return Err("no account record: it is no JSON object".to_owned());
    }
    let account: Account = serde_json::from_slice(line).map_err(|error| format!("no account record: {error}"))?;
    if account.account.is_empty() { Err("the field account is missing or empty".to_owned()) } else { Ok(account) }
}

impl Registry {
    /// Reads what was kept in a folder. A record whose writing was cut off was acknowledged to nobody, and is cut off.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Self::open_with(folder, MAX_ACCOUNTS)
    }

    fn open_with(folder: &Path, most: usize) -> Result<Self, Error> {
        let (path, copy) = (folder.join(FILE), folder.join(COPY));
        let kept = read(&path)?;
        Ok(Self { path, copy, most, kept: Mutex::new(kept) })
    }

    /// Keeps records, given as their lines: all of them or none.
    pub fn add(&self, lines: &[(Account, &[u8])]) -> Result<Counts, Error> {
        let mut kept = locked(&self.kept);
        if kept.is_broken {
            let told = "account records cannot be kept since a write failed (make room on the disk and restart)";
            return Err(Error::lost(told.to_owned()));
        }
        let mut counts = Counts::default();
        let mut added: HashMap<Box<str>, Line> = HashMap::new();
        let (mut bytes, mut at) = (Vec::new(), kept.end);
        for (account, line) in lines {
            let name = account.account.as_str();
            let hash = xxhash_rust::xxh3::xxh3_64(line);
            let known = added.get(name).or_else(|| kept.last.get(name));
            match known {
                Some(known) if known.hash == hash && known.bytes == line.len() as u64 + 1 => {
                    counts.same += 1;
                    continue;
                }
                Some(_) => counts.changed += 1,
                None => counts.new += 1,
            }
            let line_bytes = line.len() as u64 + 1;
            added.insert(name.into(), Line { at, bytes: line_bytes, hash });
            at += line_bytes;
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        if kept.last.len() as u64 + counts.new > self.most as u64 {
            let told = format!(
                "more than {} account records are not kept here (give them as files: accounts = […])",
                self.most
            );
            return Err(Error::usage(told));
        }
        if !bytes.is_empty() {
            kept.append(&bytes).map_err(Error::file(&self.path))?;
            kept.end = at;
            for (name, line) in added {
                kept.live += line.bytes;
                kept.live -= kept.last.insert(name, line).map_or(0, |past| past.bytes);
            }
        }
        if kept.end - kept.live > MAX_PAST_BYTES.max(kept.live) {
            self.renew(&mut kept)?;
        }
        Ok(counts)
    }

    /// Writes the file anew, without what no longer counts.
    fn renew(&self, kept: &mut Kept) -> Result<(), Error> {
        kept.copy(&self.path, &self.path).map_err(Error::file(&self.path))?;
        // The open file is the one that was replaced: what is written to it now would be lost.
        kept.is_broken = true;
        *kept = read(&self.path)?;
        Ok(())
    }

    /// The file for a sweep; `None` where no record came.
    pub fn for_sweep(&self) -> Result<Option<PathBuf>, Error> {
        let kept = locked(&self.kept);
        if kept.last.is_empty() {
            return Ok(None);
        }
        kept.copy(&self.path, &self.copy).map_err(Error::file(&self.copy))?;
        Ok(Some(self.copy.clone()))
    }
}

impl Kept {
    /// Adds bytes behind the end. Where that fails, the file ends where it did.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        if written.is_err() {
            self.is_broken = true;
            self.file.set_len(self.end)?;
            self.is_broken = false;
        }
        written
    }

    /// Writes the lines that count into another file, which takes its place whole.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let places: BTreeSet<u64> = self.last.values().map(|line| line.at).collect();
        let beside = to.with_extension("new");
        let mut out = BufWriter::new(private(File::options().create(true).truncate(true).write(true), &beside)?);
        let mut lines = BufReader::new(File::open(from)?);
        let (mut at, mut line) = (0, Vec::new());
        while at < self.end && lines.read_until(b'\n', &mut line)? > 0 {
            if places.contains(&at) {
                out.write_all(&line)?;
            }
            at += line.len() as u64;
            line.clear();
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        durable::rename(&beside, to)
    }
}

/// Opens a file that only its owner reads: records hold names and numbers of people.
fn private(options: &mut fs::OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

fn read(path: &Path) -> Result<Kept, Error> {
    let file = private(File::options().create(true).append(true).read(true), path).map_err(Error::file(path))?;
    let mut lines = BufReader::new(&file);
    let (mut last, mut end, mut live, mut line): (HashMap<Box<str>, Line>, u64, u64, Vec<u8>) = Default::default();
    while lines.read_until(b'\n', &mut line).map_err(Error::file(path))? > 0 {
        let Some(text) = line.strip_suffix(b"\n") else { break };
        let account = read_line(text).map_err(|reason| Error::damaged(path, end, reason))?;
        let bytes = line.len() as u64;
        let found = Line { at: end, bytes, hash: xxhash_rust::xxh3::xxh3_64(text) };
        live += bytes;
        live -= last.insert(account.account.into(), found).map_or(0, |past| past.bytes);
        end += bytes;
        line.clear();
    }
    file.set_len(end).map_err(Error::file(path))?;
    Ok(Kept { file, end, live, is_broken: false, last })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use super::*;

    fn add(registry: &Registry, lines: &[&str]) -> Result<Counts, Error> {
        let lines: Vec<_> = lines.iter().map(|line| (read_line(line.as_bytes()).unwrap(), line.as_bytes())).collect();
        registry.add(&lines)
    }

    const A: &str = r#"{"account":"a","phone":"1"}"#;
    const B: &str = r#"{"account":"b"}"#;
    const LATER: &str = r#"{"account":"a","phone":"2"}"#;

    #[test]
    fn the_last_record_of_an_account_counts_and_the_same_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(folder.path()).unwrap();
        assert_eq!(registry.for_sweep().unwrap(), None);
        assert_eq!(add(&registry, &[A, B, A]).unwrap(), Counts { new: 2, changed: 0, same: 1 });
        assert_eq!(add(&registry, &[LATER, B]).unwrap(), Counts { new: 0, changed: 1, same: 1 });
        let copy = registry.for_sweep().unwrap().unwrap();
        assert_eq!(fs::read_to_string(&copy).unwrap(), format!("{B}\n{LATER}\n"));
        // A stopped engine knows them, and one that was cut off while it wrote goes on before that.
        drop(registry);
        File::options().append(true).open(folder.path().join(FILE)).unwrap().write_all(b"{\"account\":\"c").unwrap();
        let registry = Registry::open(folder.path()).unwrap();
        assert_eq!(add(&registry, &[LATER, B]).unwrap(), Counts { new: 0, changed: 0, same: 2 });
        let mut kept = locked(&registry.kept);
        registry.renew(&mut kept).unwrap();
        drop(kept);
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), format!("{B}\n{LATER}\n"));
        assert_eq!(add(&registry, &[A]).unwrap(), Counts { new: 0, changed: 1, same: 0 });
    }

    #[test]
    fn what_is_no_record_is_told_and_too_many_are_refused_whole() {
        for (line, why) in
            [("{}", "account"), (r#"["a"]"#, "no JSON object"), (r#"{"account":"a","created_at":"x"}"#, "RFC 3339")]
        {
            assert!(read_line(line.as_bytes()).unwrap_err().contains(why), "{line}");
        }
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open_with(folder.path(), 1).unwrap();
        assert!(add(&registry, &[A, B]).unwrap_err().to_string().contains("more than 1"));
        assert_eq!(registry.for_sweep().unwrap(), None);
        fs::write(folder.path().join(FILE), "{}\n").unwrap();
        assert_eq!(Registry::open(folder.path()).unwrap_err().kind(), crate::error::ErrorKind::Damaged);
    }
}
