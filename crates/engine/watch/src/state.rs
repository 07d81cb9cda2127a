//! What is remembered beside the rows: how far files were read, and what senders were told. It is in the notes of the log's
//! frames, and in one small file for the frames that are gone.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::fs;
use std::io::Write;
use std::path::Path;

use columns::durable;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::frame::Note;
use crate::frame::Position;
use crate::frame::Receipt;
use crate::frame::Sent;

/// Keys of senders that are remembered.
const MAX_SENT: usize = 100_000;
/// The file, in the folder of the log.
const FILE: &str = "state.json";
/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// How far files were read, by their identity.
    pub positions: BTreeMap<String, Position>,
    /// What senders were told, the oldest first.
    sent: VecDeque<Sent>,
    /// The same by the sender's key.
    #[serde(skip)]
    by_key: BTreeMap<u64, Receipt>,
}

impl State {
    /// Reads what was remembered in a folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        match fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::file(&path)(error)),
            Ok(found) if found.len() > MAX_BYTES => return Err(Error::damaged(&path, 0, "it is too large")),
            Ok(_) => {}
        }
        let bytes = fs::read(&path).map_err(Error::file(&path))?;
        let mut state: Self =
            serde_json::from_slice(&bytes).map_err(|error| Error::damaged(&path, 0, error.to_string()))?;
        state.by_key = state.sent.iter().map(|sent| (sent.key, sent.receipt)).collect();
        Ok(state)
    }

    /// Replaces the file in a folder, at once.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let (path, beside) = (folder.join(FILE), folder.join("state.new"));
        let bytes = serde_json::to_vec(self).map_err(|error| Error::lost(error.to_string()))?;
        let mut options = fs::File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(Error::file(&beside))?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(Error::file(&beside))?;
        durable::rename(&beside, &path).map_err(Error::file(&path))
    }

    /// Remembers what a frame notes.
    pub fn learn(&mut self, note: Note) {
        self.positions.extend(note.positions);
        let Some(sent) = note.sent else { return };
        if self.by_key.insert(sent.key, sent.receipt).is_none() {
            self.sent.push_back(sent);
        }
        while self.sent.len() > MAX_SENT {
            let Some(oldest) = self.sent.pop_front() else { return };
            self.by_key.remove(&oldest.key);
        }
    }

    /// What the sender of a key was told.
    pub fn receipt(&self, key: u64) -> Option<Receipt> {
        self.by_key.get(&key).copied()
    }
}
