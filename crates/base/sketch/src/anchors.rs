//! Quotes: what of a text is known again when it comes back in another.
//!
//! Only some of a text's words count. They are its *anchors*. The key draws them: on average every third word of four letters
//! or more, and every fourth of the characters that are words of their own. Without the key nobody can tell which. Words of
//! the list `common_words.txt` are no anchors: every text has them, and whoever adds words to a text adds these first.
//!
//! A quote is a run of six anchors, or of ten where they are characters: some fifty words of text, or 75 characters. No word
//! stands twice in a run: texts that repeat the same few words have much in common by chance.
//!
//! Whoever puts a word before every twentieth breaks a run where that word is an anchor. The chance that a run of `n`
//! anchors stays whole depends on `n` and not on how far apart they stand, and strangers are told the same sentence but
//! seldom the same text over its end. So anchors are few and far apart. docs/method.md has what this was chosen by.
//!
//! A run that ends in a character that is a word of its own has ten anchors of any kind; one that holds such a character and
//! ends in another word is none.

use crate::hash::in_63_bits;
use crate::hash::mix;
use crate::key::HashKey;
use crate::smallest::Smallest;
use crate::words::words;

/// The most quotes a text has.
pub const QUOTES: usize = 8;

/// Anchors of a run, and of one of characters that are words of their own.
const RUN: usize = 6;
const WIDE_RUN: usize = 10;
/// Of so many words, and of so many characters that are words of their own, one is an anchor.
const WORDS_AN_ANCHOR: u64 = 3;
const CHARACTERS_AN_ANCHOR: u64 = 4;
/// Bytes of the shortest word that can be an anchor.
const MIN_ANCHOR: usize = 4;

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// Keeps these runs apart from others, and from those of earlier versions.
const SALT: u64 = 0x6669_7665_2066_6172;

const COMMON_WORDS: &str = include_str!("common_words.txt");

/// The hashes under a key of the common words that would be anchors, ascending.
pub(crate) fn common_anchors(key: &HashKey) -> &[u64] {
    key.common_words(|| {
        let mut common = Vec::new();
        words(COMMON_WORDS, key, |word| {
            if word.hash.is_multiple_of(WORDS_AN_ANCHOR) {
                common.push(word.hash);
            }
            true
        });
        common.sort_unstable();
        common.into_boxed_slice()
    })
}

/// The anchors of a text as it is read, and the quotes with the smallest hashes so far.
pub(crate) struct Anchors<'a> {
    common: &'a [u64],
    /// The last `WIDE_RUN` anchors, the oldest first; zero where there was none.
    recent: [u64; WIDE_RUN],
    count: usize,
    /// Anchors since the last character that was one.
    since_wide: usize,
    quotes: Smallest<QUOTES>,
}

impl<'a> Anchors<'a> {
    /// No word yet. `common` is what [`common_anchors`] gives.
    pub(crate) fn new(common: &'a [u64]) -> Self {
        Self { common, recent: [0; WIDE_RUN], count: 0, since_wide: RUN, quotes: Smallest::default() }
    }

    /// The next word: its hash, its bytes, and whether it is a character that is a word of its own. Masked words are never
    /// told.
    pub(crate) fn word(&mut self, word: u64, bytes: usize, is_wide: bool) {
        let is_anchor = if is_wide {
            word.is_multiple_of(CHARACTERS_AN_ANCHOR)
        } else {
            word.is_multiple_of(WORDS_AN_ANCHOR) && bytes >= MIN_ANCHOR && self.common.binary_search(&word).is_err()
        };
        let run = if is_wide { WIDE_RUN } else { RUN };
        if !is_anchor || self.recent.iter().rev().take(run - 1).any(|known| *known == word) {
            return;
        }
        self.recent.rotate_left(1);
        if let Some(newest) = self.recent.last_mut() {
            *newest = word;
        }
        self.count += 1;
        self.since_wide = if is_wide { 0 } else { self.since_wide.saturating_add(1) };
        if self.count >= run && (is_wide || self.since_wide >= RUN) {
            let hash =
                self.recent.iter().rev().take(run).fold(SALT, |hash, anchor| mix(hash ^ anchor).wrapping_mul(BASE));
            self.quotes.offer(in_63_bits(mix(hash)));
        }
    }

    /// The quotes with the smallest hashes, ascending, and then `u64::MAX`.
    pub(crate) const fn quotes(&self) -> [u64; QUOTES] {
        self.quotes.kept()
    }
}
