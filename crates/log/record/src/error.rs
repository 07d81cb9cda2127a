//! Why a record or a whole input could not be read.

use std::io;
use std::path::PathBuf;

/// Why an input could not be read at all.
///
/// A single bad record is never an error but a [`Reject`]: it goes to `rejects.jsonl` and the file goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The path cannot be opened or read.
    #[error("cannot read {}: {source} (check the path and its permissions)", path.display())]
    Read {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing matched the path.
    #[error(
        "{input} names no file (check the spelling; folders are searched for .jsonl, .json, .ndjson, .csv, .tsv, .parquet, .har, .gz, .zst and .zstd)"
    )]
    NoFiles {
        /// The path, folder, glob or URL as given.
        input: String,
    },
    /// A file is no log in any format that is known.
    #[error("{file} is no log this version reads: expected {expected}, found {found}")]
    NotALog {
        /// The file.
        file: String,
        /// The formats that were tried.
        expected: String,
        /// What the first bytes look like.
        found: String,
    },
    /// A Parquet file is damaged, or lacks a column that is needed, or has one of a wrong type.
    #[error("cannot read the table {file}: {reason}")]
    Table {
        /// The file.
        file: String,
        /// What is wrong, with the column's name where it is one.
        reason: String,
    },
    /// So much of a file was refused that the rest is not read.
    #[error("{file} is left: {reason}")]
    GivenUp {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// An option's value is wrong.
    #[error("{0}")]
    Usage(String),
    /// An object store refused or failed.
    #[error("cannot read {url}: {reason}")]
    Store {
        /// The URL.
        url: String,
        /// What the store said.
        reason: String,
    },
}

/// One record that could not be read, with its place and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The file.
    pub file: String,
    /// Line of a text file or row of a table, counted from 1.
    pub line: u64,
    /// Offset of the record's first byte in the decompressed file; `None` in Parquet.
    pub byte_offset: Option<u64>,
    /// What is wrong and what would be right.
    pub reason: String,
}
