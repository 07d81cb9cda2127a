//! Why a time-stamp was not accepted.

use std::fmt;

/// What went wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not of the form that they should be.
    Malformed,
    /// The authority did not grant a time-stamp.
    Denied,
    /// The time-stamp is of something else, or answers another query.
    Mismatch,
    /// A signature is wrong.
    Signature,
    /// The certificate is not one that is trusted.
    Untrusted,
    /// It was made in a way that is not known here.
    Unknown,
}

/// Why a time-stamp was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl fmt::Display) -> Self {
        Self { kind, text: text.to_string() }
    }

    /// For `map_err` on what is read.
    pub(crate) fn malformed<E: fmt::Display>(what: &str) -> impl FnOnce(E) -> Self + '_ {
        move |error| Self::new(ErrorKind::Malformed, format!("{what} is not in the form of RFC 3161: {error}"))
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
