//! The form of an archive: what is in it, under which names.

use serde::Deserialize;
use serde::Serialize;

/// Version of the form.
pub const VERSION: u32 = 1;
/// The first file of an archive.
pub const HEAD: &str = "backup.json";
/// The last file of an archive.
pub const SUMS: &str = "SHA256SUMS";
/// What the names of the data directory's files begin with.
pub const DATA: &str = "data/";
/// The longest first file, in bytes.
pub const MAX_HEAD_BYTES: u64 = 64 << 10;
/// Files that an archive has at most.
pub const MAX_FILES: usize = 4_000_000;
/// The longest name, in bytes: what a tar archive without extensions takes.
pub const MAX_NAME_BYTES: usize = 255;

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// `stillwatch backup`.
    pub format: String,
    /// Version of the form.
    pub version: u32,
    /// Version of the program that made it.
    pub program: String,
    /// When it was begun, RFC 3339.
    pub made_at: String,
    /// Files of the data directory that hold keys and were left out.
    pub left_out: Vec<String>,
}

/// What [`Head::format`] says.
pub const FORMAT: &str = "stillwatch backup";

/// Whether a name is one of a file below a folder that an archive may hold. No part of it is empty, begins with a dot, or has
/// characters that a terminal or `sha256sum` reads otherwise.
pub fn is_plain(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.');
    let is_shown = |c: char| !c.is_control() && c != '\\';
    name.len() + DATA.len() <= MAX_NAME_BYTES && name.chars().all(is_shown) && name.split('/').all(is_part)
}

/// The digests of files, in the form that `sha256sum` reads.
#[derive(Debug, Default)]
pub struct Sums(String);

impl Sums {
    /// Adds a file.
    pub fn push(&mut self, name: &str, digest: &[u8]) {
        self.0.extend(digest.iter().map(|byte| format!("{byte:02x}")));
        self.0.push_str("  ");
        self.0.push_str(name);
        self.0.push('\n');
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The name of the first file of which another text says something else; `None` where only the ends differ.
    pub fn differs(&self, other: &[u8]) -> Option<&str> {
        let mut others = other.split(|byte| *byte == b'\n');
        let line = self.0.lines().find(|line| others.next() != Some(line.as_bytes()))?;
        line.split_once("  ").map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_none() {
        for name in ["secret", "ledger/tile/0/000.p/7", "exchange/v4/day=2026-04-22/shard=03/part-0.parquet", "é"] {
            assert!(is_plain(name), "{name}");
        }
        let long = "x".repeat(MAX_NAME_BYTES);
        for name in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".lock", "a/.pending", "a\nb", "a\\b", &long] {
            assert!(!is_plain(name), "{name:?}");
        }
    }

    #[test]
    fn the_first_file_that_differs_is_named() {
        let mut sums = Sums::default();
        sums.push("one", &[1; 32]);
        sums.push("two", &[2; 32]);
        let text = sums.as_bytes().to_vec();
        assert_eq!(sums.differs(&text), None);
        let changed = String::from_utf8(text).unwrap().replacen("0202", "0203", 1);
        assert_eq!(sums.differs(changed.as_bytes()), Some("two"));
    }
}
