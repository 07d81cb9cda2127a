//! The layout of a data directory.
//!
//! ```text
//! DIR/exchange/v2/day=2026-04-22/shard=03/part-<hash>.parquet   the columnar form
//! DIR/embedder                                                  name of what made the vectors in the table
//! DIR/campaigns.json                                            ids and history of campaigns
//! DIR/.staging-*/                                               being written; moved in place when whole
//! DIR/.lock                                                     held by whoever writes
//! ```

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use record::time::DAY_US;

use crate::error::Error;

/// Where a row belongs: its day (days since 1970 in UTC) and its account's shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition {
    /// Days since 1970 in UTC.
    pub day: i64,
    /// The account's shard, below the number of shards.
    pub shard: u8,
}

impl Partition {
    /// The partition of an exchange: its time, the text hash of its account, and how many shards there are.
    #[must_use]
    pub fn of(at_us: i64, account_hash: u64, shards: u8) -> Self {
        Self { day: at_us.div_euclid(DAY_US), shard: (account_hash % u64::from(shards.max(1))) as u8 }
    }

    /// The partition of a file, from the names of its folders; `None` where it is in none.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let value = |prefix: &str| {
            path.iter().rev().filter_map(|name| name.to_str()).find_map(|name| name.strip_prefix(prefix))
        };
        let date: jiff::civil::Date = value("day=")?.parse().ok()?;
        let day = i64::from(date.since(jiff::civil::Date::new(1970, 1, 1).ok()?).ok()?.get_days());
        Some(Self { day, shard: value("shard=")?.parse().ok()? })
    }

    /// The folder of the partition below the table's.
    pub fn folder(self) -> PathBuf {
        let day = day_name(self.day);
        PathBuf::from(format!("day={day}")).join(format!("shard={:02}", self.shard))
    }
}

/// A day as `2026-04-22`.
pub fn day_name(day: i64) -> String {
    Timestamp::from_microsecond(day.saturating_mul(DAY_US))
        .map_or_else(|_| "out-of-range".to_owned(), |at| at.to_zoned(TimeZone::UTC).date().to_string())
}

/// The days of an interval of microseconds, for pruning; `None` at an open end.
pub fn day_of(at_us: i64) -> String {
    day_name(at_us.div_euclid(DAY_US))
}

