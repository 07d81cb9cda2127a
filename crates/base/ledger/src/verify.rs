//! Reads a whole log, and names everything that is not as it was signed.

use std::fmt;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::checkpoint::Checkpoint;
use crate::commitment::Entry;
use crate::error::Error;
use crate::files::CHECKPOINT;
use crate::files::KEY;
use crate::files::PUBLIC_KEY;
use crate::files::RECORDS;
use crate::files::SALTS;
use crate::files::WITNESSES;
use crate::files::read_at_most;
use crate::merkle::HASH_BYTES;
use crate::merkle::Hash;
use crate::merkle::MemoryTree;
use crate::merkle::Nodes;
use crate::merkle::leaf_hash;
use crate::note::Note;
use crate::note::SigningKey;
use crate::note::VerifyingKey;
use crate::reader::read_salts;
use crate::reader::read_witnesses;
use crate::reader::small;
use crate::records::read_records;
use crate::tile::WIDTH;
use crate::tile::bundle_bytes;
use crate::tile::bundle_path;
use crate::tile::parse_bundle;
use crate::tile::parse_tile;
use crate::tile::tile_path;
use crate::tile::width_of;
use crate::witness::COSIGNED;

/// Faults that are kept; more are counted.
const MAX_FAULTS: usize = 1000;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// A file of the log is not there.
    Missing,
    /// Bytes are not those that were signed.
    Changed,
    /// Entries are those that were signed, in another order.
    Reordered,
    /// The log ends before its head says, or before a head that is known.
    Truncated,
    /// A head, or a key, is not what it must be.
    Signature,
    /// A known head of the same size has other entries: two logs were shown.
    Fork,
    /// The log does not hold the entries that a known, smaller head was signed over: its past was written anew.
    Rewritten,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: a file of the log, or a checkpoint that is known.
    pub place: PathBuf,
    /// What kind of fault.
    pub kind: FaultKind,
    /// In words.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place.display(), self.what)
    }
}

/// A head of the log that somebody kept elsewhere, and what it is called.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its file, or another name.
    pub name: PathBuf,
    /// The head.
    pub note: Note,
}

/// What was looked at, and what was wrong.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// The head, where its signature is right.
    pub checkpoint: Option<Checkpoint>,
    /// Witnesses who signed it.
    pub witnesses: Vec<String>,
    /// Other heads that the log was held to.
    pub known: usize,
    /// Bytes of records that were compared with their entries.
    pub record_bytes: u64,
    /// What was wrong; at most a thousand things.
    pub faults: Vec<Fault>,
}

impl Verified {
    fn tell(&mut self, place: &Path, kind: FaultKind, what: impl fmt::Display) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { place: place.to_owned(), kind, what: what.to_string() });
        }
    }
}

/// Reads everything in the folder of a log. Heads of earlier times that were kept elsewhere show what the log itself cannot:
/// that all of it was signed anew.
///
/// # Errors
/// [`crate::ErrorKind::Io`] where a file cannot be read; [`crate::ErrorKind::NoLog`] is a fault here.
pub fn verify(root: &Path, known: &[Known]) -> Result<Verified, Error> {
    let mut told = Verified::default();
    let Some((checkpoint, key)) = head(root, &mut told)? else { return Ok(told) };
    let size = checkpoint.size;
    let (entries, tree) = leaves(root, &checkpoint, &mut told);
    upper_tiles(root, &tree, &mut told);
    stray_tiles(root, &tree, &entries, &mut told);
    if tree.len() == size && tree.root() == checkpoint.root {
        records(root, &entries, &mut told);
    } else if told.faults.is_empty() {
        told.tell(&root.join(CHECKPOINT), FaultKind::Changed, "the entries are not those that the checkpoint signs");
    }
    let witnesses = read_witnesses(root);
    if let Err(error) = &witnesses {
        told.tell(&root.join(WITNESSES), FaultKind::Changed, error);
    }
    let witnesses = witnesses.unwrap_or_default();
    let mut all = known.to_vec();
    for file in listed(&root.join(COSIGNED)) {
        match small(&file)?.map(|bytes| Note::parse(&bytes)) {
            Some(Ok(note)) => {
                let _ = signatures(&file, &note, &key, &witnesses, &mut told);
                all.push(Known { name: file, note });
            }
            _ => told.tell(&file, FaultKind::Changed, "it is no checkpoint"),
        }
    }
    all.iter().for_each(|known| hold_to(known, &checkpoint, &tree, &key, &mut told));
    told.known = all.len();
    told.checkpoint = Some(checkpoint);
    Ok(told)
}

