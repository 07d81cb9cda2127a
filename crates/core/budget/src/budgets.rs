//! Budgets in the memory of one machine.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::amounts::Amounts;
use crate::amounts::MAX_AMOUNT;
use crate::amounts::Unit;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::key::Draw;
use crate::key::Key;

/// Parts that budgets and receipts are spread over, each with a lock of its own.
const SHARDS: usize = 64;

/// How many budgets and receipts are held, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Most budgets at a time.
    pub budgets: usize,
    /// Most open receipts at a time.
    pub receipts: usize,
    /// Microseconds after which a receipt that was not settled is spent at its estimate.
    pub receipt_life_us: u64,
}

impl Default for Bounds {
    /// Two million budgets, a million receipts, an hour.
    fn default() -> Self {
        Self { budgets: 2_000_000, receipts: 1_000_000, receipt_life_us: 3_600_000_000 }
    }
}

/// What was reserved for one request. Settling it takes the request's id, which it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receipt(u64);

impl Receipt {
    /// Its number, to carry it beside a request.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The receipt of a number.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// What was drawn on one budget in its window.
#[derive(Debug, Clone, Copy)]
struct Used {
    window_start_us: u64,
    window_end_us: u64,
    used: Amounts,
}

impl Used {
    fn fresh(draw: &Draw, now_us: u64) -> Self {
        let (start, end) = (draw.limit.window_start_us(now_us), draw.limit.window_end_us(now_us));
        Self { window_start_us: start, window_end_us: end, used: Amounts::default() }
    }

    /// Begins a new window where the last one is over.
    ///
    /// INVARIANT (no early reset): a budget is full again when its window is over. A period that a new policy changed keeps
    /// what is used.
    fn turn(&mut self, draw: &Draw, now_us: u64) {
        let fresh = Self::fresh(draw, now_us);
        if self.window_end_us <= now_us {
            *self = fresh;
        } else if self.window_end_us - self.window_start_us != fresh.window_end_us - fresh.window_start_us {
            *self = Self { used: self.used, ..fresh };
        }
    }
}

/// The budgets of one part.
#[derive(Debug, Default)]
struct Shard {
    of: HashMap<Key, Used>,
    /// Before this moment no window is over, of those that were there when room was last made.
    next_over_us: u64,
}

impl Shard {
    /// Forgets the budgets whose window is over: they say nothing any more.
    fn make_room(&mut self, now_us: u64) {
        if now_us >= self.next_over_us {
            self.of.retain(|_, used| used.window_end_us > now_us);
            self.next_over_us = self.of.values().map(|used| used.window_end_us).min().unwrap_or(0);
        }
    }
}

/// What is known of an open receipt.
#[derive(Debug)]
struct Open {
    request: Box<str>,
    draws: Vec<(Draw, u64)>,
    estimate: Amounts,
    expires_us: u64,
}

/// Open receipts by number. Numbers rise and all live equally long, so that the first expires first.
#[derive(Debug, Default)]
struct Receipts(BTreeMap<u64, Open>);

/// Budgets of all actors. What is reserved counts as used at once; settling corrects it.
///
/// A request takes the locks of the budgets that it draws on, one after the other and never two at a time; there is no lock
/// that all requests take.
#[derive(Debug)]
pub struct Budgets {
    bounds: Bounds,
    hasher: RandomState,
    used: Vec<Mutex<Shard>>,
    receipts: Vec<Mutex<Receipts>>,
    next: AtomicU64,
    /// The latest moment that was told.
    latest_us: AtomicU64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

impl Budgets {
    /// Budgets of which nothing is used.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            hasher: RandomState::new(),
            used: (0..SHARDS).map(|_| Mutex::default()).collect(),
            receipts: (0..SHARDS).map(|_| Mutex::default()).collect(),
            next: AtomicU64::new(1),
            latest_us: AtomicU64::new(0),
        }
    }

