//! What is counted.

/// Largest amount of a unit in a limit, an estimate or a settlement: 2^53, which every party counts exactly, a script in a
/// Redis-protocol server included.
pub const MAX_AMOUNT: u64 = 1 << 53;

/// A unit that budgets count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Requests.
    Requests,
    /// Tokens, read and written.
    Tokens,
    /// What answers reveal, in millionths of a unit of privacy loss (epsilon).
    Privacy,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 3] = [Self::Requests, Self::Tokens, Self::Privacy];

    /// The name in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Privacy => "privacy",
        }
    }
}

/// An amount of each unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Amounts {
    /// Requests.
    pub requests: u64,
    /// Tokens, read and written.
    pub tokens: u64,
    /// Millionths of a unit of privacy loss.
    pub privacy: u64,
}

impl Amounts {
    /// The same amount of each unit.
    #[must_use]
    pub const fn of_each(amount: u64) -> Self {
        Self { requests: amount, tokens: amount, privacy: amount }
    }

    /// One request, and so many tokens.
    #[must_use]
    pub const fn request(tokens: u64) -> Self {
        Self { requests: 1, tokens, privacy: 0 }
    }

    /// The amount of a unit.
    #[must_use]
    pub const fn get(&self, unit: Unit) -> u64 {
        match unit {
            Unit::Requests => self.requests,
            Unit::Tokens => self.tokens,
            Unit::Privacy => self.privacy,
        }
    }

    /// Unit by unit.
    #[must_use]
    pub fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            requests: with(self.requests, other.requests),
            tokens: with(self.tokens, other.tokens),
            privacy: with(self.privacy, other.privacy),
        }
    }

    /// The sum, which stays at the largest number where it would be larger.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        // INVARIANT (no overflow): a sum never wraps to a small number, which would open a spent budget.
        self.zip(other, u64::saturating_add)
    }

    /// What is left of it, zero at least.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_sub)
    }

    /// The first unit of which it has more than `most`.
    #[must_use]
    pub fn beyond(self, most: Self) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| self.get(*unit) > most.get(*unit))
    }
}
