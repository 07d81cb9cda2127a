//! Vectors of texts.
//!
//! The published distance test embeds with BAAI/bge-small-en-v1.5 (384 dimensions, unit length). This project ships
//! no weights. [`Hashed`] stands in for it: signed feature hashing of words, pairs of words and letter n-grams. It
//! knows nothing of meaning: a paraphrase is far from its original, and a method that lives on meaning is weaker here
//! than with its own model. [`Precomputed`] reads vectors that somebody's model made.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::text::hash;
use crate::text::runs;
use crate::text::words;

/// Makes a vector of unit length of a text.
pub trait Embedder {
    /// Length of every vector.
    fn dims(&self) -> usize;

    /// Adds the text's vector to `out`, which has [`Embedder::dims`] zeros.
    ///
    /// # Errors
    /// If the embedder has no vector for the text.
    fn embed(&self, text: &str, out: &mut [f32]) -> Result<(), Error>;
}

/// Hashed n-grams.
#[derive(Debug, Clone, Copy)]
pub struct Hashed {
    dims: usize,
}

impl Hashed {
    /// An embedder of so many dimensions, at least 16.
    #[must_use]
    pub fn new(dims: usize) -> Self {
        Self { dims: dims.max(16) }
    }
}

/// Longest part of a text that is read for letter n-grams, in bytes.
const LETTERS: usize = 2_000;

impl Embedder for Hashed {
    fn dims(&self) -> usize {
        self.dims
    }

    fn embed(&self, text: &str, out: &mut [f32]) -> Result<(), Error> {
        let mut add = |feature: u64, weight: f32| {
            let sign = if feature >> 63 == 0 { weight } else { -weight };
            let place = (feature % self.dims as u64) as usize;
            if let Some(cell) = out.get_mut(place) {
                *cell += sign;
            }
        };
        let words = words(text);
        // Repeats count by the root of their number, so that one word said often does not make the vector.
        let mut counts: HashMap<u64, u32> = HashMap::new();
        for word in &words {
            *counts.entry(*word).or_default() += 1;
        }
        for pair in runs(&words, 2) {
            *counts.entry(pair).or_default() += 1;
        }
        let lower = text.to_lowercase();
        let letters = lower.as_bytes();
        let letters = letters.get(..letters.len().min(LETTERS)).unwrap_or_default();
        for gram in letters.windows(4) {
            // A quarter of the letter grams is enough for nearness of spelling, and a quarter of the time.
            let feature = hash(gram);
            if feature.is_multiple_of(4) {
                *counts.entry(feature ^ 0x5151).or_default() += 1;
            }
        }
        let mut ordered: Vec<(u64, u32)> = counts.into_iter().collect();
        ordered.sort_unstable();
        for (feature, count) in ordered {
            add(crate::rng::mix(feature), (count as f32).sqrt());
        }
        Ok(())
    }
}

/// Vectors that were made elsewhere, by text.
#[derive(Debug, Clone, Default)]
pub struct Precomputed {
    dims: usize,
    vectors: HashMap<u64, Vec<f32>>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    vector: Vec<f32>,
}

impl Precomputed {
    /// Reads JSON lines of `{"text": …, "vector": […]}`.
    ///
    /// # Errors
    /// If the file cannot be read, or vectors differ in length.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::read(path))?;
        let mut all = Self::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let Line { text, vector } = serde_json::from_str(line)
                .map_err(|fault| Error::content(path, format!("line {}: {fault}", number + 1)))?;
            if all.dims != 0 && vector.len() != all.dims {
                let reason = format!("line {}: {} numbers where {} are needed", number + 1, vector.len(), all.dims);
                return Err(Error::content(path, reason));
            }
            all.dims = vector.len();
            all.vectors.insert(hash(text.as_bytes()), vector);
        }
        Ok(all)
    }
}

impl Embedder for Precomputed {
    fn dims(&self) -> usize {
        self.dims
    }

    fn embed(&self, text: &str, out: &mut [f32]) -> Result<(), Error> {
        let vector = self
            .vectors
            .get(&hash(text.as_bytes()))
            .ok_or_else(|| Error::NoVector { begins: text.chars().take(40).collect() })?;
        out.iter_mut().zip(vector).for_each(|(out, value)| *out += value);
        Ok(())
    }
}

/// Vectors of unit length, one a text.
#[derive(Debug, Clone, Default)]
pub struct Vectors {
    dims: usize,
    values: Vec<f32>,
}

impl Vectors {
    /// Embeds texts in order.
    ///
    /// # Errors
    /// If the embedder has no vector for one of them.
    pub fn of<'a>(embedder: &dyn Embedder, texts: impl Iterator<Item = &'a str>) -> Result<Self, Error> {
        let dims = embedder.dims();
        let mut vectors = Self { dims, values: Vec::new() };
        let mut row = vec![0.0; dims];
        for text in texts {
            row.fill(0.0);
            embedder.embed(text, &mut row)?;
            let norm = row.iter().map(|value| value * value).sum::<f32>().sqrt();
            if norm > 0.0 {
                row.iter_mut().for_each(|value| *value /= norm);
            } else if let Some(first) = row.first_mut() {
                // A text without a word is a vector too, the same for all of them.
                *first = 1.0;
            }
            vectors.values.extend_from_slice(&row);
        }
        Ok(vectors)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.dims).unwrap_or(0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The vector of that number; empty if there is none.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f32] {
        let start = index.saturating_mul(self.dims);
        self.values.get(start..start.saturating_add(self.dims)).unwrap_or_default()
    }

    /// Cosine of two of them.
    #[must_use]
    pub fn cosine(&self, a: usize, b: usize) -> f32 {
        dot(self.row(a), self.row(b))
    }
}

/// Sum of products, in eight lanes so that the compiler can use wide registers.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (left, right) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0_f32; 8];
    for (x, y) in left.0.iter().zip(right.0) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    let rest: f32 = left.1.iter().zip(right.1).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        Vectors::of(&Hashed::new(256), [a, b].into_iter()).unwrap().cosine(0, 1)
    }

    #[test]
    fn near_texts_are_near_and_strangers_are_not() {
        let near = cosine("write a function that adds two numbers", "write a function that adds three numbers");
        let far = cosine("write a function that adds two numbers", "how was your weekend by the sea?");
        assert!(near > 0.6 && far < 0.3, "{near} {far}");
        assert!((cosine("same", "same") - 1.0).abs() < 1e-5);
        assert!((cosine("", "...") - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_paraphrase_is_far() {
        // What the stand-in cannot do.
        assert!(cosine("summarise this report briefly", "condense the following document to a short form") < 0.4);
    }

    #[test]
    fn vectors_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.jsonl");
        fs::write(&path, "{\"text\":\"a\",\"vector\":[3,4]}\n{\"text\":\"b\",\"vector\":[4,3]}\n").unwrap();
        let read = Precomputed::read(&path).unwrap();
        let vectors = Vectors::of(&read, ["a", "b"].into_iter()).unwrap();
        assert!((vectors.cosine(0, 1) - 0.96).abs() < 1e-6);
        assert!(Vectors::of(&read, ["c"].into_iter()).is_err());
        fs::write(&path, "{\"text\":\"a\",\"vector\":[3,4]}\n{\"text\":\"b\",\"vector\":[4]}\n").unwrap();
        assert!(Precomputed::read(&path).is_err());
    }
}
