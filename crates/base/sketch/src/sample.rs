//! A coordinated sample: the distinct values with the smallest hashes, each with its exact count.
//!
//! Bottom-k sampling (Cohen and Kaplan, 2007) keeps, of all distinct values ever added, the `K` with the smallest
//! hashes. Two properties make it the work-horse here. *Exact counts*: a value that is kept now was never dropped
//! before, because the threshold only falls, so its count is the true count. *Coordination*: two samples of
//! different streams keep the same values where both saw them, so overlaps can be compared.
//!
//! The same state is a Theta sketch of Apache DataSketches with nominal size `K`: [`Sample::to_theta`] writes its
//! compact bytes. The crate's own Theta sketch is not used for the state because it keeps no counts, and its HLL and
//! KLL sketches are not used because their bytes depend on the order of updates, which the fold law forbids.

use std::fmt;

use crate::codec::DecodeError;
use crate::codec::Reader;
use crate::codec::Writer;

/// What is kept of each value beside its hash: a commutative monoid of fixed size.
pub trait Tally: Copy + Default + PartialEq + fmt::Debug {
    /// Adds what another tally of the same value saw.
    fn merge(&mut self, other: Self);
    /// How often the value was seen.
    fn count(self) -> u32;
    /// Appends its bytes.
    fn encode(self, out: &mut Writer);
    /// Reads what [`Tally::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes end early or hold an impossible value.
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

impl Tally for u32 {
    fn merge(&mut self, other: Self) {
        *self = self.saturating_add(other);
    }

    fn count(self) -> u32 {
        self
    }

    fn encode(self, out: &mut Writer) {
        out.unsigned(u64::from(self));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match u32::try_from(input.unsigned()?) {
            Ok(count) if count > 0 => Ok(count),
            _ => Err(DecodeError::Impossible("sample count")),
        }
    }
}

/// How often a value was seen, and when first and last, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// How often.
    pub count: u32,
    /// When first.
    pub first_us: i64,
    /// When last.
    pub last_us: i64,
}

impl Span {
    /// One sight of a value.
    #[must_use]
    pub const fn once(at_us: i64) -> Self {
        Self { count: 1, first_us: at_us, last_us: at_us }
    }
}

impl Tally for Span {
    fn merge(&mut self, other: Self) {
        if self.count == 0 {
            *self = other;
        } else if other.count > 0 {
            self.first_us = self.first_us.min(other.first_us);
            self.last_us = self.last_us.max(other.last_us);
            self.count = self.count.saturating_add(other.count);
        }
    }

    fn count(self) -> u32 {
        self.count
    }

    fn encode(self, out: &mut Writer) {
        out.unsigned(u64::from(self.count));
        out.signed(self.first_us);
        out.unsigned(self.last_us.wrapping_sub(self.first_us) as u64);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = u32::decode(input)?;
        let first_us = input.signed()?;
        let last_us = first_us.wrapping_add(input.unsigned()? as i64);
        if last_us < first_us {
            Err(DecodeError::Impossible("sample span"))
        } else {
            Ok(Self { count, first_us, last_us })
        }
    }
}

/// Threshold of a sample from which nothing was dropped.
const NOTHING_DROPPED: u64 = i64::MAX as u64;

/// The `K` smallest distinct 63-bit hashes, each with its [`Tally`]: a count, or a [`Span`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample<const K: usize, T = u32> {
    /// Ascending, all below `threshold`.
    hashes: Vec<u64>,
    /// `tallies[i]` belongs to `hashes[i]`.
    tallies: Vec<T>,
    /// The smallest hash ever dropped, or `i64::MAX`.
    threshold: u64,
}

impl<const K: usize, T> Default for Sample<K, T> {
    fn default() -> Self {
        Self { hashes: Vec::new(), tallies: Vec::new(), threshold: NOTHING_DROPPED }
    }
}

impl<const K: usize, T: Tally> Sample<K, T> {
    /// Adds a tally of the value with this hash: a number of occurrences, or a [`Span`]. The top bit is dropped and
    /// zero is taken as one, so that any 64-bit hash may be given. Counts saturate at `u32::MAX`.
    pub fn add(&mut self, hash: u64, tally: T) {
        let hash = (hash & NOTHING_DROPPED).max(1);
        if hash >= self.threshold {
            return;
        }
        match self.hashes.binary_search(&hash) {
            Ok(place) => {
                if let Some(kept) = self.tallies.get_mut(place) {
                    kept.merge(tally);
                }
            }
            Err(place) => {
                self.hashes.insert(place, hash);
                self.tallies.insert(place, tally);
                if self.hashes.len() > K {
                    self.tallies.pop();
                    self.threshold = self.hashes.pop().unwrap_or(self.threshold);
                }
            }
        }
    }