/// The head and the key that signed it; `None` where there is nothing that the rest could be held to.
fn head(root: &Path, told: &mut Verified) -> Result<Option<(Checkpoint, VerifyingKey)>, Error> {
    let (place, key_place) = (root.join(CHECKPOINT), root.join(PUBLIC_KEY));
    let Some(bytes) = small(&place)? else {
        told.tell(&place, FaultKind::Missing, "the ledger has no checkpoint");
        return Ok(None);
    };
    let key = small(&key_place)?.map(|key| {
        let text = String::from_utf8_lossy(&key).into_owned();
        VerifyingKey::parse(&text).ok().filter(|key| format!("{key}\n") == text)
    });
    let Some(Some(key)) = key else {
        told.tell(&key_place, FaultKind::Signature, "it is missing, or is no key to verify with");
        return Ok(None);
    };
    let note = match Note::parse(&bytes) {
        Ok(note) if note.to_bytes() == bytes => note,
        _ => {
            told.tell(&place, FaultKind::Changed, "it is no signed checkpoint");
            return Ok(None);
        }
    };
    match Checkpoint::open(&note, &key) {
        Ok(checkpoint) => {
            let witnesses = read_witnesses(root).unwrap_or_default();
            told.witnesses = signatures(&place, &note, &key, &witnesses, told);
            match SigningKey::read(&root.join(KEY)) {
                Ok(own) if own.verifying() == key => {}
                // Who looks at a copy of the log has no key to sign with.
                _ if !root.join(KEY).exists() => {}
                _ => told.tell(&root.join(KEY), FaultKind::Signature, "it is not the key that signs the ledger"),
            }
            Ok(Some((checkpoint, key)))
        }
        Err(error) => {
            told.tell(&place, FaultKind::Signature, error);
            Ok(None)
        }
    }
}

/// Looks at the signatures of witnesses under a head, and returns who signed it.
fn signatures(
    place: &Path,
    note: &Note,
    log: &VerifyingKey,
    witnesses: &[VerifyingKey],
    told: &mut Verified,
) -> Vec<String> {
    let mut signed = Vec::new();
    for witness in witnesses {
        match note.is_signed_by(witness) {
            Some(true) => signed.push(witness.name().to_owned()),
            Some(false) => {
                told.tell(
                    place,
                    FaultKind::Signature,
                    format!("the signature of the witness {} is wrong", witness.name()),
                );
            }
            None => {}
        }
    }
    let keys: Vec<VerifyingKey> = witnesses.iter().chain([log]).cloned().collect();
    for name in note.unknown_to(&keys) {
        told.tell(place, FaultKind::Signature, format!("it has a signature of {name:?}, of whom no key is known"));
    }
    signed
}

/// Reads the entries, and compares them with the lowest tiles. Where the two differ, the root says which is right.
fn leaves(root: &Path, head: &Checkpoint, told: &mut Verified) -> (Vec<Vec<u8>>, MemoryTree) {
    let (mut entries, mut of_entries, mut of_tiles) = (Vec::new(), MemoryTree::default(), MemoryTree::default());
    let mut differing = Vec::new();
    for index in 0..head.size.div_ceil(WIDTH) {
        let width = width_of(0, index, head.size);
        let (bundle, tile) = (root.join(bundle_path(index, width)), root.join(tile_path(0, index, width)));
        let most = WIDTH * (u64::from(u16::MAX) + 2);
        let bytes = read_at_most(&bundle, most).unwrap_or(None);
        let hashes = read_at_most(&tile, WIDTH * HASH_BYTES as u64).unwrap_or(None);
        for (file, is_there) in [(&bundle, bytes.is_some()), (&tile, hashes.is_some())] {
            if !is_there {
                told.tell(file, FaultKind::Missing, "it is missing, or longer than it can be");
            }
        }
        let read = bytes.as_deref().map(parse_bundle).and_then(Result::ok).unwrap_or_default();
        let ours: Vec<Hash> = read.iter().map(|entry| leaf_hash(entry)).collect();
        let theirs = hashes.as_deref().map(parse_tile).and_then(Result::ok).unwrap_or_default();
        if ours.len() as u64 != width || ours != theirs {
            differing.push((bundle, tile, ours.clone(), theirs.clone()));
        }
        entries.extend(read.into_iter().map(<[u8]>::to_vec));
        ours.into_iter().for_each(|leaf| of_entries.push(leaf));
        theirs.into_iter().for_each(|leaf| of_tiles.push(leaf));
    }
    let is_right = |tree: &MemoryTree| tree.len() == head.size && tree.root() == head.root;
    for (bundle, tile, mut ours, mut theirs) in differing {
        let place = if is_right(&of_entries) { &tile } else { &bundle };
        let is_short = ours.len() != theirs.len();
        ours.sort_unstable();
        theirs.sort_unstable();
        match (is_short, ours == theirs) {
            (true, _) => told.tell(place, FaultKind::Truncated, "it has not as many entries as the checkpoint signs"),
            (_, true) => told.tell(place, FaultKind::Reordered, "its entries are in another order than was signed"),
            _ => told.tell(place, FaultKind::Changed, "its entries are not those that were signed"),
        }
    }
    let tree = if is_right(&of_entries) || !is_right(&of_tiles) { of_entries } else { of_tiles };
    (entries, tree)
}

