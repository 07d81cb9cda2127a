//! What can go wrong, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a world could not be read, made or scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name is no world that comes with the program and no file either.
    #[error("no world named {name:?} (known worlds: {known}; or give the path of a world's TOML file)")]
    UnknownWorld {
        /// The name as given.
        name: String,
        /// The names of the worlds that come with the program.
        known: String,
    },
    /// The text of a world is not what a world may say.
    #[error("{origin} is no world: {reason}")]
    World {
        /// Where the text came from.
        origin: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// An option's value is wrong.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be read.
    #[error("cannot read {}: {source} (check the path and its permissions)", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source} (check the free space and the permissions of the folder)", path.display())]
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
    /// A columnar table cannot be written.
    #[error(transparent)]
    Table(#[from] columns::Error),
    /// The grammars that come with the program are broken: a fault of the program, not of its user.
    #[error("the text grammar {file} is broken: {reason} (this is a bug: please report it)")]
    Grammar {
        /// The grammar's file.
        file: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A thread that made exchanges stopped: a fault of the program, not of its user.
    #[error("a generating thread stopped before its time (this is a bug: please report the world and the seed)")]
    Thread,
}

impl Error {
    /// For `map_err` after a read.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_path_buf();
        move |source| Error::Read { path, source }
    }

    /// For `map_err` after a write.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_path_buf();
        move |source| Error::Write { path, source }
    }

    /// A file that holds the wrong thing.
    pub(crate) fn content(path: &Path, reason: impl Into<String>) -> Error {
        Error::Content { path: path.to_path_buf(), reason: reason.into() }
    }
}
