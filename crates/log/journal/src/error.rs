//! Why a record or a proof is not accepted.

/// Why a record or a proof is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A record that ends too early, or goes on after its end.
    pub(crate) fn cut(what: &str) -> Self {
        Self(format!("{what} is cut, or has more than it should"))
    }
}

impl From<ledger::Error> for Error {
    fn from(error: ledger::Error) -> Self {
        Self(error.to_string())
    }
}