/// A data directory, or a temporary one that goes with the value.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Store {
    /// Opens a data directory, making it if needed.
    pub fn open(root: &Path) -> Result<Self, Error> {
        check_version(root)?;
        fs::create_dir_all(root).map_err(Error::write(root))?;
        Ok(Self { root: root.to_owned(), _temporary: None })
    }

    /// A directory for one hunt, beside its output, removed when dropped.
    pub fn temporary(beside: &Path) -> Result<Self, Error> {
        let parent = beside.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(Error::write(parent))?;
        let dir = tempfile::Builder::new().prefix(".stillwatch-").tempdir_in(parent).map_err(Error::write(parent))?;
        Ok(Self { root: dir.path().to_owned(), _temporary: Some(dir) })
    }

    /// Takes the directory for writing, and clears what a killed run left in staging. The lock goes with the value.
    pub fn lock(&self) -> Result<File, Error> {
        let path = self.root.join(".lock");
        let file = File::create(&path).map_err(Error::write(&path))?;
        if file.try_lock().is_err() {
            return Err(Error::Usage(format!(
                "{} is being written to by another run (wait for it, or give another --data-dir)",
                self.root.display()
            )));
        }
        for entry in fs::read_dir(&self.root).map_err(Error::write(&self.root))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(".staging-") {
                fs::remove_dir_all(entry.path()).map_err(Error::write(&entry.path()))?;
            }
        }
        Ok(file)
    }

    /// Checks that this is what made the vectors of the table, if there is one.
    pub fn check_embedder(&self, name: &str) -> Result<(), Error> {
        match embedder_of(&self.root)? {
            Some(known) if known != name => Err(Error::Usage(format!(
                "{} holds vectors of {known}, and {name} makes others (give the same --embedding, or another --data-dir)",
                self.root.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Says what made the vectors of the table, before its first rows come.
    pub fn settle_embedder(&self, name: &str) -> Result<(), Error> {
        let path = self.root.join(EMBEDDER);
        if path.is_file() { Ok(()) } else { fs::write(&path, name).map_err(Error::write(&path)) }
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the exchange table.
    pub fn exchanges(&self) -> PathBuf {
        exchanges_below(&self.root)
    }

    /// All files of the exchange table, sorted.
    ///
    /// # Errors
    /// [`Error::Table`] where the folders cannot be listed.
    pub fn exchange_files(&self) -> Result<Vec<PathBuf>, Error> {
        files_below(&self.exchanges())
    }
}

/// All Parquet files below a folder, here or in an object store, sorted; none where there is no such folder.
///
/// # Errors
/// [`Error::Table`] where a folder cannot be listed.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    if let Some(url) = url_of(folder) {
        files = record::remote::list(&url, ".parquet")?.into_iter().map(PathBuf::from).collect();
    } else if folder.is_dir() {
        list(folder, &mut files).map_err(Error::table(folder))?;
    }
    files.sort();
    Ok(files)
}

/// File with the name of what made the vectors.
const EMBEDDER: &str = "embedder";

/// What made the vectors of a data directory's table; `None` where there is no table.
pub fn embedder_of(root: &Path) -> Result<Option<String>, Error> {
    if !is_columnar(root)? {
        return Ok(None);
    }
    let path = root.join(EMBEDDER);
    if let Some(url) = url_of(&path) {
        let name = record::remote::read(&url)?.ok_or_else(|| Error::table(&path)("it is not there"))?;
        return Ok(Some(String::from_utf8_lossy(&name).trim().to_owned()));
    }
    fs::read_to_string(&path).map(|name| Some(name.trim().to_owned())).map_err(Error::read(&path))
}

/// Refuses a data directory that only an earlier version of the columnar form is in.
pub fn check_version(root: &Path) -> Result<(), Error> {
    let mut is_older = false;
    for version in 1..crate::row::SCHEMA_VERSION {
        is_older |= is_folder(&root.join(format!("exchange/v{version}")))?;
    }
    if is_older && !is_columnar(root)? {
        return Err(Error::Usage(format!(
            "{} holds an earlier version of the columnar form, whose hashes are others (ingest the logs again into another \
             --data-dir)",
            root.display()
        )));
    }
    Ok(())
}

/// Whether a folder, here or in an object store, holds exchanges or increments in the columnar form.
///
/// # Errors
/// [`Error::Input`] where a store cannot be asked.
pub fn is_columnar(root: &Path) -> Result<bool, Error> {
    Ok(is_folder(&exchanges_below(root))? || is_folder(&profiles_below(root))?)
}

fn is_folder(path: &Path) -> Result<bool, Error> {
    match url_of(path) {
        Some(url) => Ok(record::remote::is_folder(&url)?),
        None => Ok(path.is_dir()),
    }
}

/// The URL that a path stands for; `None` for a local one.
fn url_of(path: &Path) -> Option<String> {
    path.to_str().filter(|text| record::remote::is_remote(text)).map(str::to_owned)
}

/// The exchange table below a data directory.
pub fn exchanges_below(root: &Path) -> PathBuf {
    root.join("exchange").join(format!("v{}", crate::row::SCHEMA_VERSION))
}

/// Version of the layout and of what a row holds, in the path.
pub const INCREMENT_VERSION: u32 = 1;

/// The table of increments below a data directory.
#[must_use]
pub fn profiles_below(root: &Path) -> PathBuf {
    root.join("profile").join(format!("v{INCREMENT_VERSION}"))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            files.push(path);
        }
    }
    Ok(())
}
