//! Why a snapshot was refused.

use std::fmt;

/// What kind of fault a snapshot has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file could not be read.
    Unreadable,
    /// It is no snapshot.
    NotASnapshot,
    /// It is of a version that this build does not know.
    Version,
    /// It was cut, or its bytes are not those that were written.
    Damaged,
    /// It is larger than the bounds allow.
    TooLarge,
    /// Its contents contradict each other.
    Contradiction,
}

/// Why a snapshot was refused. Whoever holds an earlier snapshot keeps it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What kind of fault it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
