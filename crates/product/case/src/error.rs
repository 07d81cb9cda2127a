//! Why an act was not done, or a case cannot be read.

use std::fmt;

/// Why an act was not done, or a case cannot be read.
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
    /// There is no such case or campaign.
    Unknown,
    /// What was asked for is not well formed.
    Malformed,
    /// The state of the case does not allow it, or one person may not do it alone.
    NotAllowed,
    /// Somebody else wrote since the case was looked at.
    Conflict,
    /// The store of cases and the ledger say different things.
    Disagree,
    /// The store or the ledger cannot be read or written.
    Io,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(crate) fn io(what: &str, error: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Io, format!("{what}: {error}"))
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<ledger::Error> for Error {
    fn from(error: ledger::Error) -> Self {
        Self::io("the ledger", error)
    }
}

impl From<journal::Error> for Error {
    fn from(error: journal::Error) -> Self {
        Self::io("the ledger", error)
    }
}

impl From<dossier::Error> for Error {
    fn from(error: dossier::Error) -> Self {
        Self::io("the cases of the ledger", error)
    }
}
