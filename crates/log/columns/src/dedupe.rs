//! The same exchange twice counts once.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::row::RowId;

/// Parts of the map, each behind its own lock.
const SHARDS: usize = 64;

/// Exchanges seen so far: about thirty bytes each.
///
/// An exchange is named by its id, its time and its tokens, since an id alone can be given twice: by a caller that
/// chooses it, or by a library that writes a run's id on every call. Two records of one exchange that say the same are
/// one record. Where they differ, the one with the smaller row hash counts, whichever came first, so that order never
/// shows; the other is remembered as a loser and taken out of the files at the end.
#[derive(Debug)]
pub struct Dedupe {
    first: Mutex<Shard>,
    others: Vec<Mutex<Shard>>,
    losers: Mutex<BTreeSet<RowId>>,
    conflicting: Mutex<BTreeSet<i64>>,
    /// Exchanges whose id was given before, to another one.
    reused: AtomicU64,
    /// Whether rows were there before, which a version before this named by their ids alone.
    has_old: AtomicBool,
}

/// Keys are public hashes of ids that callers may choose. The maps hash them under a secret of each run, so that they cannot
/// be made to fall together.
#[derive(Debug, Default)]
struct Shard {
    rows: HashMap<i64, i64>,
    ids: HashSet<i64>,
}

/// What is to be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The first of its exchange.
    New,
    /// Of a known exchange, and to be kept instead of the record before.
    Replaces,
    /// Of a known exchange, and not to be kept.
    Duplicate,
}

impl Dedupe {
    pub fn new() -> Self {
        Self {
            first: Mutex::default(),
            others: (1..SHARDS).map(|_| Mutex::default()).collect(),
            losers: Mutex::default(),
            conflicting: Mutex::default(),
            reused: AtomicU64::new(0),
            has_old: AtomicBool::new(false),
        }
    }

    /// Remembers a row that is stored already; says whether it was there twice.
    pub fn see_stored(&self, row: RowId) -> Fate {
        self.has_old.store(true, Ordering::Relaxed);
        self.see_row(row)
    }

    /// Says what is to be done with a record, and remembers it. `id` is the hash of its id alone.
    pub fn see(&self, row: RowId, id: i64) -> Fate {
        if self.has_old.load(Ordering::Relaxed) && self.shard(id).rows.get(&id) == Some(&row.row) {
            return Fate::Duplicate;
        }
        let fate = self.see_row(row);
        if fate == Fate::New && !self.shard(id).ids.insert(id) {
            self.reused.fetch_add(1, Ordering::Relaxed);
        }
        fate
    }

    /// Puts a record in place of the one before, which says less.
    pub fn supersede(&self, row: RowId) {
        if let Some(before) = self.shard(row.id).rows.insert(row.id, row.row).filter(|before| *before != row.row) {
            self.losers.lock().unwrap_or_else(PoisonError::into_inner).insert(RowId { id: row.id, row: before });
        }
    }

    fn see_row(&self, row: RowId) -> Fate {
        let mut shard = self.shard(row.id);
        let mut place = match shard.rows.entry(row.id) {
            Entry::Vacant(place) => {
                place.insert(row.row);
                return Fate::New;
            }
            Entry::Occupied(place) => place,
        };
        let before = *place.get();
        if row.row == before {
            return Fate::Duplicate;
        }
        self.conflicting.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id);
        if row.row > before {
            return Fate::Duplicate;
        }
        place.insert(row.row);
        drop(shard);
        self.losers.lock().unwrap_or_else(PoisonError::into_inner).insert(RowId { id: row.id, row: before });
        Fate::Replaces
    }

    fn shard(&self, hash: i64) -> MutexGuard<'_, Shard> {
        let place = (hash as u64 as usize % SHARDS).checked_sub(1);
        let shard = place.and_then(|place| self.others.get(place)).unwrap_or(&self.first);
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows that were kept and then lost to another record of their exchange, since the last time.
    pub fn take_losers(&self) -> BTreeSet<RowId> {
        std::mem::take(&mut *self.losers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Number of exchanges of which different things were said.
    pub fn conflicting_ids(&self) -> u64 {
        self.conflicting.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    /// Number of exchanges whose id another exchange had before.
    pub fn reused_ids(&self) -> u64 {
        self.reused.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_given_twice_is_two_exchanges_and_is_told() {
        let dedupe = Dedupe::new();
        assert_eq!(dedupe.see(RowId { id: 1, row: 10 }, 7), Fate::New);
        assert_eq!(dedupe.see(RowId { id: 2, row: 20 }, 7), Fate::New);
        assert_eq!(dedupe.reused_ids(), 1);
        assert_eq!(dedupe.see(RowId { id: 2, row: 20 }, 7), Fate::Duplicate);
        assert_eq!((dedupe.reused_ids(), dedupe.conflicting_ids()), (1, 0));
    }

    #[test]
    fn of_two_records_of_one_exchange_the_smaller_hash_stays() {
        let dedupe = Dedupe::new();
        assert_eq!(dedupe.see(RowId { id: 1, row: 10 }, 1), Fate::New);
        assert_eq!(dedupe.see(RowId { id: 1, row: 11 }, 1), Fate::Duplicate);
        assert_eq!(dedupe.see(RowId { id: 1, row: 9 }, 1), Fate::Replaces);
        assert_eq!(dedupe.take_losers(), BTreeSet::from([RowId { id: 1, row: 10 }]));
        dedupe.supersede(RowId { id: 1, row: 12 });
        assert_eq!(dedupe.take_losers(), BTreeSet::from([RowId { id: 1, row: 9 }]));
    }

    #[test]
    fn a_row_that_was_named_by_its_id_alone_is_known_again() {
        let dedupe = Dedupe::new();
        assert_eq!(dedupe.see_stored(RowId { id: 7, row: 10 }), Fate::New);
        assert_eq!(dedupe.see(RowId { id: 1, row: 10 }, 7), Fate::Duplicate);
        assert_eq!(dedupe.see(RowId { id: 2, row: 11 }, 7), Fate::New);
    }
}
