//! Why another provider gave no answer.

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address, the token or the authority cannot be used.
    Usage,
    /// No answer came.
    Unreached,
    /// The answer is no success, or cannot be taken.
    Refused,
    /// The system gives no connections.
    System,
}

/// Why another provider gave no answer.
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

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
