//! A text as words.
//!
//! *Words* are runs of letters and underscores, folded (`letters`); every word with a digit is the same masked word, and
//! so is every word of more than 40 bytes, so that numbers, ids and encoded data do not tell two texts apart. A character
//! of three or more bytes is a word of its own, since scripts that use them rarely put spaces between words.

use crate::hash::mix;
use crate::key::HashKey;
use crate::letters::Letters;

/// Letters of a stem.
const STEM: usize = 6;
/// Bytes of the shortest word that has a stem.
const MIN_STEM: usize = 4;
const LONGEST_WORD: usize = 40;
const MASKED: u64 = 0x5bd1_e995_97f4_a7c5;

/// A word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    /// Its hash under the key.
    pub(crate) hash: u64,
    /// Bytes of its letters.
    pub(crate) bytes: usize,
    /// Whether it is a character that is a word of its own.
    pub(crate) is_wide: bool,
    /// Whether the hash says nothing but that a number, an id or data stood here.
    pub(crate) is_masked: bool,
    /// The hash of its first letters, if it is long enough and not masked.
    pub(crate) stem: Option<u64>,
}

/// Calls `sink` with each word of a text, until it says that it wants no more. Linear in the text; allocates nothing.
pub(crate) fn words(text: &str, key: &HashKey, mut sink: impl FnMut(Word) -> bool) {
    let mut reading = Reading::new(key);
    let bytes = text.as_bytes();
    let mut skip = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let wants_more = if byte.is_ascii() {
            reading.ascii(byte, &mut sink)
        } else {
            let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { continue };
            skip = character.len_utf8() - 1;
            Letters::of(character).as_bytes().iter().all(|byte| reading.folded(*byte, &mut sink))
        };
        if !wants_more {
            return;
        }
    }
    reading.finish(&mut sink);
}

/// The word that is being read.
struct Reading {
    start: u64,
    factor: u64,
    /// What stands for a word with a digit, and for a long one.
    masked: u64,
    hash: u64,
    /// The hash after the first letters.
    stem: u64,
    bytes: usize,
    has_digit: bool,
    is_wide: bool,
}

impl Reading {
    fn new(key: &HashKey) -> Self {
        let (start, factor) = key.word();
        Self { start, factor, masked: MASKED ^ start, hash: start, stem: 0, bytes: 0, has_digit: false, is_wide: false }
    }

    fn ascii(&mut self, byte: u8, sink: &mut impl FnMut(Word) -> bool) -> bool {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let wants_more = !self.is_wide || self.finish(sink);
                self.push(byte.to_ascii_lowercase());
                wants_more
            }
            b'0'..=b'9' => {
                self.has_digit = true;
                self.bytes += 1;
                true
            }
            _ => self.finish(sink),
        }
    }

    fn folded(&mut self, byte: u8, sink: &mut impl FnMut(Word) -> bool) -> bool {
        let wants_more = match byte {
            0..=0x7f => return self.ascii(byte, sink),
            // The first byte of a character of three or four bytes starts a word of its own.
            0xe0..=0xff => {
                let wants_more = self.finish(sink);
                self.is_wide = true;
                wants_more
            }
            0xc0..=0xdf if self.is_wide => self.finish(sink),
            _ => true,
        };
        self.push(byte);
        wants_more
    }

    fn push(&mut self, byte: u8) {
        self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(self.factor).rotate_left(5);
        self.bytes += 1;
        if self.bytes <= STEM {
            self.stem = self.hash;
        }
    }

    fn finish(&mut self, sink: &mut impl FnMut(Word) -> bool) -> bool {
        if self.bytes == 0 {
            return true;
        }
        let is_masked = self.has_digit || self.bytes > LONGEST_WORD;
        let has_stem = !is_masked && (self.bytes >= MIN_STEM || self.is_wide);
        let word = Word {
            hash: if is_masked { self.masked } else { mix(self.hash) },
            bytes: self.bytes,
            is_wide: self.is_wide,
            is_masked,
            stem: has_stem.then_some(self.stem),
        };
        *self = Self { hash: self.start, stem: 0, bytes: 0, has_digit: false, is_wide: false, ..*self };
        sink(word)
    }
}
