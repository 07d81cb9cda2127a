//! Salts from one secret key, any of which can be given up for good.
//!
//! A commitment without a salt tells everybody who can guess its record that the guess is right. Salts that come from one key
//! need no room; but what was committed under a key that is kept can never be forgotten. Here the key of a name is found by
//! sixteen steps down a tree of keys, each step a hash of the key above it and four bits of the hashed name (Goldreich,
//! Goldwasser and Micali, 1986). To forget one name, the root is replaced by the keys beside the path to it: all other names
//! keep their keys, and nobody can find that of the forgotten one any more. `docs/ledger.md` says when that is done.

use std::fmt;

use sha2::Digest;
use sha2::Sha256;

/// Bytes of a salt and of its key.
pub const SALT_BYTES: usize = 32;

/// Steps from the root to the key of a name, of four bits each.
const STEPS: u32 = 16;

/// Finds the salts of names.
#[derive(Clone)]
pub struct Salts([u8; SALT_BYTES]);

impl fmt::Debug for Salts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salts(..)")
    }
}

impl Salts {
    /// Those under a key, which must be random and secret.
    #[must_use]
    pub const fn under(key: [u8; SALT_BYTES]) -> Self {
        Self(key)
    }

    /// The salt of a name. `label` keeps names of different kinds apart.
    #[must_use]
    pub fn of(&self, label: u8, name: &[u8]) -> [u8; SALT_BYTES] {
        let place = Sha256::new().chain_update([label]).chain_update(name).finalize();
        let place = place.iter().take(8).fold(0_u64, |place, byte| place << 8 | u64::from(*byte));
        (0..STEPS).fold(self.0, |key, step| {
            let turn = (place >> (4 * (STEPS - 1 - step))) & 15;
            derive(b"stillwatch salt 1", &key, &[turn as u8])
        })
    }
}

/// A key below another: one hash of a label, the key and what tells it apart.
fn derive(label: &[u8], key: &[u8; SALT_BYTES], what: &[u8]) -> [u8; SALT_BYTES] {
    Sha256::new().chain_update(label).chain_update(key).chain_update(what).finalize().into()
}
