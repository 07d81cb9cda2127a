//! Why the live engine could not do something.

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Why the live engine could not do something.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Cause);

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A mistake in the configuration or in what was sent.
    Usage,
    /// Too much is waiting: send it again later.
    Full,
    /// A file of the write-ahead log is damaged.
    Damaged,
    /// The engine is ending.
    Stopped,
    /// Something could not be read or written, or is a bug.
    Other,
}

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("{0}")]
    Usage(String),
    #[error("too much is waiting to be written (send it again in a second; if this stays, the disk is too slow)")]
    Full,
    #[error("the engine is ending (send it again when it is back)")]
    Stopped,
    #[error(
        "{} is damaged at byte {at}, before its end: {reason} (what is before that byte is whole: to go on without the rest, \
         cut the file there with truncate --size={at})",
        path.display()
    )]
    Damaged { path: PathBuf, at: u64, reason: String },
    #[error("cannot use {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Columns(columns::Error),
    #[error(transparent)]
    Hunt(hunt::Error),
    #[error("{0}")]
    Lost(String),
}

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.0 {
            Cause::Columns(columns::Error::Input(record::Error::Read { .. } | record::Error::Store { .. })) => {
                ErrorKind::Other
            }
            Cause::Usage(_) | Cause::Columns(columns::Error::Usage(_) | columns::Error::Input(_)) => ErrorKind::Usage,
            Cause::Full => ErrorKind::Full,
            Cause::Stopped => ErrorKind::Stopped,
            Cause::Damaged { .. } => ErrorKind::Damaged,
            Cause::File { .. } | Cause::Columns(_) | Cause::Hunt(_) | Cause::Lost(_) => ErrorKind::Other,
        }
    }

    /// A mistake of whoever wrote the configuration or sent something, with its fix.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self(Cause::Usage(text.into()))
    }

    pub(crate) const fn full() -> Self {
        Self(Cause::Full)
    }

    pub(crate) const fn stopped() -> Self {
        Self(Cause::Stopped)
    }

    pub(crate) fn damaged(path: &Path, at: u64, reason: impl Into<String>) -> Self {
        Self(Cause::Damaged { path: path.to_owned(), at, reason: reason.into() })
    }

    /// For `map_err` on files.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self(Cause::File { path: path.to_owned(), source })
    }

    /// What another thread met, in words.
    pub(crate) fn lost(text: impl Into<String>) -> Self {
        Self(Cause::Lost(text.into()))
    }
}

impl From<columns::Error> for Error {
    fn from(error: columns::Error) -> Self {
        Self(Cause::Columns(error))
    }
}

impl From<hunt::Error> for Error {
    fn from(error: hunt::Error) -> Self {
        Self(Cause::Hunt(error))
    }
}
