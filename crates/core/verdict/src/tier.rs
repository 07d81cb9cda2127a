//! How firmly a group of accounts is held to be one campaign.

use serde::Deserialize;
use serde::Serialize;

use crate::standing::Status;

/// How firmly a group is held to be one campaign, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// A group that scores and of which nothing is claimed. Nothing may be done to anybody for it.
    Lead,
    /// At the investigation rate, or on one family.
    Suspected,
    /// At the action rate, on two families or more.
    Discovered,
}

impl Tier {
    /// All tiers, the weakest first.
    pub const ALL: [Self; 3] = [Self::Lead, Self::Suspected, Self::Discovered];

    /// The name in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Suspected => "suspected",
            Self::Discovered => "discovered",
        }
    }
}

impl From<Status> for Tier {
    fn from(status: Status) -> Self {
        match status {
            Status::Suspected => Self::Suspected,
            Status::Discovered => Self::Discovered,
        }
    }
}
