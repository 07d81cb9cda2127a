//! Reads a log: its head, entries, records, and proofs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::checkpoint::Checkpoint;
use crate::commitment::ENTRY_BYTES;
use crate::commitment::Entry;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::files::CHECKPOINT;
use crate::files::PUBLIC_KEY;
use crate::files::RECORDS;
use crate::files::SALTS;
use crate::files::WITNESSES;
use crate::files::read_at_most;
use crate::merkle::Hash;
use crate::merkle::MemoryTree;
use crate::merkle::Nodes;
use crate::merkle::consistency_proof;
use crate::merkle::inclusion_proof;
use crate::note::Note;
use crate::note::VerifyingKey;
use crate::proof::LogProof;
use crate::records::RecordSink;
use crate::records::read_record;
use crate::records::read_records;
use crate::salts::SALT_BYTES;
use crate::salts::Salts;
use crate::tile::WIDTH;
use crate::tile::bundle_path;
use crate::tile::parse_bundle;
use crate::tile::parse_tile;
use crate::tile::tile_path;
use crate::tile::width_of;

/// The longest of the small files.
pub const MAX_SMALL: u64 = 1 << 16;

/// Tiles that are remembered.
const MAX_TILES: usize = 1024;

/// A log as its checkpoint was when it was opened. Entries that come later change nothing here.
#[derive(Debug)]
pub struct Reader {
    root: PathBuf,
    note: Note,
    checkpoint: Checkpoint,
    key: VerifyingKey,
    tiles: RefCell<HashMap<(u32, u64), MemoryTree>>,
}

impl Reader {
    /// Opens the log in a folder and checks the signature of its head.
    ///
    /// # Errors
    /// [`ErrorKind::NoLog`] where there is none; [`ErrorKind::Damaged`] where the head is not that of the key beside it.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let no_log = || Error::new(ErrorKind::NoLog, format!("there is no ledger in {}", root.display()));
        let note = small(&root.join(CHECKPOINT))?.ok_or_else(no_log)?;
        let key = small(&root.join(PUBLIC_KEY))?.ok_or_else(no_log)?;
        let key = VerifyingKey::parse(&String::from_utf8_lossy(&key))?;
        let note = Note::parse(&note)?;
        let checkpoint = Checkpoint::open(&note, &key)?;
        Ok(Self { root: root.to_owned(), note, checkpoint, key, tiles: RefCell::default() })
    }

    /// The head.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The head with its signatures.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// What checks the log's signature.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The keys of the witnesses who cosigned a head of this log.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] where the list is damaged.
    pub fn witnesses(&self) -> Result<Vec<VerifyingKey>, Error> {
        read_witnesses(&self.root)
    }

    /// An entry.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`], [`ErrorKind::Damaged`].
    pub fn entry(&self, index: u64) -> Result<[u8; ENTRY_BYTES], Error> {
        let (tile, place) = (index / WIDTH, (index % WIDTH) as usize);
        let width = width_of(0, tile, self.checkpoint.size);
        if place as u64 >= width {
            let text = format!("the ledger has {} entries, and none of number {index}", self.checkpoint.size);
            return Err(Error::new(ErrorKind::OutOfRange, text));
        }
        let (path, bytes) = self.read_wide(width, &|width| bundle_path(tile, width))?;
        let entries = parse_bundle(&bytes).map_err(|error| Error::damaged(&path, error))?;
        let entry = entries.get(place).and_then(|entry| (*entry).try_into().ok());
        entry.ok_or_else(|| Error::damaged(&path, format!("it has no entry of number {index}")))
    }

    /// The record behind an entry, checked against it, and its salt.
    ///
    /// # Errors
    /// As [`Reader::entry`]; [`ErrorKind::Damaged`] where the record is not the one that was committed to.
    pub fn record(&self, index: u64) -> Result<(Vec<u8>, [u8; SALT_BYTES]), Error> {
        let entry = Entry::from_bytes(&self.entry(index)?)?;
        let path = self.root.join(RECORDS);
        let record = read_record(&path, index)?;
        let salt = self.salts()?.of_record(index);
        if Entry::of(entry.kind, &salt, &record) != entry {
            return Err(Error::damaged(&path, format!("record {index} is not the one that was committed to")));
        }
        Ok((record, salt))
    }

    /// Hands every record with its index to `sink`, in order. They are not checked; [`crate::verify`] does that.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] where the file is cut; what `sink` says.
    pub fn for_each_record(&self, sink: &mut RecordSink<'_>) -> Result<(), Error> {
        read_records(&self.root.join(RECORDS), self.checkpoint.size, sink).map(drop)
    }

    /// The kinds of all entries, in order.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`].
    pub fn kinds(&self) -> Result<Vec<u8>, Error> {
        let mut kinds = Vec::new();
        for tile in 0..self.checkpoint.size.div_ceil(WIDTH) {
            let width = width_of(0, tile, self.checkpoint.size);
            let (path, bytes) = self.read_wide(width, &|width| bundle_path(tile, width))?;
            let entries = parse_bundle(&bytes).map_err(|error| Error::damaged(&path, error))?;
            for entry in entries.iter().take(width as usize) {
                kinds.push(Entry::from_bytes(entry).map_err(|error| Error::damaged(&path, error))?.kind);
            }
        }
        Ok(kinds)
    }

    /// What salts the records and what is below them.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] where the key is missing or damaged.
    pub fn salts(&self) -> Result<Salts, Error> {
        read_salts(&self.root)
    }

    /// Shows that an entry is in the log.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`], [`ErrorKind::Damaged`].
    pub fn prove(&self, index: u64) -> Result<LogProof, Error> {
        let path = inclusion_proof(self, index, self.checkpoint.size)?;
        Ok(LogProof { index, path, checkpoint: self.note.clone() })
    }

    /// Shows that the log goes on from what it was at a size.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`], [`ErrorKind::Damaged`].
    pub fn prove_consistency(&self, old: u64) -> Result<Vec<Hash>, Error> {
        consistency_proof(self, old, self.checkpoint.size)
    }

    /// Reads a partial file, or the full one that took its place since.
    fn read_wide(&self, width: u64, name: &dyn Fn(u64) -> String) -> Result<(PathBuf, Vec<u8>), Error> {
        let (partial, full) = (self.root.join(name(width)), self.root.join(name(WIDTH)));
        match fs::read(&partial) {
            Ok(bytes) => Ok((partial, bytes)),
            Err(_) if width < WIDTH && full.is_file() => fs::read(&full).map_err(Error::read(&full)).map(|b| (full, b)),
            Err(error) => Err(Error::read(&partial)(error)),
        }
    }

    fn tile(&self, level: u32, index: u64) -> Result<MemoryTree, Error> {
        let width = width_of(level, index, self.checkpoint.size);
        let (path, bytes) = self.read_wide(width, &|width| tile_path(level, index, width))?;
        let hashes = parse_tile(&bytes).map_err(|error| Error::damaged(&path, error))?;
        if (hashes.len() as u64) < width {
            return Err(Error::damaged(&path, format!("it has fewer than {width} hashes")));
        }
        Ok(MemoryTree::of(hashes.into_iter().take(width as usize)))
    }
}

