//! The kinds of ties that groups are formed from.

use serde::Deserialize;
use serde::Serialize;

use crate::family::Family;

/// A kind of ties between accounts. Each forms groups apart from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewKind {
    /// Source addresses in common.
    Addresses,
    /// Fixed wordings in common.
    Frames,
    /// Pairs of words in common, which a paraphrase keeps in part.
    Phrases,
    /// Cards, devices, telephone numbers and mailboxes in common.
    Registration,
    /// Conversations, answers and signed reasoning that one account was given and another sent.
    TransferredContent,
}

impl ViewKind {
    /// The family whose evidence the ties are.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::TransferredContent => Family::Continuity,
            Self::Frames | Self::Phrases => Family::Content,
            Self::Registration => Family::Identity,
            Self::Addresses => Family::Client,
        }
    }

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Addresses => "addresses",
            Self::Frames => "frames",
            Self::Phrases => "phrases",
            Self::Registration => "registration",
            Self::TransferredContent => "transferred_content",
        }
    }
}
