//! A folder with a JSON file for each thing.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::error::ErrorKind;

/// All that is in a folder, by the names of the files; nothing where there is no folder. `fix` says what to do about a damaged
/// one.
pub(crate) fn all<T: DeserializeOwned>(folder: &Path, fix: &str) -> Result<Vec<T>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(Error::io(folder))?;
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::new(ErrorKind::Io, format!("{} is damaged: {error} ({fix})", path.display())))
    };
    files.iter().map(read).collect()
}
