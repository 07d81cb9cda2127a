//! Logs for the tests.
#![allow(dead_code, reason = "each test uses some of these")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first thing that is not as it should be")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use ledger::Ledger;

/// The record of an index: of any length, and told by the index alone.
pub fn record(index: u64) -> Vec<u8> {
    let length = (index * 31) % 97;
    (0..length).map(|at| (index * 7 + at) as u8).chain(index.to_be_bytes()).collect()
}

/// Adds so many records, in one commit.
pub fn add(root: &Path, count: u64) {
    let mut log = Ledger::open(root).unwrap();
    for _ in 0..count {
        let index = log.size();
        assert_eq!(log.append((index % 5) as u8, &record(index)).unwrap(), index);
    }
    log.commit().unwrap();
}

/// The files below a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let place = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(&file, &place).unwrap();
    }
}
