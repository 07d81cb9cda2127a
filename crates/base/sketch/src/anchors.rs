//! Quotes: what of a text is known again when it comes back in another.
//!
//! Of a text's words only some count, the *anchors*: words of four letters or more, and characters that are words of
//! their own, whose hash under the key is even. A quote is a run of twelve anchors, or of 24 characters: some forty words of
//! text, or 48 characters. Words that are put between, taken out or changed matter only where they are anchors, and which
//! words are, nobody can tell without the key: a number or a short word before every tenth one changes nothing.
//!
//! Runs of six words coincide by habit of speech, and runs of twelve by boilerplate. A run of eight anchors may lie in one
//! sentence, and strangers are told the same sentence; one of twelve goes over its end. A run that ends in a character that
//! is a word of its own has 24 anchors of any kind; one that holds such a character and ends in another word is none.

use crate::hash::in_63_bits;
use crate::hash::mix;
use crate::smallest::Smallest;

/// The most quotes a text has.
pub const QUOTES: usize = 8;

/// Anchors of a run, and of one of characters that are words of their own.
const RUN: usize = 12;
const WIDE_RUN: usize = 24;
/// Bytes of the shortest word that can be an anchor.
const MIN_ANCHOR: usize = 4;

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const BASE_POW_RUN: u64 = {
    let fourth = BASE.wrapping_mul(BASE).wrapping_mul(BASE).wrapping_mul(BASE);
    fourth.wrapping_mul(fourth).wrapping_mul(fourth)
};
const BASE_POW_WIDE_RUN: u64 = BASE_POW_RUN.wrapping_mul(BASE_POW_RUN);
/// Keeps these runs apart from others.
const SALT: u64 = 0x6c6f_6e67_2072_756e;

/// The anchors of a text as it is read, and the quotes with the smallest hashes so far.
pub(crate) struct Anchors {
    /// The last `WIDE_RUN` anchors, oldest overwritten first.
    recent: [u64; WIDE_RUN],
    count: u32,
    run_hash: u64,
    wide_hash: u64,
    /// Anchors since the last character that was one.
    since_wide: u32,
    quotes: Smallest<QUOTES>,
}

impl Default for Anchors {
    fn default() -> Self {
        Self {
            recent: [0; WIDE_RUN],
            count: 0,
            run_hash: 0,
            wide_hash: 0,
            since_wide: RUN as u32,
            quotes: Smallest::default(),
        }
    }
}

impl Anchors {
    /// The next word: its hash, its bytes, and whether it is a character that is a word of its own. Masked words are never
    /// told.
    pub(crate) fn word(&mut self, word: u64, bytes: usize, is_wide: bool) {
        if word & 1 == 1 || (bytes < MIN_ANCHOR && !is_wide) {
            return;
        }
        let place = self.count as usize % WIDE_RUN;
        let ago = |anchors: usize| self.recent.get((place + WIDE_RUN - anchors) % WIDE_RUN).copied().unwrap_or(0);
        let roll = |hash: u64, leaving: u64, power: u64| {
            hash.wrapping_mul(BASE).wrapping_add(word).wrapping_sub(leaving.wrapping_mul(power))
        };
        self.run_hash = roll(self.run_hash, ago(RUN), BASE_POW_RUN);
        self.wide_hash = roll(self.wide_hash, ago(WIDE_RUN), BASE_POW_WIDE_RUN);
        if let Some(slot) = self.recent.get_mut(place) {
            *slot = word;
        }
        self.count += 1;
        self.since_wide = if is_wide { 0 } else { self.since_wide.saturating_add(1) };
        if is_wide && self.count as usize >= WIDE_RUN {
            self.quotes.offer(in_63_bits(mix(self.wide_hash ^ SALT)));
        } else if self.since_wide as usize >= RUN && self.count as usize >= RUN {
            self.quotes.offer(in_63_bits(mix(self.run_hash ^ SALT)));
        }
    }

    /// The quotes with the smallest hashes, ascending, and then `u64::MAX`.
    pub(crate) const fn quotes(&self) -> [u64; QUOTES] {
        self.quotes.kept()
    }
}
