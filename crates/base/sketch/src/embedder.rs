//! Texts as vectors.
//!
//! What a text is about, as [`DIMENSIONS`] signed bytes of unit length. The built-in [`HashedWords`] needs nothing and
//! sees words and pairs; [`WordVectors`] reads a table of static word vectors that its user has, and sees that two words
//! mean the same. Vectors of two embedders cannot be compared, so each has a name that is stored beside them.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::io::BufRead;

use crate::embedding::DIMENSIONS;
use crate::hash::mix;
use crate::hash::text_hash;

/// Makes vectors of texts.
pub trait Embedder: Send + Sync + fmt::Debug {
    /// What the vectors are: two embedders of one name give the same text the same vector.
    fn name(&self) -> String;

    /// The vector of a text, a unit vector in 127ths; all zero for a text that says nothing to this embedder.
    /// `hashed` is what the pass over the text found.
    fn embed(&self, text: &str, hashed: &[i8; DIMENSIONS]) -> [i8; DIMENSIONS];
}

/// The built-in embedder: a random projection of a text's words and word pairs, computed in the one pass over the text.
#[derive(Debug, Clone, Copy, Default)]
pub struct HashedWords;

impl Embedder for HashedWords {
    fn name(&self) -> String {
        format!("hashed-words-{DIMENSIONS}")
    }

    fn embed(&self, _text: &str, hashed: &[i8; DIMENSIONS]) -> [i8; DIMENSIONS] {
        *hashed
    }
}

/// The most words of a table, and the most dimensions.
const MAX_WORDS: usize = 2_000_000;
const MAX_COLUMNS: usize = 2_048;

/// Smoothing of word weights: `a / (a + p)` for a word of frequency `p` (Arora, Liang and Ma, ICLR 2017).
const SMOOTHING: f64 = 1e-3;

/// Why a table of word vectors could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WordVectorsError {
    /// The file cannot be read.
    #[error("cannot read the word vectors: {0}")]
    Read(#[from] io::Error),
    /// A line is not of the format.
    #[error(
        "line {line} of the word vectors {reason} (each line is a word and its numbers, as GloVe and fastText write them)"
    )]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Static word vectors, from a text file of a word and its numbers a line, the commonest words first (GloVe `.txt`,
/// fastText and word2vec `.vec`). A text is the mean of its words' vectors, weighed down for common words by the rank of
/// the word in the file, and projected to [`DIMENSIONS`] by fixed random signs.
pub struct WordVectors {
    name: String,
    words: HashMap<u64, [i16; DIMENSIONS]>,
}

impl fmt::Debug for WordVectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordVectors").field("name", &self.name).field("words", &self.words.len()).finish()
    }
}

impl WordVectors {
    /// Reads a table; of more than two million words the first count.
    ///
    /// # Errors
    /// [`WordVectorsError`] with the line.
    pub fn read(input: impl BufRead) -> Result<Self, WordVectorsError> {
        let mut words = HashMap::new();
        let (mut columns, mut seal) = (0, 0_u64);
        for (line, text) in (1..).zip(input.lines()) {
            let text = text?;
            let mut fields = text.split_ascii_whitespace();
            let (Some(word), rest) = (fields.next(), fields) else { continue };
            let numbers: Option<Vec<f64>> = rest.map(|field| field.parse().ok()).collect();
            let bad = |reason| WordVectorsError::Line { line, reason };
            let numbers = numbers.ok_or_else(|| bad("holds what is no number"))?;
            if line == 1 && numbers.len() == 1 {
                // A header of word2vec: how many words, how many numbers.
                continue;
            }
            if numbers.len() < 2 || numbers.len() > MAX_COLUMNS || numbers.iter().any(|number| !number.is_finite()) {
                return Err(bad("has too few or too many numbers"));
            }
            if columns != 0 && numbers.len() != columns {
                return Err(bad("has another number of numbers than the first"));
            }
            columns = numbers.len();
            seal = mix(seal ^ text_hash(text.as_bytes()));
            let rank = words.len() as f64 + 1.0;
            words.entry(text_hash(word.to_lowercase().as_bytes())).or_insert_with(|| project(&numbers, rank));
            if words.len() >= MAX_WORDS {
                break;
            }
        }
        if words.is_empty() {
            return Err(WordVectorsError::Line { line: 1, reason: "is missing: the file is empty" });
        }
        Ok(Self { name: format!("word-vectors-{columns}-{:016x}", seal), words })
    }
}

impl Embedder for WordVectors {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn embed(&self, text: &str, _hashed: &[i8; DIMENSIONS]) -> [i8; DIMENSIONS] {
        let mut sum = [0_i64; DIMENSIONS];
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            if let Some(vector) = self.words.get(&text_hash(word.to_lowercase().as_bytes())) {
                sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += i64::from(*x));
            }
        }
        let norm = sum.iter().map(|x| (*x as f64).powi(2)).sum::<f64>().sqrt();
        if norm == 0.0 { [0; DIMENSIONS] } else { sum.map(|x| (x as f64 * 127.0 / norm).round() as i8) }
    }
}

/// A word's unit vector in [`DIMENSIONS`], weighed by how rare its rank makes it, in 4096ths.
fn project(numbers: &[f64], rank: f64) -> [i16; DIMENSIONS] {
    let mut vector = [0.0; DIMENSIONS];
    for (number, column) in numbers.iter().zip(0_u64..) {
        let signs = mix(column.wrapping_add(0x7765_6967_6874));
        for (place, x) in vector.iter_mut().enumerate() {
            *x += if signs >> (place % 64) & 1 == 1 { *number } else { -number };
        }
    }
    let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
    // By Zipf's law a word's frequency is about one over its rank, over the logarithm of the number of words.
    let frequency = 1.0 / (rank * 14.0);
    let weight = SMOOTHING / (SMOOTHING + frequency);
    vector.map(|x| (x / norm * weight * 4096.0).round() as i16)
}
