//! The Merkle tree of RFC 6962, section 2.1: hashes, roots, inclusion and consistency proofs.

use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;
use crate::error::ErrorKind;

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash.
pub type Hash = [u8; HASH_BYTES];

/// The hash of an entry. It cannot be that of two hashes: the prefix differs.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of two hashes.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without entries.
pub(crate) fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Where the hashes of complete subtrees are found.
pub trait Nodes {
    /// The hash of the `2^height` entries from `index * 2^height` on, all of which are there.
    ///
    /// # Errors
    /// [`Error`] where it cannot be read.
    fn node(&self, height: u32, index: u64) -> Result<Hash, Error>;
}

/// The largest power of two below a number of entries, of which there are two or more.
const fn split(entries: u64) -> u64 {
    1 << (u64::BITS - 1 - (entries - 1).leading_zeros())
}

/// The hash of the entries from one on, up to another that is left out.
fn range_hash(nodes: &impl Nodes, from: u64, to: u64) -> Result<Hash, Error> {
    match to.saturating_sub(from) {
        0 => Ok(empty_root()),
        entries if entries.is_power_of_two() => {
            let height = entries.trailing_zeros();
            nodes.node(height, from >> height)
        }
        entries => {
            let middle = from + split(entries);
            Ok(node_hash(&range_hash(nodes, from, middle)?, &range_hash(nodes, middle, to)?))
        }
    }
}

/// The root of the first `size` entries.
///
/// # Errors
/// As [`Nodes::node`].
pub fn root(nodes: &impl Nodes, size: u64) -> Result<Hash, Error> {
    range_hash(nodes, 0, size)
}

/// The hashes by which an entry is shown to be in the tree of the first `size` entries, from its neighbour up.
///
/// # Errors
/// [`ErrorKind::OutOfRange`] where it is not; as [`Nodes::node`].
pub fn inclusion_proof(nodes: &impl Nodes, index: u64, size: u64) -> Result<Vec<Hash>, Error> {
    if index >= size {
        let text = format!("entry {index} is not among the first {size} entries of the log");
        return Err(Error::new(ErrorKind::OutOfRange, text));
    }
    let (mut from, mut to) = (0, size);
    let mut proof = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(range_hash(nodes, middle, to)?);
            to = middle;
        } else {
            proof.push(range_hash(nodes, from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes by which the tree of the first `size` entries is shown to go on from that of the first `old`.
///
/// # Errors
/// [`ErrorKind::OutOfRange`] where `old` is zero or more than `size`; as [`Nodes::node`].
pub fn consistency_proof(nodes: &impl Nodes, old: u64, size: u64) -> Result<Vec<Hash>, Error> {
    if old == 0 || old > size {
        let text = format!("there is no proof that {size} entries go on from {old} (give a size from 1 to {size})");
        return Err(Error::new(ErrorKind::OutOfRange, text));
    }
    let (mut from, mut to) = (0, size);
    let mut is_known = true;
    let mut proof = Vec::new();
    while to != old {
        let middle = from + split(to - from);
        if old <= middle {
            proof.push(range_hash(nodes, middle, to)?);
            to = middle;
        } else {
            proof.push(range_hash(nodes, from, middle)?);
            from = middle;
            is_known = false;
        }
    }
    if !is_known {
        proof.push(range_hash(nodes, from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether a proof shows that the entry of a hash is at an index of the tree with a root (RFC 9162, section 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            // An odd place has none. One that is zero is the last only where the tree ends, which was asked before.
            let up = place.trailing_zeros();
            (place, last) = (place >> up, last >> up);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether a proof shows that the tree of `size` entries goes on from that of `old` (RFC 9162, section 2.1.4.2).
#[must_use]
pub fn verify_consistency(old: u64, old_root: &Hash, size: u64, root: &Hash, proof: &[Hash]) -> bool {
    if old == size {
        return proof.is_empty() && old_root == root;
    }
    if old == 0 || old > size {
        return false;
    }
    let mut rest = proof.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { rest.next() };
    let Some(first) = first else { return false };
    let (mut place, mut last) = (old - 1, size - 1);
    let shift = place.trailing_ones();
    (place, last) = (place >> shift, last >> shift);
    let (mut before, mut after) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            before = node_hash(hash, &before);
            after = node_hash(hash, &after);
            let up = place.trailing_zeros();
            (place, last) = (place >> up, last >> up);
        } else {
            after = node_hash(&after, hash);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && before == *old_root && after == *root
}

/// A tree in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    /// The hashes of complete subtrees, by their heights.
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// A tree of entries that are hashed already.
    #[must_use]
    pub fn of(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut tree = Self::default();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }

    /// Adds the hash of an entry.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for height in 0.. {
            if self.levels.len() == height {
                self.levels.push(Vec::new());
            }
            let Some(level) = self.levels.get_mut(height) else { return };
            level.push(hash);
            match level.as_slice() {
                [.., left, right] if level.len() % 2 == 0 => hash = node_hash(left, right),
                _ => return,
            }
        }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The root of the first `size` entries; of all of them where there are fewer.
    #[must_use]
    pub fn root_of(&self, size: u64) -> Hash {
        // Every node below a size is there.
        root(self, size.min(self.len())).unwrap_or_else(|_| empty_root())
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root_of(self.len())
    }
}

impl Nodes for MemoryTree {
    fn node(&self, height: u32, index: u64) -> Result<Hash, Error> {
        let level = self.levels.get(height as usize);
        let hash = usize::try_from(index).ok().and_then(|index| level?.get(index));
        hash.copied().ok_or_else(|| Error::new(ErrorKind::OutOfRange, "the tree has no such node"))
    }
}
