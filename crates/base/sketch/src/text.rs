//! One pass over a text: its hash, its frames and its features.
//!
//! *Frames* are hashes of runs of six words, of which the few with the smallest hashes are kept: eight from the whole
//! text, one from its first 24 runs and one from its last 24. Texts that share a fixed part keep the same runs of it,
//! whatever fills the slots between: this is MinHash in its bottom-k form (Broder, 1997) over word runs, and a shared
//! frame is its locality-sensitive bucket. Head and tail have a place of their own because instructions stand there,
//! around a slot that may be much longer.
//!
//! *Quotes* are runs over some fifty words that survive small changes (`anchors`).
//!
//! *Phrases* are hashes of two neighbouring *stems* in either order, of which the few with the smallest hashes are
//! kept. A stem is the first six letters of a word of four letters or more, or a character of three bytes or more:
//! short words, which every sentence has, do not part two stems. A paraphrase that turns clauses about and changes
//! endings keeps some phrases where it keeps no frame.

use crate::anchors::Anchors;
use crate::anchors::QUOTES;
use crate::anchors::common_anchors;
use crate::embedding::DIMENSIONS;
use crate::hash::in_63_bits;
use crate::hash::mix;
use crate::key::HashKey;
use crate::smallest::Smallest;
use crate::words::Word;
use crate::words::words;

/// The most frames a text has.
pub const FRAMES: usize = ANYWHERE + 2;

/// The most phrases a text has.
pub const PHRASES: usize = 12;

const ANYWHERE: usize = 8;
const RUN: usize = 6;
const EDGE: usize = 24;

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const BASE_POW_RUN: u64 = {
    let square = BASE.wrapping_mul(BASE);
    square.wrapping_mul(square).wrapping_mul(square)
};
/// What one pass over a text finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSketch {
    /// Hash of the exact bytes; zero for an empty text.
    pub hash: u64,
    /// Number of words.
    pub words: u32,
    frames: [u64; FRAMES],
    frame_count: usize,
    quotes: [u64; QUOTES],
    phrases: [u64; PHRASES],
    /// A unit vector in 127ths; all zero for a text without words.
    pub features: [i8; DIMENSIONS],
}

impl TextSketch {
    /// The frames, ascending and distinct, 63 bits each.
    #[must_use]
    pub fn frames(&self) -> &[u64] {
        self.frames.get(..self.frame_count).unwrap_or_default()
    }

    /// The quotes, ascending and distinct, 63 bits each.
    #[must_use]
    pub fn quotes(&self) -> &[u64] {
        kept(&self.quotes)
    }

    /// The phrases, ascending and distinct, 63 bits each.
    #[must_use]
    pub fn phrases(&self) -> &[u64] {
        kept(&self.phrases)
    }
}

/// The values before the first `u64::MAX` of an ascending array.
fn kept(hashes: &[u64]) -> &[u64] {
    hashes.get(..hashes.partition_point(|hash| *hash != u64::MAX)).unwrap_or_default()
}

/// Sketches one text under a key. Linear in its length; allocates nothing.
///
/// Which runs are kept depends on the key, so that nobody without it can write words that are always kept.
#[must_use]
pub fn sketch_text(text: &str, key: &HashKey) -> TextSketch {
    let mut pass = Pass::new(key);
    words(text, key, |word| {
        pass.word(word);
        true
    });
    pass.finish(text, key)
}

struct Pass<'a> {
    words: u32,
    /// The last `RUN` words, oldest overwritten first.
    recent: [u64; RUN],
    run_hash: u64,
    anchors: Anchors<'a>,
    runs: u32,
    anywhere: Smallest<ANYWHERE>,
    phrases: Smallest<PHRASES>,
    last_stem: u64,
    head: u64,
    tail: [u64; EDGE],
    features: [i32; DIMENSIONS],
    previous: u64,
}

impl<'a> Pass<'a> {
    fn new(key: &'a HashKey) -> Self {
        Self {
            words: 0,
            recent: [0; RUN],
            run_hash: 0,
            anchors: Anchors::new(common_anchors(key)),
            runs: 0,
            anywhere: Smallest::default(),
            phrases: Smallest::default(),
            last_stem: 0,
            head: u64::MAX,
            tail: [u64::MAX; EDGE],
            features: [0; DIMENSIONS],
            previous: 0,
        }
    }