/// Compares the tiles above the lowest with the tree.
fn upper_tiles(root: &Path, tree: &MemoryTree, told: &mut Verified) {
    for level in 1..8 {
        let count = tree.len().checked_shr(8 * level).unwrap_or(0);
        for index in 0..count.div_ceil(WIDTH) {
            let width = width_of(level, index, tree.len());
            let place = root.join(tile_path(level, index, width));
            match read_at_most(&place, WIDTH * HASH_BYTES as u64).unwrap_or(None) {
                None => told.tell(&place, FaultKind::Missing, "it is missing, or longer than it can be"),
                Some(bytes) if bytes == expected(tree, level, index, width) => {}
                Some(_) => told.tell(&place, FaultKind::Changed, "its hashes are not those of the tiles below it"),
            }
        }
    }
}

/// The bytes of a tile, from the tree.
fn expected(tree: &MemoryTree, level: u32, index: u64, width: u64) -> Vec<u8> {
    let node = |place| tree.node(8 * level, index * WIDTH + place).unwrap_or_default();
    (0..width).flat_map(node).collect()
}

/// Looks at what else is among the tiles: partial ones of smaller heads must agree, and what is beyond the head belongs to
/// a run that was stopped.
fn stray_tiles(root: &Path, tree: &MemoryTree, entries: &[Vec<u8>], told: &mut Verified) {
    let size = tree.len();
    let mut compare = |place: PathBuf, bytes: &dyn Fn() -> Vec<u8>| match fs::read(&place) {
        Ok(found) if found != bytes() => {
            told.tell(&place, FaultKind::Changed, "it is not what it was when the ledger was that long");
        }
        _ => {}
    };
    for level in 0..8_u32 {
        let count = size.checked_shr(8 * level).unwrap_or(0);
        let index = count / WIDTH;
        for width in 1..count % WIDTH {
            compare(root.join(tile_path(level, index, width)), &|| expected(tree, level, index, width));
        }
    }
    let own = entries.get((size - size % WIDTH) as usize..).unwrap_or_default();
    for width in 1..size % WIDTH {
        let own = || bundle_bytes(own.iter().take(width as usize).map(Vec::as_slice));
        compare(root.join(bundle_path(size / WIDTH, width)), &own);
    }
}

/// Compares the records with the entries.
fn records(root: &Path, entries: &[Vec<u8>], told: &mut Verified) {
    let place = root.join(RECORDS);
    let salts = match read_salts(root) {
        Ok(salts) => salts,
        Err(error) => {
            return told.tell(&root.join(SALTS), FaultKind::Changed, error);
        }
    };
    let mut wrong = Vec::new();
    let mut bytes = 0;
    let read = read_records(&place, entries.len() as u64, &mut |index, record| {
        bytes += record.len() as u64;
        let entry = usize::try_from(index).ok().and_then(|index| entries.get(index));
        let entry = entry.and_then(|entry| Entry::from_bytes(entry).ok());
        if entry.is_none_or(|entry| Entry::of(entry.kind, &salts.of_record(index), record) != entry) {
            wrong.push(index);
        }
        Ok(())
    });
    told.record_bytes = bytes;
    if wrong.len() == entries.len() && !wrong.is_empty() {
        told.tell(&root.join(SALTS), FaultKind::Changed, "no record opens: it is not the key of the salts");
    } else {
        for index in wrong {
            told.tell(&place, FaultKind::Changed, format!("record {index} is not the one that was committed to"));
        }
    }
    if let Err(error) = read {
        told.tell(&place, FaultKind::Truncated, error);
    }
}

/// Holds the log to a head of another time.
fn hold_to(known: &Known, head: &Checkpoint, tree: &MemoryTree, key: &VerifyingKey, told: &mut Verified) {
    let other = match Checkpoint::open(&known.note, key) {
        Ok(other) => other,
        Err(error) => return told.tell(&known.name, FaultKind::Signature, error),
    };
    if other.size > head.size {
        let what = format!("it was signed over {} entries, and the ledger has {}", other.size, head.size);
        told.tell(&known.name, FaultKind::Truncated, what);
    } else if other.size == head.size && other.root != head.root {
        told.tell(
            &known.name,
            FaultKind::Fork,
            format!("it was signed over {} other entries: two logs were shown", head.size),
        );
    } else if tree.root_of(other.size) != other.root {
        let what =
            format!("the first {} entries were others when it was signed: the past was written anew", other.size);
        told.tell(&known.name, FaultKind::Rewritten, what);
    }
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}
