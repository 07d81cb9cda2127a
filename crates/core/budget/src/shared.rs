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
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::amounts::Amounts;
use crate::amounts::Unit;
use crate::budgets::Bounds;
use crate::budgets::Budgets;
use crate::budgets::Receipt;
use crate::budgets::Within;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::key::Draw;
use crate::key::Key;
use crate::key::Scope;
use crate::lease::LeaseError;
use crate::lease::LeaseRequest;
use crate::lease::LeaseServer;
use crate::lease::Nodes;
use crate::listed::Part;
use crate::listed::Place;
use crate::listed::Standing;

/// Into how many leases a node's part of the pool is cut.
const LEASES_OF_POOL: u64 = 16;
/// Microseconds in which a pool that was found empty is not asked again: another node may give back, but seldom does.
const EMPTY_US: u64 = 1_000_000;

/// What this node may spend of one budget in one window.
#[derive(Debug, Clone)]
struct Allowance {
    draw: Draw,
    window_start_us: u64,
    leased: Amounts,
    /// How much more is wanted.
    wanted: Amounts,
    /// Whether the server is asked at present, so that nothing is asked for twice.
    is_asked: bool,
    /// Until when the pool of each unit is taken for empty.
    empty_until_us: Amounts,
}

impl Allowance {
    fn fresh(draw: &Draw, window_start_us: u64) -> Self {
        let none = Amounts::default();
        let (leased, wanted, empty_until_us) = (none, none, none);
        Self { draw: draw.clone(), window_start_us, leased, wanted, is_asked: false, empty_until_us }
    }

    /// Whether a lease is on its way.
    fn is_due(&self) -> bool {
        self.is_asked || self.wanted != Amounts::default()
    }
}

/// What came of asking the server for what is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refill {
    /// Leases that gave something.
    pub given: usize,
    /// Leases that gave nothing.
    pub empty: usize,
    /// The first request that failed. The rest is not asked then: who finds it missing asks again.
    pub failed: Option<LeaseError>,
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
    /// Whether something became due since it was last looked.
    is_due: Mutex<bool>,
    became_due: Condvar,
    /// Why the server could not be asked last.
    fault: Mutex<Option<LeaseError>>,
}

