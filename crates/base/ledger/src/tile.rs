//! Names and contents of tiles (C2SP tlog-tiles).

use crate::error::Error;
use crate::merkle::HASH_BYTES;
use crate::merkle::Hash;

/// Hashes of a full tile, and entries of a full bundle.
pub const WIDTH: u64 = 256;

/// The place of a tile below the log: the hashes at a level, from `index * 256` on. `width` below 256 names a partial tile.
#[must_use]
pub fn tile_path(level: u32, index: u64, width: u64) -> String {
    path(&level.to_string(), index, width)
}

/// The place of the bundle that holds the entries of a tile of level 0.
#[must_use]
pub fn bundle_path(index: u64, width: u64) -> String {
    path("entries", index, width)
}

fn path(level: &str, index: u64, width: u64) -> String {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    let mut path = format!("tile/{level}");
    while let Some(group) = groups.pop() {
        let mark = if groups.is_empty() { "" } else { "x" };
        path.push_str(&format!("/{mark}{group:03}"));
    }
    if width < WIDTH {
        path.push_str(&format!(".p/{width}"));
    }
    path
}

/// How many hashes the tile at a place has in a log of `size` entries; zero where there is no such tile.
pub fn width_of(level: u32, index: u64, size: u64) -> u64 {
    let all = size.checked_shr(8 * level).unwrap_or(0);
    all.saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH)
}

/// The bytes of a tile.
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

/// The hashes of a tile.
pub fn parse_tile(bytes: &[u8]) -> Result<Vec<Hash>, Error> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    if rest.is_empty() { Ok(hashes.to_vec()) } else { Err(Error::malformed("a tile ends within a hash")) }
}

/// The bytes of a bundle: each entry after its length.
pub fn bundle_bytes<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        // Entries of ours are 34 bytes long.
        bytes.extend(u16::try_from(entry.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend(entry);
    }
    bytes
}

/// The entries of a bundle.
pub fn parse_bundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((entry, rest)) = rest.split_at_checked(length) else { break };
        entries.push(entry);
        bytes = rest;
    }
    if bytes.is_empty() { Ok(entries) } else { Err(Error::malformed("a bundle ends within an entry")) }
}
