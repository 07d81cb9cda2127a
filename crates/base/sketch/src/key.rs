//! The key of a deployment's hashes.
//!
//! Whoever knows how a text is hashed can choose texts whose hashes are the smallest, so that they fill every sample; can
//! choose ids that fall together; and can try all telephone numbers until one has a stored hash. A secret key takes all
//! three away. The hash of a value is SipHash-2-4 (Aumasson and Bernstein, 2012) under the key. A text is first brought to
//! 64 bits by a faster hash that is keyed too, and whose values are never stored; SipHash of those is what is stored.

use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::OnceLock;

use sha2::Digest;
use sha2::Sha256;
use siphasher::sip::SipHasher24;
use xxhash_rust::xxh3::Xxh3;
use xxhash_rust::xxh3::xxh3_64_with_secret;

use crate::hash::in_63_bits;
use crate::hash::mix;
use crate::hash::text_hash;
use crate::hash::value_hash;

/// Bytes of a secret.
pub const SECRET_BYTES: usize = 32;

/// Bytes of the secret of xxh3: its own default is as long.
const XXH3_SECRET: usize = 192;

/// What hashes texts and values.
///
/// Two keys of one secret are the same: they give the same text the same hash, in every version of this program and on
/// every machine. Without a secret the hashes are public functions ([`text_hash`], [`value_hash`]): for tables of before
/// there were keys, for tests, and for values that are never stored.
#[derive(Clone, Default)]
pub struct HashKey(Option<Arc<Keys>>);

/// What is derived from a secret.
struct Keys {
    values: SipHasher24,
    runs: SipHasher24,
    texts: Box<[u8; XXH3_SECRET]>,
    /// Where the hash of a word begins.
    word_start: u64,
    /// What the hash of a word is multiplied by for each letter; odd.
    word_factor: u64,
    fingerprint: u64,
    common_words: OnceLock<Box<[u64]>>,
}

/// Hashes of common words under the public functions.
static PUBLIC_COMMON_WORDS: OnceLock<Box<[u64]>> = OnceLock::new();

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "HashKey(secret)" } else { "HashKey(public)" })
    }
}

impl HashKey {
    /// The public functions: anybody can compute these hashes.
    #[must_use]
    pub const fn public() -> Self {
        Self(None)
    }

    /// The key of a secret, which must come from a random source.
    #[must_use]
    pub fn from_secret(secret: &[u8; SECRET_BYTES]) -> Self {
        let mut texts = Box::new([0; XXH3_SECRET]);
        for (part, counter) in texts.chunks_exact_mut(SECRET_BYTES).zip(0_u8..) {
            part.copy_from_slice(&derived(secret, "text", counter));
        }
        let word = derived(secret, "word", 0);
        Self(Some(Arc::new(Keys {
            values: sip(&derived(secret, "value", 0)),
            runs: sip(&derived(secret, "run", 0)),
            texts,
            word_start: word_at(&word, 0),
            word_factor: word_at(&word, 8) | 1,
            fingerprint: word_at(&derived(secret, "fingerprint", 0), 0),
            common_words: OnceLock::new(),
        })))
    }

    /// What tells two keys apart, and nothing else of them: sixteen hexadecimal digits. `None` for the public functions.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        self.0.as_deref().map(|keys| format!("{:016x}", keys.fingerprint))
    }

    /// Hash of a text; never zero, so that zero can stand for "none".
    #[must_use]
    pub fn text(&self, text: &[u8]) -> u64 {
        match self.0.as_deref() {
            None => text_hash(text),
            Some(keys) => under(&keys.runs, xxh3_64_with_secret(text, keys.texts.as_slice())).max(1),
        }
    }

    /// Hashes a text that comes in pieces: the same as [`HashKey::text`] of all of it.
    #[must_use]
    pub fn text_hasher(&self) -> TextHasher<'_> {
        let pieces = self.0.as_deref().map_or_else(Xxh3::new, |keys| Xxh3::with_secret(*keys.texts));
        TextHasher { key: self, pieces }
    }

    /// Hash of an identifying value: 63 bits, never zero.
    #[must_use]
    pub fn value(&self, value: &str) -> u64 {
        match self.0.as_deref() {
            None => value_hash(value),
            Some(keys) => {
                let mut hasher = keys.values;
                hasher.write(value.as_bytes());
                in_63_bits(hasher.finish())
            }
        }
    }

    /// Hash of several values in order. The separator cannot occur in a header or a name.
    #[must_use]
    pub fn tuple(&self, values: &[&str]) -> u64 {
        self.value(&values.join("\u{1f}"))
    }

    /// The stored form of a hash that a keyed pass over a text made: 63 bits, never zero.
    pub(crate) fn run(&self, hash: u64) -> u64 {
        match self.0.as_deref() {
            None => hash,
            Some(keys) => in_63_bits(under(&keys.runs, hash)),
        }
    }

    /// Where the hash of a word begins, and what it is multiplied by for each letter.
    pub(crate) fn word(&self) -> (u64, u64) {
        self.0.as_deref().map_or((0, PUBLIC_WORD_FACTOR), |keys| (keys.word_start, keys.word_factor))
    }

    /// Hashes of common words under this key, which are computed when they are first asked for.
    pub(crate) fn common_words(&self, compute: impl FnOnce() -> Box<[u64]>) -> &[u64] {
        self.0.as_deref().map_or(&PUBLIC_COMMON_WORDS, |keys| &keys.common_words).get_or_init(compute)
    }

    /// A number that only who has the key can tell, from a hash: for draws that nobody may foresee.
    #[must_use]
    pub fn draw(&self, hash: u64) -> u64 {
        self.0.as_deref().map_or_else(|| mix(hash), |keys| under(&keys.values, hash))
    }
}

