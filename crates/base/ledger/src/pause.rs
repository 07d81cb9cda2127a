//! A log that nobody adds to for a moment, so that it can be copied.

use std::fs::File;
use std::path::Path;

use crate::error::Error;
use crate::files::CHECKPOINT;
use crate::files::LOCK;

/// Until the value goes, whoever wants to add to a log waits.
#[derive(Debug)]
pub struct Pause {
    _lock: File,
}

impl Pause {
    /// Waits for a run that is adding to the log in a folder, and keeps others waiting. `None` where there is no log.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where the folder cannot be locked.
    pub fn of(root: &Path) -> Result<Option<Self>, Error> {
        if !root.join(CHECKPOINT).is_file() {
            return Ok(None);
        }
        let path = root.join(LOCK);
        let options = File::options().create(true).append(true).open(&path);
        // Whoever may only read can lock too.
        let lock = options.or_else(|_| File::open(&path)).map_err(Error::write(&path))?;
        lock.lock_shared().map_err(Error::write(&path))?;
        Ok(Some(Self { _lock: lock }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Ledger;

    #[test]
    fn whoever_adds_waits_until_the_pause_is_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Pause::of(folder.path()).unwrap().is_none(), "there is no log yet");
        Ledger::open(folder.path()).unwrap().commit().unwrap();
        let pause = Pause::of(folder.path()).unwrap().unwrap();
        // What `Ledger::open` waits for.
        let lock = File::options().append(true).open(folder.path().join(LOCK)).unwrap();
        assert!(lock.try_lock().is_err(), "others would add to it");
        drop(pause);
        assert!(lock.try_lock().is_ok(), "others wait for ever");
    }
}
