//! Why a gate did not start.

use std::fmt;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration, or a file that it names, is not fit.
    Config,
    /// The system refuses: an address is taken, a folder cannot be written.
    System,
}

/// Why a gate did not start. Each fault names its key or file, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    faults: Vec<String>,
}

impl Error {
    pub(crate) fn config(faults: Vec<String>) -> Self {
        Self { kind: ErrorKind::Config, faults }
    }

    pub(crate) fn system(text: impl Into<String>) -> Self {
        Self { kind: ErrorKind::System, faults: vec![text.into()] }
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
