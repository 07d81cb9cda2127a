//! Files that the command line names. Only regular files are read, and up to a bound: a pipe or a device may never end.

use std::io;
use std::path::Path;

/// The longest file of settings, keys, notes or texts, in bytes.
const MAX_SMALL_BYTES: u64 = 16 << 20;

/// The longest file of results or evidence, in bytes.
const MAX_LARGE_BYTES: u64 = 4 << 30;

/// The text of a file of settings, a map, a key.
pub fn text(path: &Path) -> io::Result<String> {
    record::read_text_file(path, MAX_SMALL_BYTES)
}

/// The bytes of a note, a certificate, a time-stamp.
pub fn small(path: &Path) -> io::Result<Vec<u8>> {
    record::read_file(path, MAX_SMALL_BYTES)
}

/// The bytes of an archive, or of a file of results.
pub fn large(path: &Path) -> io::Result<Vec<u8>> {
    record::read_file(path, MAX_LARGE_BYTES)
}

/// The text of a file of results.
pub fn large_text(path: &Path) -> io::Result<String> {
    record::read_text_file(path, MAX_LARGE_BYTES)
}
