//! One pass over a text: its hash, its frames and its features.
//!
//! *Words* are runs of letters and underscores; upper and lower case are one; every word with a digit is the same
//! masked word, and so is every word of more than 40 bytes, so that numbers, ids and encoded data do not tell two
//! texts apart. A character of three or more bytes is a word of its own, since scripts that use them rarely put
//! spaces between words.
//!
//! *Frames* are hashes of runs of six words, of which the few with the smallest hashes are kept: eight from the whole
//! text, one from its first 24 runs and one from its last 24. Texts that share a fixed part keep the same runs of it,
//! whatever fills the slots between: this is MinHash in its bottom-k form (Broder, 1997) over word runs, and a shared
//! frame is its locality-sensitive bucket. Head and tail have a place of their own because instructions stand there,
//! around a slot that may be much longer.

//!
//! *Quotes* are hashes of runs of 24 words, or of 48 characters that are words of their own, of which the few with the
//! smallest hashes are kept. Runs of six coincide by habit of speech, and runs of twelve by boilerplate; one of 24 that
//! two texts share was taken over. A run that ends in such a character has 48 words of any kind, and one that holds such
//! a character and ends in another word is none.
//!
//! *Phrases* are hashes of two neighbouring *stems* in either order, of which the few with the smallest hashes are
//! kept. A stem is the first six letters of a word of four letters or more, or a character of three bytes or more:
//! short words, which every sentence has, do not part two stems. A paraphrase that turns clauses about and changes
//! endings keeps some phrases where it keeps no frame.

use crate::embedding::DIMENSIONS;
use crate::hash::mix;
use crate::key::HashKey;

/// The most frames a text has.
pub const FRAMES: usize = ANYWHERE + 2;

/// The most quotes a text has.
pub const QUOTES: usize = 8;

/// The most phrases a text has.
pub const PHRASES: usize = 12;

const ANYWHERE: usize = 8;
const STEM: usize = 6;
const MIN_STEM: usize = 4;
const RUN: usize = 6;
const LONG_RUN: usize = 24;
/// The same for characters that are words of their own.
const WIDE_RUN: usize = 2 * LONG_RUN;
const EDGE: usize = 24;
const LONGEST_WORD: usize = 40;

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const BASE_POW_RUN: u64 = {
    let square = BASE.wrapping_mul(BASE);
    square.wrapping_mul(square).wrapping_mul(square)
};
const BASE_POW_LONG_RUN: u64 = {
    let square = BASE_POW_RUN.wrapping_mul(BASE_POW_RUN);
    square.wrapping_mul(square)
};
const BASE_POW_WIDE_RUN: u64 = BASE_POW_LONG_RUN.wrapping_mul(BASE_POW_LONG_RUN);
/// Keeps runs of two lengths apart.
const LONG_SALT: u64 = 0x6c6f_6e67_2072_756e;
const MASKED: u64 = 0x5bd1_e995_97f4_a7c5;

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
    let mut pass = Pass::default();
    let mut word = Word::new(key);
    let bytes = text.as_bytes();
    let mut skip = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        match byte {
            _ if is_punctuation(byte, bytes.get(at + 1).copied()) => {
                word.finish(&mut pass);
                skip = 2;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                if word.is_wide {
                    word.finish(&mut pass);
                }
                word.push(byte.to_ascii_lowercase());
            }
            b'0'..=b'9' => word.push_digit(),
            // The first byte of a character of three or four bytes starts a word of its own.
            0xe0..=0xff => {
                word.finish(&mut pass);
                word.push(byte);
                word.is_wide = true;
            }
            0x80..=0xdf => word.push(byte),
            _ => word.finish(&mut pass),
        }
    }
    word.finish(&mut pass);
    pass.finish(text, key)
}

/// Whether a character of three bytes parts words: typographic quotes, dashes, spaces and marks that are not seen
/// (U+2000 to U+207F), the punctuation of scripts without spaces (U+3000 to U+303F), and variation selectors. Else they
/// would be words, and break every run of the words around them.
const fn is_punctuation(first: u8, second: Option<u8>) -> bool {
    matches!((first, second), (0xe2, Some(0x80 | 0x81)) | (0xe3, Some(0x80)) | (0xef, Some(0xb8)))
}

struct Word {
    start: u64,
    factor: u64,
    /// What stands for a word with a digit, and for a long one.
    masked: u64,
    hash: u64,
    /// The hash after the first letters.
    stem: u64,
    bytes: usize,
    has_digit: bool,
    /// Whether it is a character that is a word of its own.
    is_wide: bool,
}

impl Word {
    fn new(key: &HashKey) -> Self {
        let (start, factor) = key.word();
        Self { start, factor, masked: MASKED ^ start, hash: start, stem: 0, bytes: 0, has_digit: false, is_wide: false }
    }

    fn push(&mut self, byte: u8) {
        self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(self.factor).rotate_left(5);
        self.bytes += 1;
        if self.bytes <= STEM {
            self.stem = self.hash;
        }
    }

