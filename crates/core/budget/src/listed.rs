//! Budgets as they are at a moment, for people who look at them.

use std::cmp::Ordering;
use std::cmp::Reverse;

use crate::amounts::Amounts;
use crate::amounts::Unit;
use crate::key::Key;
use crate::key::Limit;

/// The whole of a limit, in the millionths that [`Place::used_ppm`] counts.
const WHOLE_PPM: u64 = 1_000_000;

/// A budget as it is at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which budget.
    pub key: Key,
    /// How much of it there is, as the last request that drew on it was told.
    pub limit: Limit,
    /// The window of the moment: its first microsecond since 1970-01-01T00:00:00Z.
    pub window_start_us: u64,
    /// The first microsecond after it, from which on the budget is full again.
    pub window_end_us: u64,
    /// What is used of it in the window, reservations included. It passes the limit only by settlements above their estimates.
    pub used: Amounts,
    /// The part of `used` that is reserved for requests that are not settled.
    pub reserved: Amounts,
    /// Requests in the window that found too little left in this budget.
    pub refusals: u64,
    /// The last window before in which something was drawn or refused.
    pub before: Option<Past>,
    /// What this node may spend of the limit, where it is shared with other nodes.
    pub part: Option<Part>,
}

/// What a node may spend of a budget in a window that several nodes share: both amounts together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Its own share, which nobody is asked for.
    pub own: Amounts,
    /// What it leased so far. It stays charged to the window.
    pub leased: Amounts,
}

/// A window of a budget that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Its first microsecond since 1970-01-01T00:00:00Z.
    pub window_start_us: u64,
    /// The first microsecond after it.
    pub window_end_us: u64,
    /// The most of each unit, as it was at the end.
    pub most: Amounts,
    /// What was used of it. What was settled after its end, and below the estimate, is not taken off.
    pub used: Amounts,
    /// Requests that found too little left.
    pub refusals: u64,
}

impl Standing {
    /// Its place in a list of the most used first.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { used_ppm: used_ppm(self.used, self.limit.most), key: self.key.clone() }
    }
}

/// A place in a list of budgets, the most used first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The largest share of a limit that is used, over the units that have one, in millionths. A limit of nothing is wholly used.
    pub used_ppm: u64,
    /// The budget, by which those that are used alike are ordered.
    pub key: Key,
}

impl Place {
    /// What places are compared by.
    pub(crate) const fn rank(&self) -> (Reverse<u64>, &Key) {
        (Reverse(self.used_ppm), &self.key)
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A budget in a list, ordered by its place.
#[derive(Debug)]
pub(crate) struct Listed(pub(crate) Place, pub(crate) Standing);

impl PartialEq for Listed {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Listed {}

impl Ord for Listed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Listed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The largest share that is used, in millionths.
pub(crate) fn used_ppm(used: Amounts, most: Amounts) -> u64 {
    let share = |unit: Unit| match (used.get(unit), most.get(unit)) {
        (_, u64::MAX) => 0,
        (_, 0) => WHOLE_PPM,
        (used, most) => {
            let ppm = u128::from(used) * u128::from(WHOLE_PPM) / u128::from(most);
            u64::try_from(ppm).unwrap_or(u64::MAX)
        }
    };
    Unit::ALL.into_iter().map(share).max().unwrap_or(0)
}
