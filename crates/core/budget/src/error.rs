//! Why nothing was reserved or settled.

use crate::amounts::Unit;
use crate::key::Key;

/// Why nothing was reserved or settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ErrorKind);

impl Error {
    /// What kind of reason it is.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

/// What kind of reason it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A budget has not enough left. Nothing was reserved on any.
    #[error("the {} budget of this {} has too few {} left (it is full again at {resets_at_us} microseconds since 1970)",
        key.budget, key.scope.as_str(), unit.as_str())]
    Spent {
        /// The budget.
        key: Key,
        /// What it has too few of.
        unit: Unit,
        /// When it is full again: microseconds since 1970-01-01T00:00:00Z.
        resets_at_us: u64,
    },
    /// More budgets or receipts are in use than there is room for.
    #[error(
        "there is no room for more budgets or receipts (raise the bound, or shorten the time until receipts expire)"
    )]
    Full,
    /// An amount is beyond what is counted.
    #[error("an amount of {unit} is beyond the bound of 2^53 (estimate less)", unit = .0.as_str())]
    TooLarge(Unit),
    /// No such receipt: it was settled before, or it expired and was spent at its estimate.
    #[error("the receipt is not open: it was settled before, or it expired and was spent at its estimate")]
    NotOpen,
    /// The receipt is another request's.
    #[error("the receipt belongs to another request")]
    OtherRequest,
}