    /// Reserves an estimate on every budget of `draws`, or on none. Times are in microseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`ErrorKind::Spent`] with the first budget that has too little left; [`ErrorKind::Full`] and [`ErrorKind::TooLarge`].
    pub fn reserve(&self, request: &str, draws: Vec<Draw>, estimate: Amounts, now_us: u64) -> Result<Receipt, Error> {
        bounded(estimate)?;
        let now_us = self.never_back(now_us);
        let mut taken: Vec<(Draw, u64)> = Vec::with_capacity(draws.len());
        for draw in draws {
            match self.take(&draw, estimate, now_us) {
                Ok(window) => taken.push((draw, window)),
                Err(error) => {
                    self.give_back(&taken, estimate);
                    return Err(error);
                }
            }
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut receipts = lock_of(&self.receipts, number as usize);
        receipts.expire(now_us);
        if receipts.0.len() > self.bounds.receipts / SHARDS {
            drop(receipts);
            self.give_back(&taken, estimate);
            return Err(ErrorKind::Full.into());
        }
        let expires_us = now_us.saturating_add(self.bounds.receipt_life_us);
        receipts.0.insert(number, Open { request: request.into(), draws: taken, estimate, expires_us });
        Ok(Receipt(number))
    }

    /// Replaces an estimate by what was really used, once.
    ///
    /// What was used beyond the estimate counts, even beyond the limit, and in the present window where the one of the
    /// reservation is over. What was used less is given back to the window of the reservation.
    ///
    /// # Errors
    /// [`ErrorKind::NotOpen`], [`ErrorKind::OtherRequest`] and [`ErrorKind::TooLarge`]; nothing is then settled.
    pub fn settle(&self, receipt: Receipt, request: &str, actual: Amounts, now_us: u64) -> Result<(), Error> {
        bounded(actual)?;
        let now_us = self.never_back(now_us);
        let open = {
            let mut receipts = lock_of(&self.receipts, receipt.0 as usize);
            receipts.expire(now_us);
            match receipts.0.get(&receipt.0).filter(|open| open.expires_us > now_us) {
                None => return Err(ErrorKind::NotOpen.into()),
                Some(open) if &*open.request != request => return Err(ErrorKind::OtherRequest.into()),
                Some(_) => {}
            }
            // INVARIANT (settles once): it is taken out under the same lock under which it was found.
            receipts.0.remove(&receipt.0).ok_or(ErrorKind::NotOpen)?
        };
        for (draw, window_start_us) in &open.draws {
            let mut shard = self.shard(&draw.key);
            let Some(used) = shard.of.get_mut(&draw.key) else { continue };
            let more = actual.minus(open.estimate);
            let less = open.estimate.minus(actual);
            used.turn(draw, now_us);
            // INVARIANT (nothing for nothing): what is given back was taken from the same window.
            let less = if used.window_start_us == *window_start_us { less } else { Amounts::default() };
            used.used = used.used.plus(more).minus(less);
        }
        Ok(())
    }

    /// What is used of a budget in the window of a moment, reservations included.
    #[must_use]
    pub fn used(&self, draw: &Draw, now_us: u64) -> Amounts {
        let shard = self.shard(&draw.key);
        let start = draw.limit.window_start_us(now_us.max(self.latest_us.load(Ordering::Relaxed)));
        shard
            .of
            .get(&draw.key)
            .filter(|used| used.window_start_us >= start)
            .map_or_else(Amounts::default, |used| used.used)
    }

    /// Open receipts.
    #[must_use]
    pub fn open_receipts(&self) -> usize {
        (0..SHARDS).map(|shard| lock_of(&self.receipts, shard).0.len()).sum()
    }

    /// The moment, or the latest that was told before.
    ///
    /// INVARIANT (time goes on): a clock that steps back opens no earlier window, and no receipt again.
    fn never_back(&self, now_us: u64) -> u64 {
        // Most calls find a later moment there or write a little later one: no order with anything else is needed.
        self.latest_us.fetch_max(now_us, Ordering::Relaxed).max(now_us)
    }

    /// Takes from one budget, and says from which window.
    fn take(&self, draw: &Draw, estimate: Amounts, now_us: u64) -> Result<u64, Error> {
        let mut shard = self.shard(&draw.key);
        if !shard.of.contains_key(&draw.key) && shard.of.len() > self.bounds.budgets / SHARDS {
            shard.make_room(now_us);
            if shard.of.len() > self.bounds.budgets / SHARDS {
                return Err(ErrorKind::Full.into());
            }
        }
        let used = shard.of.entry(draw.key.clone()).or_insert_with(|| Used::fresh(draw, now_us));
        used.turn(draw, now_us);
        let wanted = used.used.plus(estimate);
        if let Some(unit) = wanted.beyond(draw.limit.most) {
            let resets_at_us = used.window_end_us;
            return Err(ErrorKind::Spent { key: draw.key.clone(), unit, resets_at_us }.into());
        }
        // INVARIANT (never beyond): what is used passes the limit only by settlements above their estimates.
        used.used = wanted;
        Ok(used.window_start_us)
    }

    fn give_back(&self, taken: &[(Draw, u64)], estimate: Amounts) {
        for (draw, window_start_us) in taken {
            if let Some(used) = self.shard(&draw.key).of.get_mut(&draw.key)
                && used.window_start_us == *window_start_us
            {
                used.used = used.used.minus(estimate);
            }
        }
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        lock_of(&self.used, self.hasher.hash_one(key) as usize)
    }
}

impl Receipts {
    /// Forgets what expired: it stays spent at its estimate, since the answer may have been given.
    fn expire(&mut self, now_us: u64) {
        while self.0.first_entry().is_some_and(|first| first.get().expires_us <= now_us) {
            self.0.pop_first();
        }
    }
}

fn bounded(amounts: Amounts) -> Result<(), Error> {
    match Unit::ALL.into_iter().find(|unit| amounts.get(*unit) > MAX_AMOUNT) {
        Some(unit) => Err(ErrorKind::TooLarge(unit).into()),
        None => Ok(()),
    }
}

/// The lock of a part. A panic while it was held leaves counts that are whole: each is one assignment.
fn lock_of<T>(shards: &[Mutex<T>], number: usize) -> MutexGuard<'_, T> {
    // INVARIANT (place): there are as many parts as the remainder has values.
    #[expect(clippy::indexing_slicing, reason = "the remainder is below the length, which is not zero")]
    shards[number % shards.len()].lock().unwrap_or_else(PoisonError::into_inner)
}
