//! Leases of parts of a budget, and whoever remembers them.

use crate::amounts::Amounts;
use crate::key::Key;

/// What is leased of a budget in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRequest {
    /// The budget.
    pub key: Key,
    /// First moment of the window, in microseconds since 1970-01-01T00:00:00Z.
    pub window_start_us: u64,
    /// The first moment after it.
    pub window_end_us: u64,
    /// The most that all nodes together may lease in the window.
    pub pool: Amounts,
    /// How much is wanted, or given back.
    pub amounts: Amounts,
}

/// Whoever remembers what was leased.
pub trait LeaseServer: std::fmt::Debug {
    /// Charges up to the wanted amounts to the pool of a window, and returns what was charged: nothing where the server does
    /// not know what was leased in that window before.
    ///
    /// # Errors
    /// Where it cannot be reached. What it did then is not known; a lease that was charged and not told is lost.
    fn lease(&mut self, request: &LeaseRequest) -> Result<Amounts, LeaseError>;

    /// Takes back what was leased and not spent.
    ///
    /// # Errors
    /// As [`LeaseServer::lease`].
    fn give_back(&mut self, request: &LeaseRequest) -> Result<(), LeaseError>;

    /// Since when the server remembers what was leased, in microseconds since 1970-01-01T00:00:00Z, by the clock of the node
    /// that asked first. `None` where nobody asked yet.
    ///
    /// # Errors
    /// Where it cannot be reached.
    fn since_us(&mut self) -> Result<Option<u64>, LeaseError>;

    /// Tells a new server that nothing was leased before, so that it leases in the present windows too. For the first
    /// installation: a server that lost its memory finds its way back by itself in the next windows, and one that remembers
    /// changes nothing.
    ///
    /// # Errors
    /// Where it cannot be reached.
    fn set_up(&mut self) -> Result<(), LeaseError>;
}

impl<S: LeaseServer + ?Sized> LeaseServer for Box<S> {
    fn lease(&mut self, request: &LeaseRequest) -> Result<Amounts, LeaseError> {
        (**self).lease(request)
    }

    fn give_back(&mut self, request: &LeaseRequest) -> Result<(), LeaseError> {
        (**self).give_back(request)
    }

    fn since_us(&mut self) -> Result<Option<u64>, LeaseError> {
        (**self).since_us()
    }

    fn set_up(&mut self) -> Result<(), LeaseError> {
        (**self).set_up()
    }
}

/// The server that remembers leases cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server of budgets cannot be asked: {0} (each node goes on with its own share)")]
pub struct LeaseError(pub String);

/// How many nodes share budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nodes {
    /// Nodes that run at a time, at most. More than that break the bound.
    pub count: u32,
    /// When this one began, in microseconds since 1970-01-01T00:00:00Z. Its own share is of windows that began later: in the
    /// one in which it began, one that it replaces may have spent the share.
    pub started_us: u64,
}

impl Nodes {
    /// One node's own share of a limit, unit by unit; what has no limit has no share.
    #[must_use]
    pub fn own_share(&self, most: Amounts) -> Amounts {
        let parts = u64::from(self.count.max(1)).saturating_mul(2);
        most.zip(most, |most, _| if most == u64::MAX { 0 } else { most / parts })
    }

    /// What all nodes together may lease.
    #[must_use]
    pub fn pool(&self, most: Amounts) -> Amounts {
        let nodes = u64::from(self.count.max(1));
        let own = self.own_share(most);
        // INVARIANT (sum): the pool and all own shares are the limit.
        most.zip(own, |most, own| if most == u64::MAX { 0 } else { most - own * nodes })
    }
}

/// A URL names no server that can be asked. The URL is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UrlError(pub(crate) &'static str);

impl UrlError {
    #[cfg(feature = "redis")]
    pub(crate) const UNREADABLE: Self = Self(
        "this is no URL of a Redis-protocol server (write it as redis://USER:PASSWORD@HOST:PORT, and signs other than \
         letters and digits in the user and the password as % and two hexadecimal digits)",
    );
}
