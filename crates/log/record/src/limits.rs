//! The bounds of blocks and records.

/// Longest record in bytes. A longer one is passed over without being held, and refused.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;
/// What a block aims at; one long record makes it longer.
const BLOCK_BYTES: usize = 1024 * 1024;

/// The two sizes that tests make small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) block_bytes: usize,
    pub(crate) max_record_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { block_bytes: BLOCK_BYTES, max_record_bytes: MAX_RECORD_BYTES }
    }
}

/// The reject for a record beyond its bound.
pub(crate) fn too_long(bytes: u64, bound: usize) -> String {
    format!("the record of {bytes} bytes is longer than the bound of {bound} (cut its texts, or leave out its media)")
}
