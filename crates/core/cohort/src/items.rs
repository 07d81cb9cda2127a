//! Halves of the items that accounts share.

use serde::Deserialize;
use serde::Serialize;
use sketch::hash::mix;

/// Keeps the halves apart from other uses of the same bits. It is no secret: an item is told by its hash, and that is under
/// the deployment's key (`sketch::HashKey`), so that nobody outside can choose items of one half.
const HALVES_KEY: u64 = 0x5b1d_0f52_93c4_6a7e;

/// Which of the items that accounts share are looked at: conversations, wordings, cards.
///
/// A group that was formed by one half of the items is tested on the other half, so that no item counts twice. Items are
/// parted by a hash of their own, which is the same for everybody who holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Items {
    /// All of them.
    #[default]
    All,
    /// One half.
    First,
    /// The other half.
    Second,
}

impl Items {
    /// Both halves.
    pub const HALVES: [Self; 2] = [Self::First, Self::Second];

    /// Whether an item, by its hash, is one of these.
    #[must_use]
    pub fn hold(self, item: u64) -> bool {
        let is_second = mix(item ^ HALVES_KEY) & 1 == 1;
        match self {
            Self::All => true,
            Self::First => !is_second,
            Self::Second => is_second,
        }
    }

    /// The items that are not these; all of them have no others, and stay all.
    #[must_use]
    pub const fn others(self) -> Self {
        match self {
            Self::All => Self::All,
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}
