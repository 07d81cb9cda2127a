//! What a small file is that costs much to read.

use std::io;
use std::path::Path;

/// Writes a file to a path.
pub type WriteFile = fn(&Path) -> io::Result<()>;

/// A file that is small and costs much: its name and what writes it.
pub struct Bomb {
    /// Name of the file.
    pub name: &'static str,
    /// Writes it to a path.
    pub write: WriteFile,
}
