//! Folders for the time of one run, which the next run clears where one was killed.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use crate::error::Error;

/// What their names begin with.
const PREFIX: &str = ".stillwatch-";

/// File in the folder that its run holds a lock on.
const LOCK: &str = ".lock";

/// The age from which a folder without a lock is taken for a dead run's: a living one makes its lock at once.
const OLD: Duration = Duration::from_secs(3600);

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
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent).map_err(Error::write(parent))?;
        let path = dir.path().join(LOCK);
        let lock = File::create(&path).map_err(Error::write(&path))?;
        lock.lock().map_err(Error::write(&path))?;
        Ok(Self { dir, _lock: lock })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
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
        let is_dead = match File::options().write(true).open(path.join(LOCK)) {
            Ok(lock) => lock.try_lock().is_ok(),
            Err(_) => {
                let changed = entry.metadata().and_then(|found| found.modified()).ok();
                changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > OLD)
            }
        };
        if is_dead {
            let _ = fs::remove_dir_all(&path);
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
        let Scratch { dir, _lock } = dead;
        let _ = dir.keep();
        drop(_lock);
        drop(Scratch::inside(folder.path()).unwrap());
        assert!(!place.exists() && living.path().exists());
    }
}
