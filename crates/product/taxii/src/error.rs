//! Why nothing was fetched.

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No answer came, or none that is a success.
    Unreached,
    /// An answer is not what the standard says.
    Malformed,
    /// There is more than is taken.
    TooMuch,
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

impl Error {
    /// An error of whoever asks for [`crate::fetch`].
    #[must_use]
    pub fn unreached(error: &dyn std::fmt::Display) -> Self {
        Self::new(ErrorKind::Unreached, error.to_string())
    }

    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
