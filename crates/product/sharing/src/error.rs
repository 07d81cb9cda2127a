//! Why nothing was shared or taken in.

use std::fmt;

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for is not there, or is not well formed.
    Usage,
    /// It may not leave: nobody confirmed the group, or it is marked higher than the group may see.
    Guarded,
    /// What came in is not fit.
    Malformed,
    /// A file cannot be read or written.
    Io,
}

/// Why nothing was shared or taken in.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(crate) fn io(place: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let place = place.display().to_string();
        move |error: std::io::Error| Self::new(ErrorKind::Io, format!("{place}: {error}"))
    }

    pub(crate) fn bug(error: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Io, format!("what was to be written has no JSON form: {error}"))
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