    fn word(&mut self, word: Word) {
        let hash = word.hash;
        self.feature(hash);
        if self.words > 0 {
            self.feature(self.previous.wrapping_mul(BASE).rotate_left(23) ^ hash);
        }
        self.previous = hash;
        let oldest = self.recent.get_mut(self.words as usize % RUN);
        let leaving = oldest.map_or(0, |slot| std::mem::replace(slot, hash));
        self.run_hash =
            self.run_hash.wrapping_mul(BASE).wrapping_add(hash).wrapping_sub(leaving.wrapping_mul(BASE_POW_RUN));
        self.words += 1;
        if !word.is_masked {
            self.anchors.word(hash, word.bytes, word.is_wide);
        }
        if self.words as usize >= RUN {
            self.run(frame(self.run_hash));
        }
        if let Some(stem) = word.stem {
            self.stem(stem);
        }
    }

    fn feature(&mut self, hash: u64) {
        let spread = hash.wrapping_mul(BASE);
        if let Some(sum) = self.features.get_mut((spread >> 58) as usize) {
            *sum += if spread >> 57 & 1 == 1 { 1 } else { -1 };
        }
    }

    fn stem(&mut self, stem: u64) {
        let previous = std::mem::replace(&mut self.last_stem, stem);
        if previous != 0 && previous != stem {
            // Addition does not see the order of the two.
            self.phrases.offer(frame(mix(previous).wrapping_add(mix(stem))));
        }
    }

    fn run(&mut self, hash: u64) {
        self.anywhere.offer(hash);
        if (self.runs as usize) < EDGE {
            self.head = self.head.min(hash);
        }
        if let Some(slot) = self.tail.get_mut(self.runs as usize % EDGE) {
            *slot = hash;
        }
        self.runs += 1;
    }

    fn finish(mut self, text: &str, key: &HashKey) -> TextSketch {
        // A text of three to five words is one frame: shorter ones are shared by everybody.
        if self.runs == 0 && self.words >= 3 {
            self.run(frame(self.run_hash));
        }
        let mut frames = [u64::MAX; FRAMES];
        let tail = self.tail.iter().copied().min().unwrap_or(u64::MAX);
        for (slot, hash) in frames.iter_mut().zip(self.anywhere.kept().into_iter().chain([self.head, tail])) {
            *slot = stored(hash, key);
        }
        frames.sort_unstable();
        let frame_count = distinct_prefix(&mut frames);
        TextSketch {
            hash: if text.is_empty() { 0 } else { key.text(text.as_bytes()) },
            words: self.words,
            frames,
            frame_count,
            quotes: all_stored(self.anchors.quotes(), key),
            phrases: all_stored(self.phrases.kept(), key),
            features: unit(&self.features),
        }
    }
}

/// The form in which the hash of a run is stored; `u64::MAX` is none, and stays.
fn stored(hash: u64, key: &HashKey) -> u64 {
    if hash == u64::MAX { hash } else { key.run(hash) }
}

/// The stored forms of some hashes, ascending.
fn all_stored<const N: usize>(hashes: [u64; N], key: &HashKey) -> [u64; N] {
    let mut hashes = hashes.map(|hash| stored(hash, key));
    hashes.sort_unstable();
    hashes
}

/// Maps a run to a frame.
fn frame(run_hash: u64) -> u64 {
    in_63_bits(mix(run_hash))
}

/// Moves the distinct real values of a sorted array to its front and returns their number.
fn distinct_prefix(sorted: &mut [u64; FRAMES]) -> usize {
    let all = *sorted;
    let mut count = 0;
    let mut last = 0;
    for hash in all.into_iter().filter(|hash| *hash != u64::MAX) {
        if hash != last {
            if let Some(slot) = sorted.get_mut(count) {
                *slot = hash;
            }
            count += 1;
            last = hash;
        }
    }
    count
}

fn unit(sums: &[i32; DIMENSIONS]) -> [i8; DIMENSIONS] {
    let norm = sums.iter().map(|sum| f64::from(*sum) * f64::from(*sum)).sum::<f64>().sqrt();
    if norm == 0.0 {
        return [0; DIMENSIONS];
    }
    sums.map(|sum| (f64::from(sum) * 127.0 / norm).round() as i8)
}
