//! Folders for the time of one run, which the next run clears where one was killed.

use std::fs;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::Error;

/// What their names begin with.
const PREFIX: &str = ".stillwatch-";

/// File in the folder that its run holds a lock on.
const LOCK: &str = ".lock";

/// A folder that goes with the value.
#[derive(Debug)]
pub struct Scratch {
    dir: tempfile::TempDir,
    _lock: File,
}

impl Scratch {
    /// A new folder in another one, after clearing those of dead runs there. Only its owner may look into it.
    ///
    /// # Errors
    /// [`Error::Write`] where it cannot be made.
    pub fn inside(parent: &Path) -> Result<Self, Error> {
        fs::create_dir_all(parent).map_err(Error::write(parent))?;
        clear(parent);
        loop {
            let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent).map_err(Error::write(parent))?;
            let path = dir.path().join(LOCK);
            let lock = match File::create(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                made => made.map_err(Error::write(&path))?,
            };
            lock.lock().map_err(Error::write(&path))?;
            // Before it was locked, another run may have taken it for a dead one's.
            if path.exists() {
                return Ok(Self { dir, _lock: lock });
            }
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The lock goes last: a run that is killed here leaves a folder that the next one knows to be dead.
        empty(self.dir.path());
    }
}

/// Removes all of a folder but its lock.
fn empty(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name() != LOCK) {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let _ = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
}

/// Removes what dead runs left. What cannot be removed is left to the next run.
fn clear(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let path = entry.path();
        match File::options().write(true).open(path.join(LOCK)) {
            // Held until the folder is gone, so that its run waits, sees that, and makes another.
            Ok(lock) if lock.try_lock().is_ok() => {
                empty(&path);
                let _ = fs::remove_dir_all(&path);
            }
            Ok(_) => {}
            // Killed before its lock was made, or after it was removed: nothing else is in it.
            Err(_) => drop(fs::remove_dir(&path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_run_left_is_cleared_and_a_living_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let dead = Scratch::inside(folder.path()).unwrap();
        let place = dead.path().to_owned();
        fs::write(place.join("table"), "rows").unwrap();
        let living = Scratch::inside(folder.path()).unwrap();
        assert!(place.join("table").exists(), "a living run's folder was cleared");
        // As a killed run leaves it: the lock goes with the process, and the folder stays.
        let copy = folder.path().join(".stillwatch-killed");
        fs::create_dir(&copy).unwrap();
        fs::write(copy.join(LOCK), "").unwrap();
        fs::write(copy.join("table"), "rows").unwrap();
        // One that was killed before it made its lock.
        let bare = folder.path().join(".stillwatch-bare");
        fs::create_dir(&bare).unwrap();
        drop(dead);
        assert!(!place.exists(), "a folder goes with its value");
        drop(Scratch::inside(folder.path()).unwrap());
        assert!(!copy.exists() && !bare.exists() && living.path().exists());
    }
}