/// The hash of a text that comes in pieces.
pub struct TextHasher<'a> {
    key: &'a HashKey,
    pieces: Xxh3,
}

impl TextHasher<'_> {
    /// Adds a piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.pieces.update(piece);
    }

    /// The hash of all pieces; never zero.
    #[must_use]
    pub fn finish(&self) -> u64 {
        let hash = self.pieces.digest();
        self.key.0.as_deref().map_or(hash, |keys| under(&keys.runs, hash)).max(1)
    }
}

/// The factor of FNV-1a of 64 bits.
const PUBLIC_WORD_FACTOR: u64 = 0x0100_0000_01b3;

/// SipHash of eight bytes.
fn under(hasher: &SipHasher24, hash: u64) -> u64 {
    let mut hasher = *hasher;
    hasher.write(&hash.to_le_bytes());
    hasher.finish()
}

/// Bytes that only who has the secret can compute: SHA-256 of a label, a number and the secret. All three have one length,
/// or end in a sign that the next does not begin with, so that no two inputs are the same bytes.
fn derived(secret: &[u8; SECRET_BYTES], label: &str, counter: u8) -> [u8; SECRET_BYTES] {
    let hash = Sha256::new().chain_update(b"stillwatch hash key 1: ").chain_update(label).chain_update([0, counter]);
    hash.chain_update(secret).finalize().into()
}

fn sip(key: &[u8; SECRET_BYTES]) -> SipHasher24 {
    SipHasher24::new_with_keys(word_at(key, 0), word_at(key, 8))
}

/// Eight bytes as a number.
fn word_at(bytes: &[u8; SECRET_BYTES], at: usize) -> u64 {
    bytes.iter().skip(at).take(8).rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_gives_the_same_hashes_in_every_version() {
        let key = HashKey::from_secret(&[7; SECRET_BYTES]);
        let told = [key.text(b"write a parser"), key.value("203.0.113.7"), key.run(42), key.draw(42)];
        assert_eq!(
            told,
            [14_589_306_006_612_993_238, 7_882_849_978_421_986_637, 8_493_566_692_268_144_721, 316_121_551_131_644_067]
        );
    }

    #[test]
    fn another_secret_gives_other_hashes() {
        let (one, other) = (HashKey::from_secret(&[1; SECRET_BYTES]), HashKey::from_secret(&[2; SECRET_BYTES]));
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_ne!(one.text(b"a"), other.text(b"a"));
        assert_ne!(one.value("a"), other.value("a"));
        assert_ne!(one.value("a"), value_hash("a"));
        assert_ne!(one.word(), other.word());
        assert_eq!(one.value("a"), HashKey::from_secret(&[1; SECRET_BYTES]).value("a"));
    }

    #[test]
    fn a_text_in_pieces_has_the_hash_of_the_whole() {
        for key in [HashKey::public(), HashKey::from_secret(&[3; SECRET_BYTES])] {
            let mut hasher = key.text_hasher();
            ["one ", "", "two and three"].iter().for_each(|piece| hasher.update(piece.as_bytes()));
            assert_eq!(hasher.finish(), key.text(b"one two and three"));
        }
    }

    #[test]
    fn what_is_printed_of_a_key_is_no_part_of_it() {
        assert_eq!(format!("{:?}", HashKey::from_secret(&[1; SECRET_BYTES])), "HashKey(secret)");
    }
}