    fn push_digit(&mut self) {
        self.has_digit = true;
        self.bytes += 1;
    }

    fn finish(&mut self, pass: &mut Pass) {
        if self.bytes > 0 {
            let masked = self.has_digit || self.bytes > LONGEST_WORD;
            pass.word(if masked { self.masked } else { mix(self.hash) }, self.is_wide);
            if !masked && (self.bytes >= MIN_STEM || self.is_wide) {
                pass.stem(self.stem);
            }
            *self = Self { hash: self.start, stem: 0, bytes: 0, has_digit: false, is_wide: false, ..*self };
        }
    }
}

struct Pass {
    words: u32,
    /// The last `WIDE_RUN` words, oldest overwritten first.
    recent: [u64; WIDE_RUN],
    run_hash: u64,
    long_hash: u64,
    wide_hash: u64,
    /// Words since the last character that was one.
    since_wide: u32,
    quotes: Smallest<QUOTES>,
    runs: u32,
    anywhere: Smallest<ANYWHERE>,
    phrases: Smallest<PHRASES>,
    last_stem: u64,
    head: u64,
    tail: [u64; EDGE],
    features: [i32; DIMENSIONS],
    previous: u64,
}

impl Default for Pass {
    fn default() -> Self {
        Self {
            words: 0,
            recent: [0; WIDE_RUN],
            run_hash: 0,
            long_hash: 0,
            wide_hash: 0,
            since_wide: LONG_RUN as u32,
            quotes: Smallest { kept: [u64::MAX; QUOTES] },
            runs: 0,
            anywhere: Smallest { kept: [u64::MAX; ANYWHERE] },
            phrases: Smallest { kept: [u64::MAX; PHRASES] },
            last_stem: 0,
            head: u64::MAX,
            tail: [u64::MAX; EDGE],
            features: [0; DIMENSIONS],
            previous: 0,
        }
    }
}

impl Pass {
    fn word(&mut self, word: u64, is_wide: bool) {
        self.feature(word);
        if self.words > 0 {
            self.feature(self.previous.wrapping_mul(BASE).rotate_left(23) ^ word);
        }
        self.previous = word;
        let place = self.words as usize % WIDE_RUN;
        let ago = |words: usize| self.recent.get((place + WIDE_RUN - words) % WIDE_RUN).copied().unwrap_or(0);
        let roll = |hash: u64, leaving: u64, power: u64| {
            hash.wrapping_mul(BASE).wrapping_add(word).wrapping_sub(leaving.wrapping_mul(power))
        };
        self.run_hash = roll(self.run_hash, ago(RUN), BASE_POW_RUN);
        self.long_hash = roll(self.long_hash, ago(LONG_RUN), BASE_POW_LONG_RUN);
        self.wide_hash = roll(self.wide_hash, ago(WIDE_RUN), BASE_POW_WIDE_RUN);
        if let Some(slot) = self.recent.get_mut(place) {
            *slot = word;
        }
        self.words += 1;
        self.quote(is_wide);
        if self.words as usize >= RUN {
            self.run(frame(self.run_hash));
        }
    }

    /// Offers the run that ends here as a quote. A run of both kinds of words is none.
    fn quote(&mut self, is_wide: bool) {
        self.since_wide = if is_wide { 0 } else { self.since_wide.saturating_add(1) };
        let long = self.since_wide as usize >= LONG_RUN && self.words as usize >= LONG_RUN;
        if is_wide && self.words as usize >= WIDE_RUN {
            self.quotes.offer(frame(self.wide_hash ^ LONG_SALT));
        } else if long {
            self.quotes.offer(frame(self.long_hash ^ LONG_SALT));
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
        for (slot, hash) in frames.iter_mut().zip(self.anywhere.kept.into_iter().chain([self.head, tail])) {
            *slot = stored(hash, key);
        }
        frames.sort_unstable();
        let frame_count = distinct_prefix(&mut frames);
        TextSketch {
            hash: if text.is_empty() { 0 } else { key.text(text.as_bytes()) },
            words: self.words,
            frames,
            frame_count,
            quotes: all_stored(self.quotes.kept, key),
            phrases: all_stored(self.phrases.kept, key),
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

/// Maps a run to a frame: 63 bits, never zero.
const fn frame(run_hash: u64) -> u64 {
    let hash = mix(run_hash) >> 1;
    if hash == 0 { 1 } else { hash }
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

/// The smallest distinct values offered, ascending.
struct Smallest<const N: usize> {
    kept: [u64; N],
}

impl<const N: usize> Smallest<N> {
    fn offer(&mut self, value: u64) {
        if self.kept.last().is_none_or(|largest| value >= *largest) || self.kept.contains(&value) {
            return;
        }
        let mut carried = value;
        for slot in &mut self.kept {
            if carried < *slot {
                std::mem::swap(slot, &mut carried);
            }
        }
    }
}
