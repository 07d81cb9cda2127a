//! Why a log could not be read or written.

use std::fmt;
use std::io;
use std::path::Path;

/// What went wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no log in the folder.
    NoLog,
    /// Something that was written is not as it was written.
    Damaged,
    /// A text is not of its form: a key, a note, a checkpoint, a proof.
    Malformed,
    /// What was asked for is not in the log.
    OutOfRange,
    /// A checkpoint does not go on from the one that was seen before.
    Inconsistent,
    /// The system refused a read or a write.
    Io,
}

/// Why a log could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
    #[source]
    source: Option<io::Error>,
}

impl Error {
    /// An error of a kind, in words that name the place and the fix.
    pub(crate) fn new(kind: ErrorKind, text: impl fmt::Display) -> Self {
        Self { kind, text: text.to_string(), source: None }
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn malformed(text: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Malformed, text)
    }

    pub(crate) fn damaged(path: &Path, reason: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Damaged, format!("{}: {reason} (stillwatch ledger verify says what else)", path.display()))
    }

    /// For `map_err` on reads of `path`.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self {
            kind: ErrorKind::Io,
            text: format!("cannot read {}: {source}", path.display()),
            source: Some(source),
        }
    }

    /// For `map_err` on writes to `path`.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self {
            kind: ErrorKind::Io,
            text: format!("cannot write {}: {source} (what was acknowledged is still there)", path.display()),
            source: Some(source),
        }
    }
}
