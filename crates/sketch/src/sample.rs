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

use crate::codec::DecodeError;
use crate::codec::Reader;
use crate::codec::Writer;

/// Threshold of a sample from which nothing was dropped.
const NOTHING_DROPPED: u64 = i64::MAX as u64;

/// The `K` smallest distinct 63-bit hashes with their counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample<const K: usize> {
    /// Ascending, all below `threshold`.
    hashes: Vec<u64>,
    /// `counts[i]` belongs to `hashes[i]`.
    counts: Vec<u32>,
    /// The smallest hash ever dropped, or `i64::MAX`.
    threshold: u64,
}

impl<const K: usize> Default for Sample<K> {
    fn default() -> Self {
        Self { hashes: Vec::new(), counts: Vec::new(), threshold: NOTHING_DROPPED }
    }
}

impl<const K: usize> Sample<K> {
    /// Adds `count` occurrences of the value with this hash. The top bit is dropped and zero is taken as one, so
    /// that any 64-bit hash may be given. Counts saturate at `u32::MAX`.
    pub fn add(&mut self, hash: u64, count: u32) {
        let hash = (hash & NOTHING_DROPPED).max(1);
        if hash >= self.threshold {
            return;
        }
        match self.hashes.binary_search(&hash) {
            Ok(place) => {
                if let Some(kept) = self.counts.get_mut(place) {
                    *kept = kept.saturating_add(count);
                }
            }
            Err(place) => {
                self.hashes.insert(place, hash);
                self.counts.insert(place, count);
                if self.hashes.len() > K {
                    self.counts.pop();
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
            self.counts.truncate(keep);
        }
        for (hash, count) in other.iter() {
            self.add(hash, count);
        }
    }

    /// The kept values in ascending order of hash, with their counts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u64, u32)> + '_ {
        self.hashes.iter().copied().zip(self.counts.iter().copied())
    }

    /// The count of a value, where it is kept.
    #[must_use]
    pub fn count(&self, hash: u64) -> Option<u32> {
        let place = self.hashes.binary_search(&(hash & NOTHING_DROPPED).max(1)).ok()?;
        self.counts.get(place).copied()
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
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// Appends the sample's bytes.
    pub fn encode(&self, out: &mut Writer) {
        out.unsigned(((self.hashes.len() as u64) << 1) | u64::from(!self.is_exact()));
        if !self.is_exact() {
            out.fixed(self.threshold);
        }
        for (hash, count) in self.iter() {
            out.fixed(hash);
            out.unsigned(u64::from(count));
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
        let mut sample = Self { hashes: Vec::with_capacity(len), counts: Vec::with_capacity(len), threshold };
        let mut last = 0;
        for _ in 0..len {
            let hash = input.fixed()?;
            let count = u32::try_from(input.unsigned()?).map_err(|_| DecodeError::Impossible("sample count"))?;
            if hash <= last || hash >= threshold || count == 0 {
                return Err(DecodeError::Impossible("sample entry"));
            }
            last = hash;
            sample.hashes.push(hash);
            sample.counts.push(count);
        }
        Ok(sample)
    }

    /// The compact, ordered, uncompressed Theta sketch of Apache DataSketches (serial version 3, default seed) of
    /// the same values, where they were hashed by [`crate::hash::value_hash`].
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
