//! A list in a file of the data directory that only its owner reads: tokens, users, sessions.
//!
//! Several processes may use it at once: each change holds a lock and reads the file first, and each reading looks whether the file
//! was replaced since.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;

/// A list in a file.
#[derive(Debug)]
pub struct Kept<T> {
    file: PathBuf,
    /// What was read, and of which state of the file.
    known: Mutex<(Option<Stamp>, Vec<T>)>,
}

type Stamp = (SystemTime, u64);

impl<T: Clone + Serialize + DeserializeOwned> Kept<T> {
    /// The list of a name, which is kept as `NAME.json`.
    pub fn of(data_dir: &Path, name: &str) -> Self {
        Self { file: data_dir.join(format!("{name}.json")), known: Mutex::new((None, Vec::new())) }
    }

    /// All entries.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be read.
    pub fn list(&self) -> Result<Vec<T>, Error> {
        self.with(<[T]>::to_vec)
    }

    /// Looks at all entries.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be read.
    pub fn with<R>(&self, look: impl FnOnce(&[T]) -> R) -> Result<R, Error> {
        let told = |error| Error::io(self.file.display(), error);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match fs::metadata(&self.file) {
            Ok(data) => Some((data.modified().map_err(told)?, data.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(told(error)),
        };
        if known.0 != stamp {
            let entries = match stamp {
                None => Vec::new(),
                Some(_) => self.read()?,
            };
            *known = (stamp, entries);
        }
        Ok(look(&known.1))
    }

    fn read(&self) -> Result<Vec<T>, Error> {
        match fs::read(&self.file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| Error::io(self.file.display(), error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Error::io(self.file.display(), error)),
        }
    }

    /// Changes the list, whole or not at all.
    ///
    /// # Errors
    /// [`Error`] of the change, which is then not made, or where the file cannot be written.
    pub fn change<R>(&self, change: impl FnOnce(&mut Vec<T>) -> Result<R, Error>) -> Result<R, Error> {
        let told = |error| Error::io(self.file.display(), error);
        let lock =
            fs::File::options().create(true).append(true).open(self.file.with_extension("lock")).map_err(told)?;
        lock.lock().map_err(told)?;
        // Two changes within one tick of the file system's clock have one stamp: under the lock the file itself is read.
        let mut entries = self.read()?;
        let done = change(&mut entries)?;
        let bytes = serde_json::to_vec_pretty(&entries).map_err(|error| Error::io(self.file.display(), error))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        write_private(&self.file, &bytes).map_err(told)?;
        let data = fs::metadata(&self.file).map_err(told)?;
        *known = (Some((data.modified().map_err(told)?, data.len())), entries);
        Ok(done)
    }
}

/// Replaces a file that only its owner reads.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let beside = path.with_extension("new");
    let mut options = fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    columns::durable::rename(&beside, path)
}

/// The name of a person, as the ledger takes it.
///
/// # Errors
/// [`Error`] where it is none.
pub fn person(who: &str) -> Result<&str, Error> {
    let who = who.trim();
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '@' | '+' | '\'');
    match who.is_empty() || who.len() > 200 || !who.chars().all(is_plain) {
        true => Err(Error::usage(
            "it has to stand for a person: letters, digits, spaces and . - _ @ + ' (200 bytes at most)",
        )),
        false => Ok(who),
    }
}

/// Fills with random bytes of the system.
///
/// # Errors
/// [`Error`] where it gives none.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::io("the system gives no random bytes", error))?;
    Ok(bytes)
}

/// The SHA-256 of a text, in hexadecimal digits.
pub fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
