//! What can go wrong, and what to do about it.

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Why a log, a truth or a pool of texts could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log or the account records cannot be read.
    #[error(transparent)]
    Record(#[from] record::Error),
    /// A file cannot be read.
    #[error("cannot read {}: {source} (check the path and its permissions)", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source} (check the path and the room on the disk)", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file holds something else than its name and place promise.
    #[error("cannot use {}: {reason}", path.display())]
    Content {
        /// The path.
        path: PathBuf,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// An option's value is wrong.
    #[error("{0}")]
    Usage(String),
    /// A text has no vector among those that were read.
    #[error("no vector for the text that begins {begins:?} (add a line {{\"text\", \"vector\"}} for every text)")]
    NoVector {
        /// The first words of the text.
        begins: String,
    },
}

impl Error {
    /// For `map_err` after a read.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Read { path, source }
    }

    /// For `map_err` after a write.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Write { path, source }
    }

    /// A file that holds the wrong thing.
    pub(crate) fn content(path: &Path, reason: impl Into<String>) -> Self {
        Self::Content { path: path.to_path_buf(), reason: reason.into() }
    }
}
