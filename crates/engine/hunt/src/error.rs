//! Why a hunt could not be done.

/// Why a hunt could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something could not be read or written, the options are wrong, or the user stopped it.
    #[error(transparent)]
    Columns(#[from] columns::Error),
    /// The machines that were to fold failed.
    #[error("{0}")]
    Remote(String),
    /// Who may be behind the campaigns could not be asked.
    #[error("attribution: {0}")]
    Attribution(String),
    /// The campaign registry of the data directory is damaged.
    #[error(transparent)]
    Registry(#[from] campaign::RegistryError),
    /// The record of earlier looks of the data directory is damaged.
    #[error(transparent)]
    Looks(#[from] campaign::LooksError),
}

impl From<record::Error> for Error {
    fn from(error: record::Error) -> Self {
        columns::Error::from(error).into()
    }
}

impl From<workers::Interrupted> for Error {
    fn from(interrupted: workers::Interrupted) -> Self {
        columns::Error::from(interrupted).into()
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
