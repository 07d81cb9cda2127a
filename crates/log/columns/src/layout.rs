//! Where things are in a data directory, here or in an object store. See [`crate::store`] for the whole of it.

use std::fs;
use std::io;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use record::MANIFEST;

use crate::error::Error;

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

/// Refuses a data directory that an earlier version of the columnar form is in: its hashes are others.
pub fn check_version(root: &Path) -> Result<(), Error> {
    let exchanges = (1..crate::row::SCHEMA_VERSION).map(|version| format!("exchange/v{version}"));
    let profiles = (1..INCREMENT_VERSION).map(|version| format!("profile/v{version}"));
    for folder in exchanges.chain(profiles) {
        if is_folder(&root.join(&folder))? {
            return Err(Error::Usage(format!(
                "{} holds an earlier version of the columnar form ({folder}), whose hashes are others (ingest the logs again \
                 into another --data-dir)",
                root.display()
            )));
        }
    }
    Ok(())
}

/// Whether a folder, here or in an object store, holds exchanges or increments in the columnar form.
///
/// # Errors
/// [`Error::Input`] where a store cannot be asked.
pub fn is_columnar(root: &Path) -> Result<bool, Error> {
    let has_manifest = url_of(root).is_none() && root.join(MANIFEST).is_file();
    Ok(has_manifest || is_folder(&exchanges_below(root))? || is_folder(&profiles_below(root))?)
}

fn is_folder(path: &Path) -> Result<bool, Error> {
    match url_of(path) {
        Some(url) => Ok(record::remote::is_folder(&url)?),
        None => Ok(path.is_dir()),
    }
}

/// The longest manifest or list that is read, in bytes: several million files.
const MAX_SMALL_BYTES: u64 = 1 << 30;

/// A small file as a whole, here or in an object store; `None` where there is none.
pub fn read_small(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    if let Some(url) = url_of(path) {
        return Ok(record::remote::read(&url)?);
    }
    match record::read_file(path, MAX_SMALL_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::read(path)(error)),
    }
}

/// The URL that a path stands for; `None` for a local one.
pub fn url_of(path: &Path) -> Option<String> {
    path.to_str().filter(|text| record::remote::is_remote(text)).map(str::to_owned)
}

/// The exchange table below a data directory.
pub fn exchanges_below(root: &Path) -> PathBuf {
    root.join("exchange").join(format!("v{}", crate::row::SCHEMA_VERSION))
}

/// Version of the layout and of what a row holds, in the path.
pub const INCREMENT_VERSION: u32 = 3;

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
