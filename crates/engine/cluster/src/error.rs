//! Why something of a cluster, or of the query engine, could not be done.

use datafusion::error::DataFusionError;

/// Why something of a cluster, or of the query engine, could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something could not be read or written, the options are wrong, or the user stopped it.
    #[error(transparent)]
    Columns(#[from] columns::Error),
    /// The query engine failed.
    #[error("the query engine failed: {0}")]
    Engine(#[from] DataFusionError),
    /// A part of a cluster is missing, is another build, or failed.
    #[error("{0}")]
    Cluster(String),
}

impl From<workers::Interrupted> for Error {
    fn from(interrupted: workers::Interrupted) -> Self {
        Self::Columns(interrupted.into())
    }
}

impl From<Error> for hunt::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Columns(error) => error.into(),
            other => Self::Remote(other.to_string()),
        }
    }
}

impl Error {
    /// A mistake in the options, with its fix.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        columns::Error::Usage(text.into()).into()
    }

    /// A fault of this program.
    pub(crate) fn bug(text: impl Into<String>) -> Self {
        columns::Error::Bug(text.into()).into()
    }
}