    /// Adds all that `other` saw.
    pub fn merge(&mut self, other: &Self) {
        if other.threshold < self.threshold {
            self.threshold = other.threshold;
            let keep = self.hashes.partition_point(|hash| *hash < self.threshold);
            self.hashes.truncate(keep);
            self.tallies.truncate(keep);
        }
        for (hash, tally) in other.iter() {
            self.add(hash, tally);
        }
    }

    /// The kept values in ascending order of hash, with their tallies.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u64, T)> + '_ {
        self.hashes.iter().copied().zip(self.tallies.iter().copied())
    }

    /// The tally of a value, where it is kept.
    #[must_use]
    pub fn get(&self, hash: u64) -> Option<T> {
        let place = self.hashes.binary_search(&(hash & NOTHING_DROPPED).max(1)).ok()?;
        self.tallies.get(place).copied()
    }

    /// Whether a value would be kept if it were added: below the threshold.
    #[must_use]
    pub const fn would_keep(&self, hash: u64) -> bool {
        hash < self.threshold
    }

    /// The value that was seen most often, of those that are kept; of equals the one with the smallest hash.
    #[must_use]
    pub fn most_seen(&self) -> Option<u64> {
        self.iter().max_by_key(|(hash, tally)| (tally.count(), std::cmp::Reverse(*hash))).map(|(hash, _)| hash)
    }

    /// Number of values kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether every value ever added is kept, so that [`Sample::distinct`] is exact.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.threshold == NOTHING_DROPPED
    }

    /// Number of distinct values added: exact while [`Sample::is_exact`], else the unbiased bottom-k estimate with
    /// a relative standard error of `1 / sqrt(K - 1)`.
    #[must_use]
    pub fn distinct(&self) -> f64 {
        let kept = self.hashes.len() as f64;
        if self.is_exact() { kept } else { kept * NOTHING_DROPPED as f64 / self.threshold as f64 }
    }

    /// The largest count of any kept value.
    #[must_use]
    pub fn max_count(&self) -> u32 {
        self.tallies.iter().map(|tally| tally.count()).max().unwrap_or(0)
    }

    /// Appends the sample's bytes.
    pub fn encode(&self, out: &mut Writer) {
        out.unsigned(((self.hashes.len() as u64) << 1) | u64::from(!self.is_exact()));
        if !self.is_exact() {
            out.fixed(self.threshold);
        }
        for (hash, tally) in self.iter() {
            out.fixed(hash);
            tally.encode(out);
        }
    }

    /// Reads what [`Sample::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes end early, or are not ascending hashes below the threshold.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = input.unsigned()?;
        let len = usize::try_from(head >> 1).map_err(|_| DecodeError::Impossible("sample size"))?;
        if len > K || len.saturating_mul(9) > input.remaining() {
            return Err(DecodeError::Impossible("sample size"));
        }
        let threshold = if head & 1 == 1 { input.fixed()? } else { NOTHING_DROPPED };
        if threshold == 0 || threshold > NOTHING_DROPPED || (head & 1 == 1 && threshold == NOTHING_DROPPED) {
            return Err(DecodeError::Impossible("sample threshold"));
        }
        let mut sample = Self { hashes: Vec::with_capacity(len), tallies: Vec::with_capacity(len), threshold };
        let mut last = 0;
        for _ in 0..len {
            let hash = input.fixed()?;
            let tally = T::decode(input)?;
            if hash <= last || hash >= threshold {
                return Err(DecodeError::Impossible("sample entry"));
            }
            last = hash;
            sample.hashes.push(hash);
            sample.tallies.push(tally);
        }
        Ok(sample)
    }

    /// The compact, ordered, uncompressed Theta sketch of Apache DataSketches (serial version 3, default seed) of
    /// the same values, where they were hashed by [`crate::hash::value_hash`]. Of values under a secret ([`crate::HashKey`]) it
    /// can be counted, and joined with those of the same secret; other engines cannot add values to it.
    #[must_use]
    pub fn to_theta(&self) -> Vec<u8> {
        const SEED_HASH: u16 = 37836; // of the default update seed 9001
        const FLAGS: u8 = 0b0001_1010; // read-only, compact, ordered
        const EMPTY: [u8; 8] = [1, 3, 3, 0, 0, 0b0001_1110, 0, 0];
        if self.is_empty() {
            return EMPTY.to_vec();
        }
        let single = self.len() == 1 && self.is_exact();
        let preamble_longs = if !self.is_exact() {
            3
        } else if single {
            1
        } else {
            2
        };
        let mut bytes = vec![preamble_longs, 3, 3, 0, 0, FLAGS];
        bytes.extend_from_slice(&SEED_HASH.to_le_bytes());
        if !single {
            bytes.extend_from_slice(&(self.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&[0; 4]);
        }
        if !self.is_exact() {
            bytes.extend_from_slice(&self.threshold.to_le_bytes());
        }
        for hash in &self.hashes {
            bytes.extend_from_slice(&hash.to_le_bytes());
        }
        bytes
    }
}
