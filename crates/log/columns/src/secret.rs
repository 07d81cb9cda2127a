//! The secret of a deployment, from which the key of its hashes comes.
//!
//! A secret is 32 random bytes, kept as 64 hexadecimal digits in a file that only its owner may read. A data directory has
//! its own copy, `DIR/secret`, since what is in it can only be compared with what is hashed under the same key.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use sketch::HashKey;
use sketch::SECRET_BYTES;

use crate::durable::folder_of;
use crate::durable::make_private;
use crate::durable::staged;
use crate::durable::sync_folder;
use crate::error::Error;
use crate::layout::is_columnar;
use crate::layout::url_of;
use crate::manifest::Manifest;

/// Name of the file in a data directory.
pub const SECRET: &str = "secret";

/// Bytes of the longest file that is looked at.
const LONGEST: u64 = 4096;

/// A secret. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET_BYTES]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// A new one, from the system's source of randomness.
    ///
    /// # Errors
    /// [`Error::Usage`] where the system has none.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::Usage(format!("the system gives no random bytes: {error} (give --secret FILE)")))?;
        Ok(Self(bytes))
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// [`Error`] where it cannot be read, or holds something else than a secret.
    pub fn read(path: &Path) -> Result<Option<Self>, Error> {
        let bytes = match url_of(path) {
            Some(url) => record::remote::read(&url)?,
            None => match fs::metadata(path) {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
                Err(error) => return Err(Error::read(path)(error)),
                Ok(found) if !found.is_file() || found.len() > LONGEST => return Err(no_secret(path)),
                Ok(_) => Some(fs::read(path).map_err(Error::read(path))?),
            },
        };
        let Some(bytes) = bytes else { return Ok(None) };
        parse(&bytes).map(|secret| Some(Self(secret))).ok_or_else(|| no_secret(path))
    }

    /// Reads a file, or makes it with a new secret.
    ///
    /// # Errors
    /// As [`Secret::read`]; [`Error::Write`] where it cannot be made.
    pub fn read_or_make(path: &Path) -> Result<Self, Error> {
        if let Some(known) = Self::read(path)? {
            return Ok(known);
        }
        let secret = Self::random()?;
        secret.write(path)?;
        // Another run may have been first.
        Self::read(path)?.ok_or_else(|| no_secret(path))
    }

    /// As [`Secret::read_or_make`]; where no file is named or it cannot be made, a new secret that nobody keeps. Says
    /// whether it is kept.
    ///
    /// # Errors
    /// [`Error::Usage`] where the file holds something else, or the system gives no random bytes.
    pub fn kept_or_new(path: Option<&Path>) -> Result<(Self, bool), Error> {
        match path.map(Self::read_or_make) {
            Some(Ok(secret)) => Ok((secret, true)),
            Some(Err(error @ Error::Usage(_))) => Err(error),
            Some(Err(_)) | None => Ok((Self::random()?, false)),
        }
    }

    /// Writes it to a file that only its owner may read; one that is there stays.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        if path.exists() {
            return Ok(());
        }
        let folder = folder_of(path);
        make_private(folder).map_err(Error::write(folder))?;
        let mut file = staged(folder, ".secret-", 0o600).map_err(Error::write(folder))?;
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        file.write_all(format!("{digits}\n").as_bytes()).map_err(Error::write(path))?;
        file.as_file().sync_all().map_err(Error::write(path))?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(Error::write(path)(error.error)),
            _ => sync_folder(folder).map_err(Error::write(folder)),
        }
    }

    /// The key of all hashes.
    #[must_use]
    pub fn key(&self) -> HashKey {
        HashKey::from_secret(&self.0)
    }
}

fn parse(text: &[u8]) -> Option<[u8; SECRET_BYTES]> {
    let digits = text.trim_ascii();
    let mut secret = [0; SECRET_BYTES];
    if digits.len() != 2 * SECRET_BYTES {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(secret)
}

fn no_secret(path: &Path) -> Error {
    Error::Usage(format!(
        "{} is no secret (it must hold 64 random hexadecimal digits: openssl rand -hex 32)",
        path.display()
    ))
}

/// Under which key the hashes in a data directory are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableKey {
    /// It holds no hashes yet, and has no secret.
    Any,
    /// Under none: they are public functions of what they hash.
    Public,
    /// Under that of a secret.
    Secret(Secret),
}

