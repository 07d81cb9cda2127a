//! The hash functions of the columnar form.
//!
//! Two are used, and stored values depend on both, so neither may change without a new schema version:
//! xxh3 for text, and MurmurHash3 as the Apache DataSketches Theta sketch applies it for values that are counted
//! distinct, so that a [`crate::Sample`] of them can be read as a Theta sketch by other engines.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;

use xxhash_rust::xxh3::xxh3_64;

/// Seed of the Apache DataSketches library for updates.
const THETA_SEED: u64 = 9001;

/// Hash of a text; zero is never returned, so that zero can stand for "none".
#[must_use]
pub fn text_hash(text: &[u8]) -> u64 {
    xxh3_64(text).max(1)
}

/// Hash of an identifying value: 63 bits, never zero, equal to the hash that a Theta sketch gives the same UTF-8
/// text in Apache DataSketches.
#[must_use]
pub fn value_hash(value: &str) -> u64 {
    in_63_bits(murmur3_x64_128_first(value.as_bytes(), THETA_SEED))
}

/// Hash of several values in order, for tuples. The separator cannot occur in a header or a name.
#[must_use]
pub fn tuple_hash(values: &[&str]) -> u64 {
    value_hash(&values.join("\u{1f}"))
}

/// The form in which hashes are stored: 63 bits, never zero, so that zero can stand for "none".
#[must_use]
pub(crate) fn in_63_bits(hash: u64) -> u64 {
    (hash >> 1).max(1)
}

/// A bijective finaliser: spreads the entropy of `x` over all 64 bits (the finaliser of SplitMix64).
#[must_use]
pub const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A map whose keys are hashes already, which are not hashed again.
pub type HashedMap<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// Takes a 64-bit key as its own hash.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Keys are `u64`; anything else is hashed as text is.
        self.0 = text_hash(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash.rotate_left(1);
    }
}

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

const fn mix_k1(k1: u64) -> u64 {
    k1.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

const fn mix_k2(k2: u64) -> u64 {
    k2.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

const fn finalise(mut k: u64) -> u64 {
    k = (k ^ (k >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    k = (k ^ (k >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ (k >> 33)
}

/// First half of MurmurHash3_x64_128 (Appleby, public domain).
fn murmur3_x64_128_first(bytes: &[u8], seed: u64) -> u64 {
    let (mut h1, mut h2) = (seed, seed);
    let (blocks, tail) = bytes.as_chunks::<16>();
    for block in blocks {
        let halves = u128::from_le_bytes(*block);
        h1 ^= mix_k1(halves as u64);
        h1 = h1.rotate_left(27).wrapping_add(h2).wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 ^= mix_k2((halves >> 64) as u64);
        h2 = h2.rotate_left(31).wrapping_add(h1).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let mut last = 0_u128;
    for (place, byte) in tail.iter().enumerate() {
        last |= u128::from(*byte) << (8 * place);
    }
    h2 ^= mix_k2((last >> 64) as u64);
    h1 ^= mix_k1(last as u64);
    h1 ^= bytes.len() as u64;
    h2 ^= bytes.len() as u64;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    finalise(h1).wrapping_add(finalise(h2))
}
