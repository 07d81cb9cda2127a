//! Families of evidence.

use serde::Deserialize;
use serde::Serialize;

/// A family of evidence. Signals inside a family depend on each other strongly, so corroboration counts families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Does one piece of work move between accounts?
    Continuity,
    /// Does it answer our moves?
    Reaction,
    /// Is this what training data looks like?
    Content,
    /// Are these people who they say?
    Identity,
    /// Is the path hidden or shared?
    Client,
    /// Does it move like one machine?
    Rhythm,
}

impl Family {
    /// All families, in the order of the contract.
    pub const ALL: [Self; 6] =
        [Self::Continuity, Self::Reaction, Self::Content, Self::Identity, Self::Client, Self::Rhythm];

    /// The name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Continuity => "continuity",
            Self::Reaction => "reaction",
            Self::Content => "content",
            Self::Identity => "identity",
            Self::Client => "client",
            Self::Rhythm => "rhythm",
        }
    }
}
