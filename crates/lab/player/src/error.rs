//! Why a world could not be played.

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Why a world could not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the world could not be read.
    #[error("{path}: {error} (make the world again with `stillwatch range generate`)")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file of the world is not what such files are.
    #[error("{path}: {error} (make the world again with `stillwatch range generate`)")]
    Malformed {
        /// Which one, with the line.
        path: String,
        /// Why.
        error: serde_json::Error,
    },
    /// The world has nothing to play.
    #[error("the world has no exchanges (give one that has)")]
    Empty,
    /// Nothing can be listened to.
    #[error("the model cannot listen: {0}")]
    Model(io::Error),
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}
