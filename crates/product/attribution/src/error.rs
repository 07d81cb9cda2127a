//! Why nothing could be attributed.

use std::fmt;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file of an organisation is not fit.
    Entity,
    /// A source is not well formed.
    Source,
    /// What was asked for is not there.
    Usage,
    /// The exchanges or the account records cannot be read.
    Data,
}

/// Why nothing could be attributed. Each fault names its file and line, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    faults: Vec<String>,
}

impl Error {
    pub(crate) const fn of(kind: ErrorKind, faults: Vec<String>) -> Self {
        Self { kind, faults }
    }

    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, faults: vec![text.into()] }
    }

    /// What kind of fault it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Each fault.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.faults.join("\n"))
    }
}

impl From<columns::Error> for Error {
    fn from(error: columns::Error) -> Self {
        Self::new(ErrorKind::Data, error.to_string())
    }
}

impl From<record::Error> for Error {
    fn from(error: record::Error) -> Self {
        Self::new(ErrorKind::Data, error.to_string())
    }
}

impl From<workers::Interrupted> for Error {
    fn from(interrupted: workers::Interrupted) -> Self {
        columns::Error::from(interrupted).into()
    }
}
