//! The manifest of a data directory: which files are its tables.
//!
//! `DIR/stillwatch-manifest.json` names every file with its length and its rows. What it does not name is not read. A run
//! that writes puts its files in place first, and then replaces the manifest by one rename, so that a reader sees all of what the run
//! wrote or none of it. Files that a commit took out are removed when nobody reads them any more.

use std::collections::BTreeMap;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use record::MANIFEST;
use serde::Deserialize;
use serde::Serialize;

use crate::durable;
use crate::error::Error;
use crate::layout::read_small;

/// Version of the file's layout.
const LAYOUT: u32 = 1;

/// Which files are the tables of a data directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the layout of this file.
    layout: u32,
    /// How often it was written.
    pub version: u64,
    /// The fingerprint of the key of all hashes; `None` where they are under none.
    #[serde(default)]
    pub key: Option<String>,
    /// What made the vectors.
    #[serde(default)]
    pub embedder: Option<String>,
    /// The files, by their places below the directory, with `/` between folders.
    pub files: BTreeMap<String, Entry>,
}

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Rows in it.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
}

impl Manifest {
    /// Reads that of a data directory, here or in an object store; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Table`] where it is damaged or of a later version.
    pub fn read(root: &Path) -> Result<Option<Self>, Error> {
        let path = root.join(MANIFEST);
        read_small(&path)?.map(|bytes| Self::parse(root, &bytes)).transpose()
    }

    /// That of a data directory, from its bytes.
    ///
    /// # Errors
    /// [`Error::Table`] where it is damaged or of a later version.
    pub(crate) fn parse(root: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let path = root.join(MANIFEST);
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| {
            Error::table(&path)(format!("it is damaged: {error} (stillwatch fsck {} can make it anew)", root.display()))
        })?;
        if manifest.layout != LAYOUT {
            return Err(Error::table(&path)("it is of a later version of stillwatch (use that version)"));
        }
        match manifest.files.keys().find(|name| !is_inside(name)) {
            Some(_) => {
                Err(Error::table(&path)("it names a file outside its tables (stillwatch fsck can make it anew)"))
            }
            None => Ok(manifest),
        }
    }

    /// Takes the place of the one before, at once.
    ///
    /// # Errors
    /// [`Error::Write`]; the one before is then still there.
    pub(crate) fn write(&mut self, root: &Path) -> Result<(), Error> {
        self.layout = LAYOUT;
        self.version += 1;
        let text = serde_json::to_vec_pretty(self).map_err(|error| Error::Bug(error.to_string()))?;
        let path = root.join(MANIFEST);
        durable::replace(&path, &text).map_err(Error::write(&path))
    }

    /// The files of one of the tables, as paths below the directory, sorted.
    pub(crate) fn files_below(&self, root: &Path, table: &Path) -> Vec<PathBuf> {
        let paths = self.files.keys().map(|name| place(root, name));
        paths.filter(|path| path.starts_with(table)).collect()
    }
}

/// The path of a file of the manifest.
pub fn place(root: &Path, name: &str) -> PathBuf {
    name.split('/').fold(root.to_owned(), |path, part| path.join(part))
}

/// The name of a path below a data directory; `None` where it is not below it.
pub fn name_of(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.strip_prefix(root).ok()?.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// Whether a name is of a file in one of the tables: a manifest that was tampered with must not name others.
pub fn is_inside(name: &str) -> bool {
    let parts: Vec<Component<'_>> = Path::new(name).components().collect();
    let is_plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    is_plain && name.ends_with(".parquet") && (name.starts_with("exchange/") || name.starts_with("profile/"))
}
