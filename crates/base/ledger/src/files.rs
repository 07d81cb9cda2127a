//! The files of a log, and writes that survive a crash.

use std::fs;
use std::fs::File;
use std::io::ErrorKind as IoKind;
use std::io::Write;
use std::path::Path;

use crate::error::Error;

/// The signed head of the log.
pub const CHECKPOINT: &str = "checkpoint";
/// What checks its signature.
pub const PUBLIC_KEY: &str = "key.pub";
/// What signs it.
pub const KEY: &str = "key";
/// The key of all salts.
pub const SALTS: &str = "salts";
/// The records, one after the other.
pub const RECORDS: &str = "records";
/// The keys of the witnesses who cosigned, one a line.
pub const WITNESSES: &str = "witnesses";
/// Held by whoever writes.
pub const LOCK: &str = ".lock";

/// What the names of files begin with that are written beside their place.
pub const NEW: &str = ".new-";

/// The folder that a path is in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Puts the names in a folder on disk.
pub fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::write(folder))
}

/// Writes a file beside its place and moves it there. When this returns its bytes are on disk, and its name is when its
/// folder is.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = folder_of(path);
    let mut beside = tempfile::Builder::new();
    beside.prefix(NEW);
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = loop {
        let file = beside.tempfile_in(folder).map_err(Error::write(folder))?;
        // Before it was locked, another run may have taken it for a dead one's.
        if file.as_file().lock().is_err() || file.path().exists() {
            break file;
        }
    };
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(Error::write(path))?;
    file.persist(path).map(drop).map_err(|error| Error::write(path)(error.error))
}

/// Removes what killed runs left beside the files of a folder: nobody holds a lock on it.
pub fn clear_new(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_new = entry.file_name().as_encoded_bytes().starts_with(NEW.as_bytes());
        let path = entry.path();
        if is_new && File::options().write(true).open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            // What cannot be removed is only in the way.
            let _ = fs::remove_file(&path);
        }
    }
}

/// Makes a folder that only its owner may look into; one that is there stays as it is.
pub fn make_private(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(Error::write(folder))
}

/// Reads a file whole; `None` where there is none, or where it is longer than it may be.
pub fn read_at_most(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Error> {
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), IoKind::NotFound | IoKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::read(path)(error)),
        Ok(found) if found.len() > most || !found.is_file() => Err(Error::damaged(path, "it is longer than it can be")),
        Ok(_) => fs::read(path).map(Some).map_err(Error::read(path)),
    }
}

/// Removes a file, if it is there.
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != IoKind::NotFound => Err(Error::write(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_run_left_goes_and_what_is_being_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in [".new-dead", ".new-living", "checkpoint"] {
            fs::write(path(name), "x").unwrap();
        }
        let living = File::options().write(true).open(path(".new-living")).unwrap();
        living.lock().unwrap();
        clear_new(folder.path());
        assert_eq!([".new-dead", ".new-living", "checkpoint"].map(|name| path(name).exists()), [false, true, true]);
    }
}
