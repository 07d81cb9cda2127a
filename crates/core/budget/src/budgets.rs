//! Budgets in the memory of one machine.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
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
use crate::key::Limit;
use crate::key::Scope;
use crate::listed::Listed;
use crate::listed::Past;
use crate::listed::Place;
use crate::listed::Standing;
use crate::listed::used_ppm;

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

/// A budget that a request draws on, and how much of its limit may be spent here.
#[derive(Debug, Clone)]
pub(crate) struct Within {
    pub(crate) draw: Draw,
    /// The most of each unit.
    pub(crate) most: Amounts,
    /// Whether a refusal counts. One that is tried again does not.
    pub(crate) is_counted: bool,
}

/// What was drawn on one budget in its window.
#[derive(Debug, Clone)]
struct Used {
    limit: Limit,
    window_start_us: u64,
    window_end_us: u64,
    used: Amounts,
    /// The part of it that open receipts hold.
    reserved: Amounts,
    refusals: u64,
    before: Option<Box<Past>>,
}

impl Used {
    fn fresh(limit: Limit, now_us: u64) -> Self {
        Self {
            limit,
            window_start_us: limit.window_start_us(now_us),
            window_end_us: limit.window_end_us(now_us),
            used: Amounts::default(),
            reserved: Amounts::default(),
            refusals: 0,
            before: None,
        }
    }

    /// Begins a new window where the last one is over.
    ///
    /// INVARIANT (no early reset): a budget is full again when its window is over. A period that a new policy changed keeps
    /// what is used.
    fn turn(&mut self, limit: Limit, now_us: u64) {
        let fresh = Self::fresh(limit, now_us);
        if self.window_end_us <= now_us {
            let before = self.past().map(Box::new).or(self.before.take());
            *self = Self { before, ..fresh };
        } else if self.window_end_us - self.window_start_us != fresh.window_end_us - fresh.window_start_us {
            // Of another window nothing is given back: what is reserved there is spent.
            let is_same = fresh.window_start_us == self.window_start_us;
            let reserved = if is_same { self.reserved } else { Amounts::default() };
            let (used, refusals, before) = (self.used, self.refusals, self.before.take());
            *self = Self { used, reserved, refusals, before, ..fresh };
        }
        self.limit = limit;
    }

    /// Its window, where something was drawn or refused in it.
    fn past(&self) -> Option<Past> {
        let Self { window_start_us, window_end_us, used, refusals, .. } = *self;
        let is_told = used != Amounts::default() || refusals > 0;
        is_told.then_some(Past { window_start_us, window_end_us, most: self.limit.most, used, refusals })
    }