impl TableKey {
    /// That of a data directory, here or in an object store. `given` takes the place of the secret in it.
    ///
    /// # Errors
    /// [`Error::Usage`] where its secret is missing, or is not the one that its hashes were made under.
    pub fn of(root: &Path, given: Option<&Secret>) -> Result<Self, Error> {
        let own = Secret::read(&root.join(SECRET))?;
        let secret = given.or(own.as_ref());
        let made_under = match Manifest::read(root)? {
            Some(manifest) if manifest.files.is_empty() => None,
            Some(manifest) => Some(manifest.key),
            None if is_columnar(root)? => Some(None),
            None => None,
        };
        let told = |what: &str| Err(Error::Usage(format!("{} {what}", root.display())));
        match (made_under, secret) {
            (None, None) => Ok(Self::Any),
            (None, Some(secret)) => Ok(Self::Secret(secret.clone())),
            (Some(None), _) if given.is_some() => told(
                "was written without a key, and --secret gives one (leave it out, or ingest the logs again into another \
                 --data-dir)",
            ),
            (Some(None), _) => Ok(Self::Public),
            (Some(Some(_)), None) => told(
                "has lost its secret (bring DIR/secret back, or give it with --secret FILE: without it nothing new can \
                      be compared with what is stored)",
            ),
            (Some(Some(made)), Some(secret)) if secret.key().fingerprint().as_ref() == Some(&made) => {
                Ok(Self::Secret(secret.clone()))
            }
            (Some(Some(_)), Some(_)) => told(
                "was written under the key of another secret (give the right one with --secret FILE, or ingest the logs \
                 again into another --data-dir)",
            ),
        }
    }
}

/// Under which key a run hashes that reads or writes some data directories. `given` takes the place of their secrets.
///
/// # Errors
/// [`Error::Usage`] where two directories are under different keys, and as [`TableKey::of`].
pub fn key_of_run(data_dirs: &[&Path], given: Option<&Secret>) -> Result<TableKey, Error> {
    let mut known: Option<(&Path, TableKey)> = None;
    for root in data_dirs {
        let key = TableKey::of(root, given)?;
        match &known {
            _ if key == TableKey::Any => {}
            Some((other, before)) if *before != key => {
                return Err(Error::Usage(format!(
                    "{} and {} were written under different keys, so that what they hold cannot be compared (ingest the \
                     logs of both with one --secret FILE)",
                    other.display(),
                    root.display()
                )));
            }
            _ => known = Some((root, key)),
        }
    }
    let given = given.map_or(TableKey::Any, |secret| TableKey::Secret(secret.clone()));
    Ok(known.map_or(given, |(_, key)| key))
}

/// Where the secret of a user's own runs is kept; `None` without a home.
#[must_use]
pub fn users_secret() -> Option<PathBuf> {
    users_file(SECRET)
}

/// A file of a user's own, from the environment: `$XDG_STATE_HOME/stillwatch/NAME`, or the same below `~/.local/state`;
/// `None` without a home.
#[must_use]
pub fn users_file(name: &str) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("stillwatch").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/secret");
        let made = Secret::read_or_make(&path).unwrap();
        assert_eq!(Secret::read_or_make(&path).unwrap(), made);
        Secret::random().unwrap().write(&path).unwrap();
        assert_eq!(Secret::read(&path).unwrap(), Some(made.clone()));
        #[cfg(unix)]
        for (path, mode) in [(path.as_path(), 0o600), (path.parent().unwrap(), 0o700)] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
        }
        assert_eq!(format!("{made:?}"), "Secret(..)");
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for text in ["", "abc", &"g".repeat(64), &"a".repeat(65), &"é".repeat(32)] {
            fs::write(&path, text).unwrap();
            let error = Secret::read(&path).unwrap_err().to_string();
            assert!(error.contains("64 random hexadecimal digits"), "{error}");
        }
        fs::write(&path, format!(" {}\n", "0A".repeat(32))).unwrap();
        assert_eq!(Secret::read(&path).unwrap(), Some(Secret([10; SECRET_BYTES])));
    }
}
