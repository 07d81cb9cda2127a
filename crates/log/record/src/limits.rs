//! The bounds of blocks and records.

/// Longest record in bytes. A longer one is passed over without being held, and refused.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;
/// What a block aims at; one long record makes it longer.
const BLOCK_BYTES: usize = 1024 * 1024;

/// What a compressed file or a table may unfold to, beside [`UNFOLDED_RATIO`] times its size. Real logs stay below a few hundred
/// times; what is above costs hours and is made for it.
const UNFOLDED_BYTES: u64 = 256 * 1024 * 1024;
/// Twice what gzip can do.
const UNFOLDED_RATIO: u64 = 2048;

/// Why a file is read no further, if so many bytes have unfolded to so many.
pub(crate) fn unfolded_too_far(stored_bytes: u64, unfolded_bytes: u64) -> Option<String> {
    let most = UNFOLDED_BYTES.saturating_add(stored_bytes.saturating_mul(UNFOLDED_RATIO));
    (unfolded_bytes > most).then(|| {
        format!(
            "its {stored_bytes} bytes unfold to more than {UNFOLDED_RATIO} times as many (store it less compressed)"
        )
    })
}

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