    /// How it stands at a moment.
    fn standing(&self, key: &Key, now_us: u64) -> Standing {
        let mut now = self.clone();
        now.turn(self.limit, now_us);
        Standing {
            key: key.clone(),
            limit: now.limit,
            window_start_us: now.window_start_us,
            window_end_us: now.window_end_us,
            used: now.used,
            reserved: now.reserved,
            refusals: now.refusals,
            before: now.before.map(|past| *past),
            part: None,
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
        let whole = |draw: Draw| Within { most: draw.limit.most, draw, is_counted: true };
        self.reserve_within(request, draws.into_iter().map(whole), estimate, now_us)
    }

    /// The same, where less than the whole of a limit may be spent.
    pub(crate) fn reserve_within(
        &self,
        request: &str,
        draws: impl ExactSizeIterator<Item = Within>,
        estimate: Amounts,
        now_us: u64,
    ) -> Result<Receipt, Error> {
        bounded(estimate)?;
        let now_us = self.never_back(now_us);
        let mut taken: Vec<(Draw, u64)> = Vec::with_capacity(draws.len());
        for within in draws {
            match self.take(&within, estimate, now_us) {
                Ok(window) => taken.push((within.draw, window)),
                Err(error) => {
                    self.give_back(&taken, estimate);
                    return Err(error);
                }
            }
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut receipts = lock_of(&self.receipts, number as usize);
        let expired = receipts.expire(now_us);
        if receipts.0.len() > self.bounds.receipts / SHARDS {
            drop(receipts);
            self.spend(&expired);
            self.give_back(&taken, estimate);
            return Err(ErrorKind::Full.into());
        }
        let expires_us = now_us.saturating_add(self.bounds.receipt_life_us);
        receipts.0.insert(number, Open { request: request.into(), draws: taken, estimate, expires_us });
        drop(receipts);
        self.spend(&expired);
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
        let (expired, open) = lock_of(&self.receipts, receipt.0 as usize).take(receipt, request, now_us);
        self.spend(&expired);
        let open = open?;
        for (draw, window_start_us) in &open.draws {
            let mut shard = self.shard(&draw.key);
            let Some(used) = shard.of.get_mut(&draw.key) else { continue };
            let more = actual.minus(open.estimate);
            let less = open.estimate.minus(actual);
            // The limit that holds now, which may be another than that of the reservation.
            used.turn(used.limit, now_us);
            if used.window_start_us == *window_start_us {
                // INVARIANT (nothing for nothing): what is given back was taken from the same window.
                used.used = used.used.minus(less);
                used.reserved = used.reserved.minus(open.estimate);
            }
            used.used = used.used.plus(more);
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

    /// The budgets that something is drawn on or was refused of in the window of a moment, of one scope or all, the most used
    /// first: so many of them, of those after a place. Each part of the budgets is locked while it is looked through.
    #[must_use]
    pub fn most_used(&self, scope: Option<Scope>, after: Option<&Place>, most: usize, now_us: u64) -> Vec<Standing> {
        // Only those are held that are in the list so far; the last of them is at the top.
        let mut list: BinaryHeap<Listed> = BinaryHeap::new();
        self.each(scope, now_us, |key, used, now_us| {
            // Of a window that is over nothing is in use, and nothing is copied of what is not listed.
            let is_in_use = used.window_end_us > now_us && used.past().is_some();
            let rank = (Reverse(used_ppm(used.used, used.limit.most)), key);
            let is_after = after.is_none_or(|after| rank > after.rank());
            let has_room = list.len() < most || list.peek().is_some_and(|last| rank < last.0.rank());
            if is_in_use && is_after && has_room {
                let standing = used.standing(key, now_us);
                list.push(Listed(standing.place(), standing));
                if list.len() > most {
                    list.pop();
                }
            }
        });
        list.into_sorted_vec().into_iter().map(|Listed(_, standing)| standing).collect()
    }

    /// All budgets of an actor, by their names, those of which nothing is drawn now among them as long as they are remembered.
    #[must_use]
    pub fn of_actor(&self, scope: Scope, actor: &str, now_us: u64) -> Vec<Standing> {
        let mut found = Vec::new();
        self.each(Some(scope), now_us, |key, used, now_us| {
            if *key.actor == *actor {
                found.push(used.standing(key, now_us));
            }
        });
        found.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        found
    }

    /// Looks at each budget of a scope, or of all.
    fn each(&self, scope: Option<Scope>, now_us: u64, mut look: impl FnMut(&Key, &Used, u64)) {
        let now_us = self.never_back(now_us);
        for part in &self.receipts {
            let expired = locked(part).expire(now_us);
            self.spend(&expired);
        }
        for part in &self.used {
            for (key, used) in &locked(part).of {
                if scope.is_none_or(|scope| key.scope == scope) {
                    look(key, used, now_us);
                }
            }
        }
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
    fn take(&self, within: &Within, estimate: Amounts, now_us: u64) -> Result<u64, Error> {
        let Within { draw, most, is_counted } = within;
        let mut shard = self.shard(&draw.key);
        if !shard.of.contains_key(&draw.key) && shard.of.len() > self.bounds.budgets / SHARDS {
            shard.make_room(now_us);
            if shard.of.len() > self.bounds.budgets / SHARDS {
                return Err(ErrorKind::Full.into());
            }
        }
        let used = shard.of.entry(draw.key.clone()).or_insert_with(|| Used::fresh(draw.limit, now_us));
        used.turn(draw.limit, now_us);
        let wanted = used.used.plus(estimate);
        if let Some(unit) = wanted.beyond(*most) {
            let resets_at_us = used.window_end_us;
            used.refusals = used.refusals.saturating_add(u64::from(*is_counted));
            return Err(ErrorKind::Spent { key: draw.key.clone(), unit, resets_at_us }.into());
        }
        // INVARIANT (never beyond): what is used passes the limit only by settlements above their estimates.
        used.used = wanted;
        used.reserved = used.reserved.plus(estimate);
        Ok(used.window_start_us)
    }

    fn give_back(&self, taken: &[(Draw, u64)], estimate: Amounts) {
        for (draw, window_start_us) in taken {
            if let Some(used) = self.shard(&draw.key).of.get_mut(&draw.key)
                && used.window_start_us == *window_start_us
            {
                used.used = used.used.minus(estimate);
                used.reserved = used.reserved.minus(estimate);
            }
        }
    }

    /// What expired is reserved no more, and stays used.
    fn spend(&self, expired: &[Open]) {
        for open in expired {
            for (draw, window_start_us) in &open.draws {
                if let Some(used) = self.shard(&draw.key).of.get_mut(&draw.key)
                    && used.window_start_us == *window_start_us
                {
                    used.reserved = used.reserved.minus(open.estimate);
                }
            }
        }
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        lock_of(&self.used, self.hasher.hash_one(key) as usize)
    }
}

impl Receipts {
    /// Takes out what expired: it stays spent at its estimate, since the answer may have been given.
    fn expire(&mut self, now_us: u64) -> Vec<Open> {
        let mut expired = Vec::new();
        while self.0.first_entry().is_some_and(|first| first.get().expires_us <= now_us) {
            expired.extend(self.0.pop_first().map(|(_, open)| open));
        }
        expired
    }

    /// Takes out the receipt of a request, beside what expired.
    fn take(&mut self, receipt: Receipt, request: &str, now_us: u64) -> (Vec<Open>, Result<Open, Error>) {
        let expired = self.expire(now_us);
        match self.0.get(&receipt.0).filter(|open| open.expires_us > now_us) {
            None => return (expired, Err(ErrorKind::NotOpen.into())),
            Some(open) if &*open.request != request => return (expired, Err(ErrorKind::OtherRequest.into())),
            Some(_) => {}
        }
        // INVARIANT (settles once): it is taken out under the same lock under which it was found.
        (expired, self.0.remove(&receipt.0).ok_or_else(|| ErrorKind::NotOpen.into()))
    }
}

fn bounded(amounts: Amounts) -> Result<(), Error> {
    match Unit::ALL.into_iter().find(|unit| amounts.get(*unit) > MAX_AMOUNT) {
        Some(unit) => Err(ErrorKind::TooLarge(unit).into()),
        None => Ok(()),
    }
}

/// The lock of a part by a number.
fn lock_of<T>(shards: &[Mutex<T>], number: usize) -> MutexGuard<'_, T> {
    // INVARIANT (place): there are as many parts as the remainder has values.
    #[expect(clippy::indexing_slicing, reason = "the remainder is below the length, which is not zero")]
    locked(&shards[number % shards.len()])
}

/// The lock of a part. A panic while it was held leaves counts that are whole: nothing fails between two of one budget.
fn locked<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
