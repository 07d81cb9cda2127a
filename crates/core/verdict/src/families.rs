//! A set of families of evidence.

use crate::family::Family;

/// A set of families, as one bit each in the order of [`Family::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Families(u8);

impl Families {
    /// The set with these bits; bits of no family are dropped.
    #[must_use]
    pub fn from_bits(bits: u32) -> Self {
        Family::ALL.into_iter().filter(|family| bits & u32::from(Self::bit(*family)) != 0).collect()
    }

    /// Its bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether a family is in it.
    #[must_use]
    pub const fn contains(self, family: Family) -> bool {
        self.0 & Self::bit(family) != 0
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its families, in the order of the contract.
    pub fn iter(self) -> impl Iterator<Item = Family> {
        Family::ALL.into_iter().filter(move |family| self.contains(*family))
    }

    const fn bit(family: Family) -> u8 {
        1 << family as u8
    }
}

impl FromIterator<Family> for Families {
    fn from_iter<I: IntoIterator<Item = Family>>(families: I) -> Self {
        Self(families.into_iter().fold(0, |bits, family| bits | Self::bit(family)))
    }
}
