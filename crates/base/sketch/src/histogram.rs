//! Counts in buckets of powers of two: quantiles of sizes and durations within a factor of two.

use crate::codec::DecodeError;
use crate::codec::Reader;
use crate::codec::Writer;

/// Number of buckets: 0, 1, 2–3, 4–7, … up to 2^30 and above.
const BUCKETS: usize = 32;

/// Exact counts of values by their number of binary digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Histogram {
    counts: [u32; BUCKETS],
}

impl Histogram {
    /// Adds one value.
    pub fn add(&mut self, value: u64) {
        let bucket = ((u64::BITS - value.leading_zeros()) as usize).min(BUCKETS - 1);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds all that `other` saw.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// Number of values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// Lower edge of the bucket that holds the `q`-quantile, `q` in 0 to 1; `None` where nothing was added.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let rank = (q.clamp(0.0, 1.0) * self.total() as f64).ceil().max(1.0) as u64;
        let mut seen = 0_u64;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank {
                return Some(if bucket == 0 { 0 } else { 1 << (bucket - 1) });
            }
        }
        None
    }

    /// Appends the histogram's bytes: a bit set of the non-empty buckets, then their counts.
    pub fn encode(&self, out: &mut Writer) {
        let present = self.counts.iter().rev().fold(0_u64, |set, count| set << 1 | u64::from(*count > 0));
        out.unsigned(present);
        for count in self.counts.iter().filter(|count| **count > 0) {
            out.unsigned(u64::from(*count));
        }
    }

    /// Reads what [`Histogram::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes end early or hold a count that does not fit.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let present = input.unsigned()?;
        if present >> BUCKETS != 0 {
            return Err(DecodeError::Impossible("histogram"));
        }
        let mut histogram = Self::default();
        for (bucket, count) in histogram.counts.iter_mut().enumerate() {
            if present >> bucket & 1 == 1 {
                *count = u32::try_from(input.unsigned()?)
                    .ok()
                    .filter(|count| *count > 0)
                    .ok_or(DecodeError::Impossible("histogram count"))?;
            }
        }
        Ok(histogram)
    }
}
