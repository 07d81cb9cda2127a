//! Budgets that several nodes share.
//!
//! Half of a limit is divided among the nodes in advance: each node's own share, which it may spend without asking anybody. The
//! rest is one pool, of which nodes lease parts from a server. A lease is charged when it is given, and stays charged if
//! the node dies.
//!
//! INVARIANT (sum): own shares and pool together are the limit, so that all nodes together admit at most the limit: when a
//! node is killed, when the server is gone, and when a part of the network is. What is lost then is never more than
//! leases that were not spent and the own shares of dead nodes. Only settlements above their estimates go beyond.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::amounts::Amounts;
use crate::amounts::Unit;
use crate::budgets::Bounds;
use crate::budgets::Budgets;
use crate::budgets::Receipt;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::key::Draw;
use crate::key::Key;

/// Into how many leases a node's part of the pool is cut.
const LEASES_OF_POOL: u64 = 16;

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
pub trait LeaseServer {
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
}

/// The server that remembers leases cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("leases cannot be had: {0} (each node goes on with its own share of the budget)")]
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

/// What this node may spend of one budget in one window.
#[derive(Debug, Clone)]
struct Allowance {
    draw: Draw,
    window_start_us: u64,
    leased: Amounts,
    /// How much more is wanted.
    wanted: Amounts,
}

/// Budgets that several nodes share. Reserving and settling never wait for the server; [`SharedBudgets::refill`] asks it.
#[derive(Debug)]
pub struct SharedBudgets<S> {
    local: Budgets,
    nodes: Nodes,
    most: usize,
    hasher: RandomState,
    allowances: Vec<Mutex<Shard>>,
    server: Mutex<S>,
}

/// Allowances of one part of the budgets.
#[derive(Debug, Default)]
struct Shard {
    of: HashMap<Key, Allowance>,
    /// Those of which more is wanted.
    due: Vec<Key>,
}

/// Parts that allowances are spread over, each with a lock of its own.
const SHARDS: usize = 64;

impl<S: LeaseServer> SharedBudgets<S> {
    /// The budgets of a node.
    #[must_use]
    pub fn new(bounds: Bounds, nodes: Nodes, server: S) -> Self {
        Self {
            local: Budgets::new(bounds),
            nodes,
            most: bounds.budgets / SHARDS + 1,
            hasher: RandomState::new(),
            allowances: (0..SHARDS).map(|_| Mutex::default()).collect(),
            server: Mutex::new(server),
        }
    }

    /// Reserves an estimate on every budget of `draws`, or on none, out of what this node may spend. Never waits.
    ///
    /// # Errors
    /// As [`Budgets::reserve`]. [`ErrorKind::Spent`] may mean that a lease is due: see [`SharedBudgets::refill`].
    pub fn reserve(&self, request: &str, draws: &[Draw], estimate: Amounts, now_us: u64) -> Result<Receipt, Error> {
        let own =
            draws.iter().map(|draw| self.allowed(draw, estimate, now_us)).collect::<Result<Vec<Draw>, Error>>()?;
        self.local.reserve(request, own, estimate, now_us)
    }

    /// The same; where too little is left it asks the server once, and waits for it.
    ///
    /// # Errors
    /// As [`SharedBudgets::reserve`]. A server that cannot be asked is no error of its own: what this node may spend is
    /// spent.
    pub fn reserve_or_lease(
        &self,
        request: &str,
        draws: &[Draw],
        estimate: Amounts,
        now_us: u64,
    ) -> Result<Receipt, Error> {
        let first = self.reserve(request, draws, estimate, now_us);
        match &first {
            Err(error) if matches!(error.kind(), ErrorKind::Spent { .. }) => match self.refill(now_us) {
                Ok(leased) if leased > 0 => self.reserve(request, draws, estimate, now_us),
                _ => first,
            },
            _ => first,
        }
    }

    /// Settles as [`Budgets::settle`] does.
    ///
    /// # Errors
    /// As [`Budgets::settle`].
    pub fn settle(&self, receipt: Receipt, request: &str, actual: Amounts, now_us: u64) -> Result<(), Error> {
        self.local.settle(receipt, request, actual, now_us)
    }

