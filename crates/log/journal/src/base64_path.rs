//! The hashes beside a path, in JSON one text: 32 bytes each, in base64.

use ledger::Hash;
use serde::de::Error;

use crate::base64_bytes;

/// The longest path of a tree whose size is a number of 64 bits.
const LONGEST: usize = 64;

pub fn serialize<S: serde::Serializer>(path: &[Hash], serializer: S) -> Result<S::Ok, S::Error> {
    base64_bytes::serialize(path.as_flattened(), serializer)
}

pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
    let bytes: Vec<u8> = base64_bytes::deserialize(deserializer)?;
    let (path, rest) = bytes.as_chunks::<32>();
    match rest.is_empty() && path.len() <= LONGEST {
        true => Ok(path.to_vec()),
        false => Err(D::Error::custom("it is no path of hashes")),
    }
}
