//! The kernel mean embedding of a stream of texts.
//!
//! Each text has a feature vector of [`DIMENSIONS`] signed bytes (see [`crate::sketch_text`]): a random projection
//! of its words and word pairs, of unit length. The inner product of two such vectors is a positive-definite kernel
//! on texts, so the mean vector of a stream is the stream's kernel mean embedding in that kernel, and the distance of
//! two mean vectors is the maximum mean discrepancy (Gretton et al., JMLR 2012) of the two streams. Sums are integers,
//! so that any order of addition gives the same bytes.

use crate::codec::DecodeError;
use crate::codec::Reader;
use crate::codec::Writer;

/// Length of a feature vector.
pub const DIMENSIONS: usize = 64;

/// Sum of feature vectors and their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedding {
    sums: [i64; DIMENSIONS],
    texts: u64,
}

impl Default for Embedding {
    fn default() -> Self {
        Self { sums: [0; DIMENSIONS], texts: 0 }
    }
}

impl Embedding {
    /// Adds one text's features. A slice of another length than [`DIMENSIONS`] is a text without features and is
    /// not counted.
    pub fn add(&mut self, features: &[i8]) {
        if features.len() != DIMENSIONS {
            return;
        }
        for (sum, feature) in self.sums.iter_mut().zip(features) {
            *sum = sum.saturating_add(i64::from(*feature));
        }
        self.texts = self.texts.saturating_add(1);
    }

    /// Adds all that `other` saw.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.sums.iter_mut().zip(&other.sums) {
            *mine = mine.saturating_add(*theirs);
        }
        self.texts = self.texts.saturating_add(other.texts);
    }

    /// Number of texts.
    #[must_use]
    pub const fn texts(&self) -> u64 {
        self.texts
    }

    /// The mean feature vector, in units where one text has length one; zero where there is none.
    #[must_use]
    pub fn mean(&self) -> [f64; DIMENSIONS] {
        let scale = if self.texts == 0 { 0.0 } else { 1.0 / (self.texts as f64 * 127.0) };
        self.sums.map(|sum| sum as f64 * scale)
    }

    /// Unbiased estimate of the squared maximum mean discrepancy between this stream and a fixed mean, never below
    /// zero. The bias of a small stream (a text is nearer to its own mean) is taken off: texts have unit length, so
    /// the squared length of the mean of `n` draws exceeds that of the true mean by `(1 - |mean|²) / (n - 1)`.
    #[must_use]
    pub fn squared_distance(&self, mean: &[f64; DIMENSIONS]) -> f64 {
        if self.texts < 2 {
            return 0.0;
        }
        let own = self.mean();
        let squared = |v: &[f64; DIMENSIONS]| v.iter().map(|x| x * x).sum::<f64>();
        let apart: f64 = own.iter().zip(mean).map(|(a, b)| (a - b) * (a - b)).sum();
        let bias = (1.0 - squared(&own)).max(0.0) / (self.texts as f64 - 1.0);
        (apart - bias).max(0.0)
    }

    /// Appends the embedding's bytes.
    pub fn encode(&self, out: &mut Writer) {
        out.unsigned(self.texts);
        if self.texts > 0 {
            for sum in self.sums {
                out.signed(sum);
            }
        }
    }

    /// Reads what [`Embedding::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes end early.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut embedding = Self { texts: input.unsigned()?, ..Self::default() };
        if embedding.texts > 0 {
            for sum in &mut embedding.sums {
                *sum = input.signed()?;
            }
        }
        Ok(embedding)
    }
}
