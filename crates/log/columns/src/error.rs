//! Why a table could not be read or written.

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Why a table could not be read or written. User mistakes and the world's faults; a bug is [`Error::Bug`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input could not be read at all.
    #[error(transparent)]
    Input(#[from] record::Error),
    /// Options that contradict each other or the place they name.
    #[error("{0}")]
    Usage(String),
    /// Output could not be written. Nothing half-written is left at the output path.
    #[error("cannot write {}: {source} (nothing was left half-written there)", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A table could not be read or written.
    #[error("cannot use the columnar files in {}: {reason}", path.display())]
    Table {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The ledger could not be read or written.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// A record of the ledger says something else than it should.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The user stopped it.
    #[error(transparent)]
    Interrupted(#[from] workers::Interrupted),
    /// A fault of this program.
    #[error("this is a bug in stillwatch: {0} (please report it with the command line)")]
    Bug(String),
}

impl Error {
    /// For `map_err` on reads of `path`.
    pub fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Input(record::Error::Read { path: path.to_owned(), source })
    }

    /// For `map_err` on writes to `path`.
    pub fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Write { path: path.to_owned(), source }
    }

    /// For `map_err` on tables at `path`.
    pub fn table<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self + '_ {
        move |reason| Self::Table { path: path.to_owned(), reason: reason.to_string() }
    }
}
