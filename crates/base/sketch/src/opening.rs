//! What a conversation begins with, in a form that is known again when the same words are set anew.

use crate::hash::in_63_bits;
use crate::hash::mix;
use crate::key::HashKey;
use crate::words::words;

/// Words of a turn that are looked at.
const WORDS_A_TURN: u32 = 400;

/// Letters, in bytes, that the answering side has said before a beginning is told from others.
const MIN_LETTERS: usize = 64;

/// Keeps these hashes apart from others of the same words.
const SALT: u64 = 0x6f70_656e_696e_6721;

/// The beginning of a conversation: its turns in order, up to the one with which the answering side has said enough.
///
/// It is told by its words (`words`), without those that are masked, so that other spaces, numbers, letters that look alike and
/// marks leave it as it is. One other word makes it another: the quotes of what was answered, of which a text has several, are
/// what survives that.
pub struct Opening<'a> {
    key: &'a HashKey,
    letters: usize,
    hash: u64,
}

impl<'a> Opening<'a> {
    /// One without turns.
    #[must_use]
    pub fn new(key: &'a HashKey) -> Self {
        Self { key, letters: 0, hash: SALT }
    }

    /// Adds a turn: its text, and whether it was an answer. The hash of the beginning if it is complete with that: 63 bits,
    /// never zero.
    pub fn add(&mut self, text: &str, is_answer: bool) -> Option<u64> {
        let mut left = WORDS_A_TURN;
        words(text, self.key, |word| {
            if word.is_masked {
                return true;
            }
            self.letters += if is_answer { word.bytes } else { 0 };
            self.hash = mix(self.hash.rotate_left(7) ^ word.hash);
            left -= 1;
            left > 0
        });
        self.hash = mix(self.hash ^ SALT);
        (is_answer && self.letters >= MIN_LETTERS).then(|| self.key.run(in_63_bits(self.hash)))
    }
}
