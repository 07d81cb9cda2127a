//! Why the API cannot be served.

/// Why the API cannot be served, or a token not be made.
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
    /// It was asked for in a way that cannot be.
    Usage,
    /// A file or the network cannot be used.
    Io,
}

impl Error {
    /// A mistake of whoever asks.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Usage, text: text.into() }
    }

    /// A file or the network that cannot be used.
    pub(crate) fn io(what: impl std::fmt::Display, error: impl std::fmt::Display) -> Self {
        Self { kind: ErrorKind::Io, text: format!("{what}: {error}") }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
