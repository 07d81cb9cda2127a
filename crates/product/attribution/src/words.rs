//! Words of estimative probability, as Intelligence Community Directive 203 (2015, paragraph D.6.e.2.a) gives them.

use serde::Serialize;

/// A word and the range of probabilities that it stands for, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// From, in percent.
    pub from: u32,
    /// To, in percent.
    pub to: u32,
}

/// The seven words, the least first.
pub const WORDS: [Word; 7] = [
    Word { word: "almost no chance", from: 1, to: 5 },
    Word { word: "very unlikely", from: 5, to: 20 },
    Word { word: "unlikely", from: 20, to: 45 },
    Word { word: "roughly even chance", from: 45, to: 55 },
    Word { word: "likely", from: 55, to: 80 },
    Word { word: "very likely", from: 80, to: 95 },
    Word { word: "almost certain", from: 95, to: 99 },
];

/// Nothing is certain: the directive's range ends here.
pub const MOST: f64 = 0.99;
/// And begins here.
pub const LEAST: f64 = 0.01;
/// From here on an organisation is named.
pub const LIKELY: f64 = 0.55;
/// What is not to be named stays below that.
pub const BELOW_LIKELY: f64 = 0.54;

/// The word for a probability. The directive's ranges share their ends: an end belongs to the word above it.
#[must_use]
pub fn word(probability: f64) -> Word {
    let percent = 100.0 * probability.clamp(LEAST, MOST);
    let [lowest, ..] = WORDS;
    WORDS.into_iter().rev().find(|word| percent >= f64::from(word.from)).unwrap_or(lowest)
}