impl Nodes for Reader {
    fn node(&self, height: u32, index: u64) -> Result<Hash, Error> {
        let (level, inside) = (height / 8, height % 8);
        let first = index << inside;
        let (tile, place) = (first / WIDTH, (first % WIDTH) >> inside);
        let mut tiles = self.tiles.borrow_mut();
        if !tiles.contains_key(&(level, tile)) {
            if tiles.len() >= MAX_TILES {
                tiles.clear();
            }
            tiles.insert((level, tile), self.tile(level, tile)?);
        }
        match tiles.get(&(level, tile)) {
            Some(tree) => tree.node(inside, place),
            None => Err(Error::new(ErrorKind::OutOfRange, "the tree has no such node")),
        }
    }
}

/// A file of some lines; `None` where there is none.
pub fn small(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    read_at_most(path, MAX_SMALL)
}

/// The keys of the witnesses of a log.
pub fn read_witnesses(root: &Path) -> Result<Vec<VerifyingKey>, Error> {
    let text = small(&root.join(WITNESSES))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let keys: Vec<VerifyingKey> = text.lines().map(VerifyingKey::parse).collect::<Result<_, _>>()?;
    let again: String = keys.iter().map(|key| format!("{key}\n")).collect();
    // No other text says the same.
    if again == text { Ok(keys) } else { Err(Error::malformed("the list of witnesses is damaged")) }
}

/// The salts of a log.
pub fn read_salts(root: &Path) -> Result<Salts, Error> {
    let path = root.join(SALTS);
    let text = small(&path)?.unwrap_or_default();
    let none = || {
        Error::malformed(format!(
            "{} is missing or damaged, so that no record can be opened (bring it back)",
            path.display()
        ))
    };
    let digits = text.strip_suffix(b"\n").ok_or_else(none)?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let mut key = [0; SALT_BYTES];
    if pairs.len() != SALT_BYTES || !rest.is_empty() {
        return Err(none());
    }
    for (byte, pair) in key.iter_mut().zip(pairs) {
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        *byte = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low).ok_or_else(none)?;
    }
    Ok(Salts::under(key))
}
