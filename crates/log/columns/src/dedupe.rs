//! The same id twice counts once.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::row::RowId;

/// Parts of the map, each behind its own lock.
const SHARDS: usize = 64;

/// Ids seen so far: sixteen bytes an exchange.
///
/// Two records of one id that say the same are one record. Where they differ, the one with the smaller row hash
/// counts, whichever came first, so that order never shows; the other is remembered as a loser and taken out of the
/// files at the end.
#[derive(Debug)]
pub struct Dedupe {
    shards: Vec<Mutex<HashMap<i64, i64, BuildHasherDefault<Identity>>>>,
    losers: Mutex<BTreeSet<RowId>>,
    conflicting: Mutex<BTreeSet<i64>>,
}

/// What is to be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The first of its id.
    New,
    /// Of a known id, and to be kept instead of the record before.
    Replaces,
    /// Of a known id, and not to be kept.
    Duplicate,
}

impl Dedupe {
    pub fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, losers: Mutex::default(), conflicting: Mutex::default() }
    }

    /// Says what is to be done with a record, and remembers it.
    pub fn see(&self, row: RowId) -> Fate {
        let Some(shard) = self.shards.get(row.id as u64 as usize % SHARDS) else { return Fate::New };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = match shard.entry(row.id) {
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

    /// Rows that were kept and then lost to another record of their id.
    pub fn losers(&self) -> BTreeSet<RowId> {
        self.losers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Number of ids under which different things were said.
    pub fn conflicting_ids(&self) -> u64 {
        self.conflicting.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }
}

/// Keys are hashes already.
#[derive(Debug, Default)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_i64(&mut self, key: i64) {
        // The map takes its control bits from the top, the shard from the bottom; spread both.
        self.0 = (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
