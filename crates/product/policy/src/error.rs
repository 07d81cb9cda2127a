//! Why a folder of policies was refused.

use std::fmt;

use crate::fault::Fault;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or folder could not be read or written.
    Unreadable,
    /// The policies are not fit to be used: each fault is listed.
    Unfit,
    /// A fault of this program.
    Bug,
}

/// Why a folder of policies was refused. Whoever holds an earlier policy keeps it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    faults: Vec<Fault>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, faults: vec![Fault::anywhere(text)] }
    }

    pub(crate) fn unfit(faults: Vec<Fault>) -> Self {
        Self { kind: ErrorKind::Unfit, faults }
    }

    /// What kind of fault it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Each fault, with its place and how to mend it.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.faults.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("\n"))
    }
}
