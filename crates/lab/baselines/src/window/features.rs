//! Sparse features of texts: words, pairs of words, and runs of four and six words, each once a text.

use std::collections::HashMap;

use crate::text::runs;
use crate::text::set;
use crate::text::words;
use crate::window::text::Text;

/// Lengths of the runs, in words.
const LENGTHS: [usize; 4] = [1, 2, 4, 6];
/// Runs of this length and longer are frames: pieces of wording.
const FRAME: usize = 4;

/// Features of two pools, numbered together.
#[derive(Debug)]
pub(crate) struct Features {
    benign: Vec<Vec<u32>>,
    other: Vec<Vec<u32>>,
    /// Whether each feature is a frame.
    pub(crate) is_frame: Vec<bool>,
}

impl Features {
    pub(crate) fn of(benign: &[String], other: &[&str]) -> Self {
        let mut numbers: HashMap<(usize, u64), u32> = HashMap::new();
        let mut is_frame = Vec::new();
        let mut number = |text: &str| {
            let words = words(text);
            let mut own = Vec::new();
            // A text shorter than the run has no run.
            for length in LENGTHS.into_iter().filter(|length| *length <= words.len()) {
                for run in set(runs(&words, length)) {
                    own.push(*numbers.entry((length, run)).or_insert_with(|| {
                        is_frame.push(length >= FRAME);
                        is_frame.len() as u32 - 1
                    }));
                }
            }
            own
        };
        let benign = benign.iter().map(|text| number(text)).collect();
        let other = other.iter().map(|text| number(text)).collect();
        Self { benign, other, is_frame }
    }

    /// Features of a text.
    pub(crate) fn text(&self, text: Text) -> &[u32] {
        let found = match text {
            Text::Benign(index) => self.benign.get(index),
            Text::Other(index) => self.other.get(index),
        };
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// How many features there are.
    pub(crate) fn len(&self) -> usize {
        self.is_frame.len()
    }
}