    /// Leases what requests found missing or will soon. Returns how many leases gave something.
    ///
    /// # Errors
    /// [`LeaseError`] with the first request that failed. The rest is not asked then: who finds it missing asks again.
    pub fn refill(&self, now_us: u64) -> Result<usize, LeaseError> {
        let mut requests = Vec::new();
        for shard in &self.allowances {
            let Shard { of, due } = &mut *locked(shard);
            for key in due.drain(..) {
                let Some(one) = of.get_mut(&key) else { continue };
                let wanted = std::mem::take(&mut one.wanted);
                // What is wanted in a window that is over is wanted no more.
                if one.draw.limit.window_start_us(now_us) <= one.window_start_us && wanted != Amounts::default() {
                    requests.push(self.request(one, wanted));
                }
            }
        }
        let mut given = 0;
        for request in requests {
            let leased = locked(&self.server).lease(&request)?;
            let mut shard = self.shard(&request.key);
            if let Some(one) = shard.of.get_mut(&request.key)
                && one.window_start_us == request.window_start_us
            {
                one.leased = one.leased.plus(leased);
                given += usize::from(leased != Amounts::default());
            }
        }
        Ok(given)
    }

    /// Gives back what was leased and not spent: before a node ends, when it admits nothing any more.
    ///
    /// # Errors
    /// [`LeaseError`]; what was not given back is lost until the window ends.
    pub fn give_back(&self, now_us: u64) -> Result<(), LeaseError> {
        let mut unspent = Vec::new();
        for shard in &self.allowances {
            for one in locked(shard).of.values_mut() {
                let left = self.limit(one).minus(self.local.used(&one.draw, now_us)).zip(one.leased, u64::min);
                // INVARIANT (given once): what is given back can no longer be spent here.
                one.leased = one.leased.minus(left);
                unspent.push(self.request(one, left));
            }
        }
        for request in unspent.into_iter().filter(|request| request.amounts != Amounts::default()) {
            locked(&self.server).give_back(&request)?;
        }
        Ok(())
    }

    /// The draw with what this node may spend as its limit. Notes what more it will want.
    fn allowed(&self, draw: &Draw, estimate: Amounts, now_us: u64) -> Result<Draw, Error> {
        let window_start_us = draw.limit.window_start_us(now_us);
        let Shard { of, due } = &mut *self.shard(&draw.key);
        if !of.contains_key(&draw.key) && of.len() >= self.most {
            of.retain(|_, one| one.draw.limit.window_end_us(one.window_start_us) > now_us);
            if of.len() >= self.most {
                return Err(ErrorKind::Full.into());
            }
        }
        let fresh = || Allowance {
            draw: draw.clone(),
            window_start_us,
            leased: Amounts::default(),
            wanted: Amounts::default(),
        };
        let one = of.entry(draw.key.clone()).or_insert_with(fresh);
        if one.window_start_us < window_start_us {
            *one = fresh();
        }
        one.draw.limit = draw.limit;
        let limit = self.limit(one);
        let used = self.local.used(draw, now_us);
        let pool = self.nodes.pool(draw.limit.most);
        let parts = LEASES_OF_POOL * u64::from(self.nodes.count.max(1));
        let wanted = |unit: Unit| {
            let (most, limit, used) = (draw.limit.most.get(unit), limit.get(unit), used.get(unit));
            let chunk = pool.get(unit).div_ceil(parts);
            // Asked for when less than a chunk is left, so that a refill comes before it is missed.
            let left = limit.saturating_sub(used);
            let needed = estimate.get(unit).saturating_add(chunk);
            if most == u64::MAX || left >= needed { 0 } else { needed - left }
        };
        let wanted =
            Amounts { requests: wanted(Unit::Requests), tokens: wanted(Unit::Tokens), privacy: wanted(Unit::Privacy) };
        if one.wanted == Amounts::default() && wanted != Amounts::default() {
            due.push(draw.key.clone());
        }
        one.wanted = wanted;
        Ok(Draw { limit: crate::key::Limit { most: limit, ..draw.limit }, key: draw.key.clone() })
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        // INVARIANT (place): there are as many parts as the remainder has values.
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length, which is not zero")]
        locked(&self.allowances[self.hasher.hash_one(key) as usize % SHARDS])
    }

    /// What this node may spend in the window.
    fn limit(&self, one: &Allowance) -> Amounts {
        let most = one.draw.limit.most;
        let is_own = one.window_start_us > self.nodes.started_us;
        let own = if is_own { self.nodes.own_share(most) } else { Amounts::default() };
        own.plus(one.leased).zip(most, |spendable, most| if most == u64::MAX { most } else { spendable })
    }

    fn request(&self, one: &Allowance, amounts: Amounts) -> LeaseRequest {
        LeaseRequest {
            key: one.draw.key.clone(),
            window_start_us: one.window_start_us,
            window_end_us: one.draw.limit.window_end_us(one.window_start_us),
            pool: self.nodes.pool(one.draw.limit.most),
            amounts,
        }
    }
}

/// A lock. A panic while it was held leaves what is whole: each change is one assignment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
