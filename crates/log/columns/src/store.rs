//! The layout of a data directory.
//!
//! ```text
//! DIR/exchange/v4/day=2026-04-22/shard=03/part-<hash>.parquet   the columnar form
//! DIR/profile/v3/span=day/day=2026-04-22/shard=03/part-…        profile increments
//! DIR/stillwatch-manifest.json                                  which of these files are the tables
//! DIR/secret                                                    the secret of the key of all hashes
//! DIR/campaigns.json                                            ids and history of campaigns
//! DIR/ledger                                                    commitments to what is in the tables (docs/ledger.md)
//! DIR/.staging-*                                                being written; moved in place when whole
//! DIR/.pending                                                  files that come or go with a commit
//! DIR/.lock, DIR/.readers                                       held by whoever writes, by who reads
//! ```

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use record::time::DAY_US;

use crate::durable::folder_of;
use crate::durable::make_private;
use crate::durable::remove_if_dead;
use crate::error::Error;
use crate::layout::check_version;
use crate::layout::exchanges_below;
use crate::layout::files_below;
use crate::layout::is_columnar;
use crate::layout::read_small;
use crate::layout::url_of;
use crate::manifest::Manifest;
use crate::manifest::place;
use crate::scratch::Scratch;

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
    _temporary: Option<Scratch>,
}

impl Store {
    /// Opens a data directory, making it if needed.
    pub fn open(root: &Path) -> Result<Self, Error> {
        check_version(root)?;
        make_private(root).map_err(Error::write(root))?;
        Ok(Self { root: root.to_owned(), _temporary: None })
    }

    /// A directory for one hunt, beside its output, removed when dropped.
    pub fn temporary(beside: &Path) -> Result<Self, Error> {
        let scratch = Scratch::inside(folder_of(beside))?;
        // Beside the lock of the folder, which is not that of the table.
        let root = scratch.path().join("table");
        make_private(&root).map_err(Error::write(&root))?;
        Ok(Self { root, _temporary: Some(scratch) })
    }

    /// Takes the directory for writing, and clears what a killed run left in staging. The lock goes with the value.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        let path = self.root.join(".lock");
        let file = File::create(&path).map_err(Error::write(&path))?;
        if file.try_lock().is_err() {
            return Err(Error::Usage(format!(
                "{} is being written to by another run (wait for it, or give another --data-dir)",
                self.root.display()
            )));
        }
        for entry in fs::read_dir(&self.root).map_err(Error::write(&self.root))?.flatten() {
            let name = entry.file_name();
            if [".staging-", ".secret-"].iter().any(|begun| name.as_encoded_bytes().starts_with(begun.as_bytes())) {
                let path = entry.path();
                // Folders are only of whoever has the lock; files also of hunts, which need none.
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { remove_if_dead(&path) };
                removed.map_err(Error::write(&path))?;
            }
        }
        Ok(file)
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
        table_files(&self.root, &self.exchanges())
    }
}

/// The files of one of a data directory's tables, sorted: those that its manifest names, and without one all that are there.
///
/// # Errors
/// [`Error::Table`] where the manifest is damaged, a file is not as it was written, or a folder cannot be listed.
pub fn table_files(root: &Path, table: &Path) -> Result<Vec<PathBuf>, Error> {
    let Some(manifest) = Manifest::read(root)? else { return files_below(table) };
    if url_of(root).is_none() {
        for (path, entry) in manifest.files.iter().map(|(name, entry)| (place(root, name), entry)) {
            if !path.starts_with(table) {
                continue;
            }
            let told = |what: &str| {
                Err(Error::table(&path)(format!(
                    "it {what} (stillwatch fsck {} says what else is wrong)",
                    root.display()
                )))
            };
            match fs::metadata(&path) {
                Err(_) => return told("is missing"),
                Ok(found) if found.len() != entry.bytes => return told("is not as long as it was written"),
                Ok(_) => {}
            }
        }
    }
    Ok(manifest.files_below(root, table))
}

/// The rows of each file of the tables, as the manifest tells them; none where there is none.
///
/// # Errors
/// [`Error::Table`] where the manifest is damaged.
pub fn rows_by_file(root: &Path) -> Result<HashMap<PathBuf, u64>, Error> {
    let files = Manifest::read(root)?.map(|manifest| manifest.files).unwrap_or_default();
    Ok(files.into_iter().map(|(name, entry)| (place(root, &name), entry.rows)).collect())
}

/// Makes sure that the exchange table is what the manifest names, for an engine that lists folders by itself.
///
/// # Errors
/// [`Error::Usage`] where files are there that it does not name.
pub fn check_listing(root: &Path) -> Result<(), Error> {
    let Some(manifest) = Manifest::read(root)? else { return Ok(()) };
    let table = exchanges_below(root);
    let named: BTreeSet<PathBuf> = manifest.files_below(root, &table).into_iter().collect();
    match files_below(&table)?.iter().find(|file| !named.contains(*file)) {
        None => Ok(()),
        Some(_) => Err(Error::Usage(format!(
            "{} holds files that its manifest does not name: another run is writing, or was stopped (wait for it, or run \
             stillwatch fsck {} --repair)",
            root.display(),
            root.display()
        ))),
    }
}

/// File with the name of what made the vectors, in directories without a manifest.
const EMBEDDER: &str = "embedder";

/// What made the vectors of a data directory's table; `None` where there is no table.
pub fn embedder_of(root: &Path) -> Result<Option<String>, Error> {
    if !is_columnar(root)? {
        return Ok(None);
    }
    if let Some(manifest) = Manifest::read(root)? {
        return Ok(manifest.embedder);
    }
    let known = legacy_embedder(root)?.ok_or_else(|| Error::table(&root.join(EMBEDDER))("it is not there"))?;
    Ok(Some(known))
}

/// What made the vectors of a directory without a manifest, where it says.
pub fn legacy_embedder(root: &Path) -> Result<Option<String>, Error> {
    let name = read_small(&root.join(EMBEDDER))?;
    Ok(name.map(|name| String::from_utf8_lossy(&name).trim().to_owned()))
}
