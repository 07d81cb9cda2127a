//! Why a backup was not made, or not restored.

use std::fmt;
use std::io;
use std::path::Path;

/// Why a backup was not made, or not restored.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for cannot be done with what is there.
    Usage,
    /// The archive is none, is not as it was written, or holds what no backup holds.
    Damaged,
    /// A file of the data directory is not as it should be.
    Source,
    /// The system refused a read or a write.
    Io,
    /// The user stopped it.
    Interrupted,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, text)
    }

    pub(crate) fn damaged(archive: &Path, reason: impl fmt::Display) -> Self {
        let text = format!("{}: {reason} (nothing was restored; take another backup)", archive.display());
        Self::new(ErrorKind::Damaged, text)
    }

    /// For `map_err` on reads of `path`.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| Self::new(ErrorKind::Io, format!("cannot read {}: {error}", path.display()))
    }

    /// For `map_err` on writes to `path`.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| {
            Self::new(ErrorKind::Io, format!("cannot write {}: {error} (nothing is left half-written)", path.display()))
        }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<columns::Error> for Error {
    fn from(error: columns::Error) -> Self {
        let kind = match error {
            columns::Error::Usage(_) => ErrorKind::Usage,
            columns::Error::Write { .. } => ErrorKind::Io,
            columns::Error::Interrupted(_) => ErrorKind::Interrupted,
            _ => ErrorKind::Source,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<ledger::Error> for Error {
    fn from(error: ledger::Error) -> Self {
        Self::new(ErrorKind::Source, error.to_string())
    }
}

impl From<case::Error> for Error {
    fn from(error: case::Error) -> Self {
        Self::new(ErrorKind::Source, error.to_string())
    }
}

impl From<workers::Interrupted> for Error {
    fn from(error: workers::Interrupted) -> Self {
        Self::new(ErrorKind::Interrupted, error.to_string())
    }
}
