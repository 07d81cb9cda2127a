//! Why an archive could not be made, or is not accepted.

use std::fmt;

/// Why an archive could not be made, or is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked for is not there.
    #[error("{0}")]
    Usage(String),
    /// The archive, or something in it, is not as it was made.
    #[error("{0}")]
    Damaged(String),
    /// The table or the ledger cannot be read.
    #[error(transparent)]
    Columns(#[from] columns::Error),
}

impl Error {
    /// A fault of an archive, with its place.
    pub(crate) fn at(place: &str, what: impl fmt::Display) -> Self {
        Self::Damaged(format!("{place}: {what}"))
    }
}

impl From<ledger::Error> for Error {
    fn from(error: ledger::Error) -> Self {
        Self::Columns(error.into())
    }
}
