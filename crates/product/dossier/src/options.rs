//! To whom an archive is shown, and what.

use serde::Deserialize;
use serde::Serialize;

/// Whom an archive is for, which says what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Accounts, exchanges, and their identifiers as they are stored.
    Court,
    /// Accounts and exchanges.
    Regulator,
    /// Neither accounts nor exchanges: the verdict and its scores.
    Peer,
    /// As [`Audience::Peer`].
    Public,
}

impl Audience {
    /// Whether accounts and their exchanges are shown.
    pub const fn shows_accounts(self) -> bool {
        matches!(self, Self::Court | Self::Regulator)
    }

    /// Whether identifiers of exchanges are shown.
    pub const fn shows_identifiers(self) -> bool {
        matches!(self, Self::Court)
    }
}

/// Which texts are shown, where they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Texts {
    /// None.
    None,
    /// Those of exchanges that show a wording.
    Claims,
    /// Those of all exchanges in the archive.
    All,
}

/// What is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// To whom.
    pub audience: Audience,
    /// Which texts.
    pub text: Texts,
}
