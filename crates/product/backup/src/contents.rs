//! What of a data directory is in a backup.
//!
//! Everything is, but for: files that the manifest of the tables does not name, files of a moment (locks, and what is being written),
//! and the sessions of the page, so that nobody who signed out is signed in again.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::form::is_plain;

/// Folders whose files the manifest of the tables names.
const TABLES: [&str; 2] = ["exchange", "profile"];
/// The folder of the ledger.
pub const LEDGER: &str = "ledger";
/// Who is signed in to the page.
const SESSIONS: &str = "sessions.json";
/// What the names of files end with that are of a moment only.
const OF_A_MOMENT: [&str; 2] = ["lock", "new"];
/// What the names of the files of the write-ahead log end with.
const LOG: &str = "wal";

/// Files that hold keys: with them one can try values against the stored hashes, and sign for the ledger.
pub const KEYS: [&str; 2] = ["secret", "ledger/key"];

/// A file to be copied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Its name below the data directory, with `/` between folders.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

impl Source {
    /// A file by its name below the directory.
    pub fn below(root: &Path, name: &str) -> Self {
        Self { name: name.to_owned(), path: name.split('/').fold(root.to_owned(), |path, part| path.join(part)) }
    }

    /// Whether it is of the write-ahead log.
    pub fn is_log(&self) -> bool {
        Path::new(&self.name).extension() == Some(OsStr::new(LOG))
    }
}

/// The files of a data directory, sorted by name, without those of its tables and of its store of cases.
///
/// # Errors
/// [`ErrorKind::Source`] where a link or a name stands in the way; [`ErrorKind::Io`].
pub fn beside_the_tables(root: &Path, cases: &str) -> Result<Vec<Source>, Error> {
    let mut found = Vec::new();
    list(root, "", cases, &mut found)?;
    found.sort();
    Ok(found)
}

fn list(folder: &Path, below: &str, cases: &str, found: &mut Vec<Source>) -> Result<(), Error> {
    let entries = match fs::read_dir(folder) {
        // A folder of the ledger that became too small between the two looks.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !below.is_empty() => return Ok(()),
        other => other.map_err(Error::read(folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(Error::read(folder))?;
        let path = entry.path();
        let file_name = entry.file_name();
        if is_left_out(&file_name, below, cases) {
            continue;
        }
        let told = |what: &str| Error::new(ErrorKind::Source, format!("{} {what}", path.display()));
        let name = file_name.to_str().map(|name| format!("{below}{name}"));
        let name = name.filter(|name| is_plain(name)).ok_or_else(|| {
            told("has a name that is too long, is not UTF-8, or has control characters (rename it, or move it away)")
        })?;
        let kind = entry.file_type().map_err(Error::read(&path))?;
        if kind.is_dir() {
            list(&path, &format!("{name}/"), cases, found)?;
        } else if kind.is_file() {
            found.push(Source { name, path });
        } else {
            return Err(told(
                "is a link, a pipe or a device, and a backup holds files (put a file there, or move it away)",
            ));
        }
    }
    Ok(())
}

fn is_left_out(name: &OsStr, below: &str, cases: &str) -> bool {
    let text = name.to_string_lossy();
    let is_of_root = below.is_empty();
    text.starts_with('.')
        || is_of_root && (TABLES.contains(&text.as_ref()) || text == SESSIONS || text.starts_with(cases))
        || Path::new(name).extension().is_some_and(|end| OF_A_MOMENT.iter().any(|one| end == OsStr::new(one)))
}
