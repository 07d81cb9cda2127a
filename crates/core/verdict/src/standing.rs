//! What is held of campaigns and of accounts.

use serde::Deserialize;
use serde::Serialize;

/// What a campaign is held to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At the target false discovery rate, and on two families or more.
    Discovered,
    /// At the target false discovery rate, on one family.
    Suspected,
}

impl Status {
    /// The name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discovered => "discovered",
            Self::Suspected => "suspected",
        }
    }
}

/// What is held of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In a discovered campaign.
    Implicated,
    /// In a suspected one.
    Watch,
}
