//! The right edge of the tree: what has to be known to add entries.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::merkle::Hash;
use crate::merkle::MemoryTree;
use crate::merkle::empty_root;
use crate::merkle::node_hash;
use crate::tile::WIDTH;
use crate::tile::bundle_path;
use crate::tile::parse_bundle;
use crate::tile::parse_tile;
use crate::tile::tile_path;

/// A tile that became full: its level, its index, its hashes.
pub type FullTile = (u32, u64, Vec<Hash>);

/// The tiles that are not full, and the entries of the last of them.
#[derive(Debug, Default)]
pub struct Edge {
    pub size: u64,
    /// By level.
    pub tiles: Vec<Vec<Hash>>,
    /// Entries of the partial bundle.
    pub entries: Vec<Vec<u8>>,
}

impl Edge {
    /// Reads that of a log of a size.
    pub fn read(root: &Path, size: u64) -> Result<Self, Error> {
        let mut edge = Self { size, ..Self::default() };
        let mut count = size;
        for level in 0.. {
            if count == 0 {
                break;
            }
            let (index, width) = (count / WIDTH, count % WIDTH);
            let hashes = if width == 0 {
                Vec::new()
            } else {
                let path = root.join(tile_path(level, index, width));
                let hashes = parse_tile(&fs::read(&path).map_err(Error::read(&path))?)?;
                if hashes.len() as u64 != width {
                    return Err(Error::damaged(&path, format!("it must have {width} hashes")));
                }
                hashes
            };
            edge.tiles.push(hashes);
            count /= WIDTH;
        }
        if !size.is_multiple_of(WIDTH) {
            let path = root.join(bundle_path(size / WIDTH, size % WIDTH));
            let bytes = fs::read(&path).map_err(Error::read(&path))?;
            edge.entries = parse_bundle(&bytes)?.into_iter().map(<[u8]>::to_vec).collect();
        }
        Ok(edge)
    }

    /// Adds an entry's hash; the tiles that it fills are handed to `full`.
    pub fn push(&mut self, leaf: Hash, full: &mut dyn FnMut(FullTile) -> Result<(), Error>) -> Result<(), Error> {
        self.size += 1;
        let mut hash = leaf;
        for (level, place) in (0_u32..).zip(0_usize..) {
            if self.tiles.len() == place {
                self.tiles.push(Vec::new());
            }
            let Some(tile) = self.tiles.get_mut(place) else { break };
            tile.push(hash);
            if (tile.len() as u64) < WIDTH {
                break;
            }
            let hashes = std::mem::take(tile);
            hash = MemoryTree::of(hashes.iter().copied()).root();
            let index = self.size.checked_shr(8 * (level + 1)).unwrap_or(0).saturating_sub(1);
            full((level, index, hashes))?;
        }
        Ok(())
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        let mut root = None;
        for tile in &self.tiles {
            let mut rest = tile.as_slice();
            let mut peaks = Vec::new();
            while let Some(bits) = rest.len().checked_ilog2() {
                let (peak, right) = rest.split_at(1 << bits);
                peaks.push(MemoryTree::of(peak.iter().copied()).root());
                rest = right;
            }
            for peak in peaks.iter().rev() {
                root = Some(root.map_or(*peak, |right| node_hash(peak, &right)));
            }
        }
        root.unwrap_or_else(empty_root)
    }
}
