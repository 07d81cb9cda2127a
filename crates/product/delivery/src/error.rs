//! Why something cannot be delivered at all.

use std::path::Path;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address or the secret of the webhook is not fit.
    Unfit,
    /// A file of the outbox cannot be read or written.
    Io,
}

/// Why something cannot be delivered at all. It names the place and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

impl Error {
    pub(crate) fn unfit(text: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unfit, text: text.into() }
    }

    pub(crate) fn io(path: &Path, error: &dyn std::fmt::Display) -> Self {
        Self { kind: ErrorKind::Io, text: format!("{}: {error}", path.display()) }
    }

    /// What kind of fault it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