/// Allowances of one part of the budgets.
#[derive(Debug, Default)]
struct Shard {
    of: HashMap<Key, Allowance>,
    /// Those of which more is wanted.
    due: HashSet<Key>,
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
            is_due: Mutex::default(),
            became_due: Condvar::new(),
            fault: Mutex::default(),
        }
    }

    /// Reserves an estimate on every budget of `draws`, or on none, out of what this node may spend. Never waits.
    ///
    /// # Errors
    /// As [`Budgets::reserve`]. [`ErrorKind::Spent`] may mean that a lease is due: see [`SharedBudgets::refill`].
    pub fn reserve(&self, request: &str, draws: Vec<Draw>, estimate: Amounts, now_us: u64) -> Result<Receipt, Error> {
        let within = self.within(draws, estimate, now_us, true)?;
        self.local.reserve_within(request, within.into_iter(), estimate, now_us)
    }

    /// The same; `None` where the budget that has too little left is one of which a lease is due. Whoever waits for the
    /// next [`SharedBudgets::refill`] may then find more. That is not counted as a refusal.
    ///
    /// # Errors
    /// As [`SharedBudgets::reserve`].
    pub fn reserve_unless_due(
        &self,
        request: &str,
        draws: Vec<Draw>,
        estimate: Amounts,
        now_us: u64,
    ) -> Result<Option<Receipt>, Error> {
        let within = self.within(draws, estimate, now_us, false)?;
        let due: Vec<Key> = within.iter().filter(|one| !one.is_counted).map(|one| one.draw.key.clone()).collect();
        match self.local.reserve_within(request, within.into_iter(), estimate, now_us) {
            Err(error) => match error.kind() {
                ErrorKind::Spent { key, .. } if due.contains(key) => Ok(None),
                _ => Err(error),
            },
            Ok(receipt) => Ok(Some(receipt)),
        }
    }

    /// The same; where a lease is due it asks the server once, and waits for it.
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
        match self.reserve_unless_due(request, draws.to_vec(), estimate, now_us)? {
            Some(receipt) => Ok(receipt),
            None => {
                let _ = self.refill(now_us);
                self.reserve(request, draws.to_vec(), estimate, now_us)
            }
        }
    }

    /// Settles as [`Budgets::settle`] does.
    ///
    /// # Errors
    /// As [`Budgets::settle`].
    pub fn settle(&self, receipt: Receipt, request: &str, actual: Amounts, now_us: u64) -> Result<(), Error> {
        self.local.settle(receipt, request, actual, now_us)
    }

    /// As [`Budgets::most_used`], with what this node may spend of each. They are ranked by what it used of the whole limit.
    #[must_use]
    pub fn most_used(&self, scope: Option<Scope>, after: Option<&Place>, most: usize, now_us: u64) -> Vec<Standing> {
        self.with_parts(self.local.most_used(scope, after, most, now_us))
    }

    /// As [`Budgets::of_actor`], with what this node may spend of each.
    #[must_use]
    pub fn of_actor(&self, scope: Scope, actor: &str, now_us: u64) -> Vec<Standing> {
        self.with_parts(self.local.of_actor(scope, actor, now_us))
    }

    /// Why the server could not be asked when it was last tried; `None` where it answered, or was not asked yet.
    #[must_use]
    pub fn fault(&self) -> Option<LeaseError> {
        locked(&self.fault).clone()
    }

    /// Waits until something is due, or for as long as is said. For the thread that refills.
    pub fn wait_until_due(&self, most: Duration) {
        let is_due = locked(&self.is_due);
        let waited = self.became_due.wait_timeout_while(is_due, most, |is_due| !*is_due);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    /// Ends [`SharedBudgets::wait_until_due`].
    pub fn wake(&self) {
        *locked(&self.is_due) = true;
        self.became_due.notify_one();
    }

    /// Asks whether the server is there, and nothing else.
    ///
    /// # Errors
    /// [`LeaseError`] where it is not.
    pub fn look(&self) -> Result<(), LeaseError> {
        let looked = locked(&self.server).since_us().map(drop);
        locked(&self.fault).clone_from(&looked.clone().err());
        looked
    }

    /// Leases what requests found missing or will soon. For one thread at a time.
    pub fn refill(&self, now_us: u64) -> Refill {
        let mut requests = Vec::new();
        for shard in &self.allowances {
            let Shard { of, due } = &mut *locked(shard);
            for key in due.drain() {
                let Some(one) = of.get_mut(&key) else { continue };
                let wanted = std::mem::take(&mut one.wanted);
                // What is wanted in a window that is over is wanted no more.
                if one.draw.limit.window_start_us(now_us) <= one.window_start_us && wanted != Amounts::default() {
                    one.is_asked = true;
                    requests.push(self.request(one, wanted));
                }
            }
        }
        let mut refill = Refill::default();
        for request in requests {
            let answer = match &refill.failed {
                None => locked(&self.server).lease(&request),
                // Whoever still wants it asks again.
                Some(error) => Err(error.clone()),
            };
            self.answered(&request, answer.as_ref().ok(), now_us);
            match answer {
                Ok(leased) if leased == Amounts::default() => refill.empty += 1,
                Ok(_) => refill.given += 1,
                Err(error) => refill.failed = refill.failed.or(Some(error)),
            }
        }
        if refill != Refill::default() {
            locked(&self.fault).clone_from(&refill.failed);
        }
        refill
    }

    /// Takes in what the server gave, if it answered.
    fn answered(&self, request: &LeaseRequest, leased: Option<&Amounts>, now_us: u64) {
        let mut shard = self.shard(&request.key);
        let Some(one) = shard.of.get_mut(&request.key) else { return };
        if one.window_start_us != request.window_start_us {
            return;
        }
        one.is_asked = false;
        let Some(leased) = leased else { return };
        one.leased = one.leased.plus(*leased);
        let again_us = |unit: Unit| {
            let is_short = leased.get(unit) < request.amounts.get(unit);
            if is_short { now_us.saturating_add(EMPTY_US) } else { one.empty_until_us.get(unit) }
        };
        one.empty_until_us = Amounts {
            requests: again_us(Unit::Requests),
            tokens: again_us(Unit::Tokens),
            privacy: again_us(Unit::Privacy),
        };
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

    /// What this node may spend of each budget. A refusal counts where it `is_final`, and where no lease is due.
    fn within(&self, draws: Vec<Draw>, estimate: Amounts, now_us: u64, is_final: bool) -> Result<Vec<Within>, Error> {
        let within = |draw: Draw| {
            let (most, is_due) = self.allowed(&draw, estimate, now_us)?;
            Ok(Within { draw, most, is_counted: is_final || !is_due })
        };
        draws.into_iter().map(within).collect()
    }

    /// What this node may spend, and whether a lease is due. Notes what more it will want.
    fn allowed(&self, draw: &Draw, estimate: Amounts, now_us: u64) -> Result<(Amounts, bool), Error> {
        let window_start_us = draw.limit.window_start_us(now_us);
        let Shard { of, due } = &mut *self.shard(&draw.key);
        if !of.contains_key(&draw.key) && of.len() >= self.most {
            of.retain(|_, one| one.draw.limit.window_end_us(one.window_start_us) > now_us);
            if of.len() >= self.most {
                return Err(ErrorKind::Full.into());
            }
        }
        let one = of.entry(draw.key.clone()).or_insert_with(|| Allowance::fresh(draw, window_start_us));
        if one.window_start_us < window_start_us {
            *one = Allowance::fresh(draw, window_start_us);
        }
        one.draw.limit = draw.limit;
        let limit = self.limit(one);
        if one.is_asked {
            return Ok((limit, true));
        }
        let wanted = self.wanted(one, limit, estimate, now_us);
        if one.wanted == Amounts::default() && wanted != Amounts::default() {
            due.insert(draw.key.clone());
            self.wake();
        }
        one.wanted = wanted;
        Ok((limit, one.is_due()))
    }

    /// What is to be leased, so that it is there before it is missed.
    fn wanted(&self, one: &Allowance, limit: Amounts, estimate: Amounts, now_us: u64) -> Amounts {
        let most = one.draw.limit.most;
        let used = self.local.used(&one.draw, now_us);
        let pool = self.nodes.pool(most);
        let parts = LEASES_OF_POOL * u64::from(self.nodes.count.max(1));
        let wanted = |unit: Unit| {
            let chunk = pool.get(unit).div_ceil(parts);
            // Asked for when less than a chunk is left.
            let left = limit.get(unit).saturating_sub(used.get(unit));
            let needed = estimate.get(unit).saturating_add(chunk);
            let is_enough = most.get(unit) == u64::MAX || left >= needed || now_us < one.empty_until_us.get(unit);
            if is_enough { 0 } else { needed - left }
        };
        Amounts { requests: wanted(Unit::Requests), tokens: wanted(Unit::Tokens), privacy: wanted(Unit::Privacy) }
    }

    /// Adds to each standing what this node may spend of it.
    fn with_parts(&self, mut standings: Vec<Standing>) -> Vec<Standing> {
        for standing in &mut standings {
            let window_start_us = standing.window_start_us;
            let shard = self.shard(&standing.key);
            let one = shard.of.get(&standing.key).filter(|one| one.window_start_us == window_start_us);
            let leased = one.map_or_else(Amounts::default, |one| one.leased);
            standing.part = Some(Part { own: self.own(standing.limit.most, window_start_us), leased });
        }
        standings
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        // INVARIANT (place): there are as many parts as the remainder has values.
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length, which is not zero")]
        locked(&self.allowances[self.hasher.hash_one(key) as usize % SHARDS])
    }

    /// What this node may spend in the window.
    fn limit(&self, one: &Allowance) -> Amounts {
        let most = one.draw.limit.most;
        let own = self.own(most, one.window_start_us);
        own.plus(one.leased).zip(most, |spendable, most| if most == u64::MAX { most } else { spendable })
    }

    /// This node's own share in a window: nothing in the one in which it began.
    fn own(&self, most: Amounts, window_start_us: u64) -> Amounts {
        if window_start_us > self.nodes.started_us { self.nodes.own_share(most) } else { Amounts::default() }
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
