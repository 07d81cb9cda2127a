//! What each account does at present: its requests of the day and those that are not answered yet.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// Parts that accounts are spread over, each with a lock of its own.
const SHARDS: usize = 64;
/// Most accounts of a part. Beyond them the idle ones are forgotten.
const MAX_ACCOUNTS: usize = 16_384;
/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

#[derive(Debug, Clone, Copy, Default)]
struct Account {
    day: i64,
    requests: u64,
    in_flight: u32,
}

/// What accounts do at present.
#[derive(Debug)]
pub(crate) struct Traffic {
    shards: Vec<Mutex<HashMap<Box<str>, Account>>>,
    hasher: RandomState,
    in_flight: AtomicUsize,
    most: usize,
    most_per_account: u32,
}

/// A request that is being served. It is over when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    traffic: Arc<Traffic>,
    account: Box<str>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.traffic.in_flight.fetch_sub(1, Ordering::Relaxed);
        if let Some(account) = self.traffic.shard(&self.account).get_mut(&self.account) {
            account.in_flight = account.in_flight.saturating_sub(1);
        }
    }
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// The gate serves as many as it may.
    Gate,
    /// The account has as many as it may.
    Account,
}

impl Traffic {
    pub(crate) fn new(most: usize, most_per_account: u32) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, hasher: RandomState::new(), in_flight: AtomicUsize::new(0), most, most_per_account }
    }

    /// Takes a place for a request, and says how many the account had before on this day.
    pub(crate) fn enter(self: &Arc<Self>, account: &str, now_us: i64) -> (u64, Result<Place, NoPlace>) {
        let mut shard = self.shard(account);
        let day = now_us.div_euclid(DAY_US);
        if shard.len() >= MAX_ACCOUNTS && !shard.contains_key(account) {
            shard.retain(|_, account| account.in_flight > 0 || (account.day == day && account.requests > 1));
            if shard.len() >= MAX_ACCOUNTS {
                // Counts of a day are lost before memory grows.
                shard.retain(|_, account| account.in_flight > 0);
            }
        }
        if !shard.contains_key(account) {
            shard.insert(account.into(), Account::default());
        }
        let Some(known) = shard.get_mut(account) else { return (0, Err(NoPlace::Gate)) };
        if known.day != day {
            (known.day, known.requests) = (day, 0);
        }
        let before = known.requests;
        known.requests = known.requests.saturating_add(1);
        if known.in_flight >= self.most_per_account {
            return (before, Err(NoPlace::Account));
        }
        if self.in_flight.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            return (before, Err(NoPlace::Gate));
        }
        known.in_flight += 1;
        drop(shard);
        (before, Ok(Place { traffic: Arc::clone(self), account: account.into() }))
    }

    /// Requests that are being served.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    fn shard(&self, account: &str) -> MutexGuard<'_, HashMap<Box<str>, Account>> {
        // INVARIANT (place): there are as many parts as the remainder has values.
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length, which is not zero")]
        self.shards[self.hasher.hash_one(account) as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
