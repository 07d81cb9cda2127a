//! Who draws on what.

use crate::amounts::Amounts;

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One account's.
    Account,
    /// One organisation's.
    Organisation,
    /// That of the accounts under one operator.
    Pool,
    /// That of all accounts of a campaign together.
    Campaign,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 4] = [Self::Account, Self::Organisation, Self::Pool, Self::Campaign];

    /// The name in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Organisation => "organisation",
            Self::Pool => "pool",
            Self::Campaign => "campaign",
        }
    }
}

/// The name of one budget of one actor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Whose it is.
    pub scope: Scope,
    /// The budget, as the policy names it.
    pub budget: Box<str>,
    /// The account, the organisation, the pool, or the budget key of the campaign.
    pub actor: Box<str>,
}

impl Key {
    /// A budget of an actor.
    #[must_use]
    pub fn new(scope: Scope, budget: &str, actor: &str) -> Self {
        Self { scope, budget: budget.into(), actor: actor.into() }
    }
}

/// How much may be drawn in each window of time.
///
/// Windows are as long as the period and begin at its multiples since 1970-01-01T00:00:00Z: a budget of a day is full again
/// at midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most of each unit; `u64::MAX` where there is no limit.
    pub most: Amounts,
    /// Microseconds of a window; one at least.
    pub period_us: u64,
}

impl Limit {
    /// The window that a moment is in, by its first moment.
    #[must_use]
    pub fn window_start_us(&self, now_us: u64) -> u64 {
        // A window of no length would divide by zero, and hold nothing.
        now_us - now_us % self.period_us.max(1)
    }

    /// When the window of a moment ends.
    #[must_use]
    pub fn window_end_us(&self, now_us: u64) -> u64 {
        self.window_start_us(now_us).saturating_add(self.period_us.max(1))
    }
}

/// A budget that a request draws on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Which budget.
    pub key: Key,
    /// How much of it there is.
    pub limit: Limit,
}
