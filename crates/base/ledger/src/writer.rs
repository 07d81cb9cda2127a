//! Adds entries to a log.
//!
//! ```text
//! 1. the records are added to DIR/records
//! 2. new tiles and bundles are written, each beside its place and moved there
//! 3. all of it is put on disk
//! 4. DIR/checkpoint is replaced: this is the commit          stopped before: what was written is not looked at,
//! 5. partial tiles that became full are removed              and the next run writes over it
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use crate::checkpoint::Checkpoint;
use crate::commitment::Entry;
use crate::edge::Edge;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::files::CHECKPOINT;
use crate::files::KEY;
use crate::files::LOCK;
use crate::files::PUBLIC_KEY;
use crate::files::RECORDS;
use crate::files::SALTS;
use crate::files::clear_new;
use crate::files::folder_of;
use crate::files::make_private;
use crate::files::remove;
use crate::files::replace;
use crate::files::sync_folder;
use crate::merkle::leaf_hash;
use crate::note::Note;
use crate::note::SignatureKind;
use crate::note::SigningKey;
use crate::note::hex;
use crate::note::random;
use crate::note::write_private;
use crate::reader::Reader;
use crate::reader::read_salts;
use crate::records::RecordWriter;
use crate::salts::Salts;
use crate::tile::WIDTH;
use crate::tile::bundle_bytes;
use crate::tile::bundle_path;
use crate::tile::tile_bytes;
use crate::tile::tile_path;

/// A log that is being added to. One is open at a time; others wait.
#[derive(Debug)]
pub struct Ledger {
    root: PathBuf,
    key: SigningKey,
    salts: Salts,
    edge: Edge,
    records: RecordWriter,
    /// Folders with new names.
    folders: BTreeSet<PathBuf>,
    /// Folders of the partial forms of tiles and bundles that are full now.
    outgrown: Vec<PathBuf>,
    _lock: File,
}

impl Ledger {
    /// Opens the log in a folder for writing, and makes it where there is none. Waits for another run that writes.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] where what is there is not as it was written; nothing is added to such a log.
    pub fn open(root: &Path) -> Result<Self, Error> {
        make_private(root)?;
        let path = root.join(LOCK);
        let lock = File::options().create(true).append(true).open(&path).map_err(Error::write(&path))?;
        lock.lock().map_err(Error::write(&path))?;
        if !root.join(CHECKPOINT).exists() {
            make(root)?;
        }
        let reader = Reader::open(root)?;
        let checkpoint = reader.checkpoint();
        let key = SigningKey::read(&root.join(KEY))?;
        if key.verifying() != *reader.key() {
            return Err(Error::damaged(
                &root.join(KEY),
                "it is not the key that signed the ledger (bring that one back)",
            ));
        }
        let edge = Edge::read(root, checkpoint.size)?;
        if edge.root() != checkpoint.root {
            return Err(Error::damaged(root, "its last tiles are not those that its checkpoint signs"));
        }
        clear_uncommitted(root, checkpoint.size)?;
        let records = RecordWriter::open(&root.join(RECORDS), checkpoint.size)?;
        Ok(Self {
            salts: read_salts(root)?,
            root: root.to_owned(),
            key,
            edge,
            records,
            folders: BTreeSet::new(),
            outgrown: Vec::new(),
            _lock: lock,
        })
    }

    /// Number of entries, those that were added included.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.edge.size
    }

    /// What salts the records and what is below them.
    #[must_use]
    pub const fn salts(&self) -> &Salts {
        &self.salts
    }

    /// Adds the entry of a record, and returns its index. It is in the log when [`Ledger::commit`] has returned.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]; the log is then as it was.
    pub fn append(&mut self, kind: u8, record: &[u8]) -> Result<u64, Error> {
        let index = self.edge.size;
        let entry = Entry::of(kind, &self.salts.of_record(index), record).to_bytes();
        self.records.push(&self.root.join(RECORDS), record)?;
        if index.is_multiple_of(WIDTH) {
            self.edge.entries.clear();
        }
        self.edge.entries.push(entry.to_vec());
        let mut full = Vec::new();
        self.edge.push(leaf_hash(&entry), &mut |tile| {
            full.push(tile);
            Ok(())
        })?;
        if self.edge.size.is_multiple_of(WIDTH) {
            let bytes = bundle_bytes(self.edge.entries.iter().map(Vec::as_slice));
            self.write(&bundle_path(index / WIDTH, WIDTH), &bytes)?;
            self.outgrow(&bundle_path(index / WIDTH, 1));
        }
        for (level, tile, hashes) in full {
            self.write(&tile_path(level, tile, WIDTH), &tile_bytes(&hashes))?;
            self.outgrow(&tile_path(level, tile, 1));
        }
        Ok(index)
    }

    /// Remembers the folder of a partial tile, to be removed when the full one is in the log.
    fn outgrow(&mut self, partial: &str) {
        self.outgrown.push(folder_of(&self.root.join(partial)).to_owned());
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.root.join(name);
        let folder = folder_of(&path);
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
        let own = folder.ancestors().take_while(|folder| *folder != self.root);
        self.folders.extend(own.map(Path::to_owned));
        replace(&path, bytes)
    }

    /// Commits what was added, and returns the new head. When this returns, it is on disk.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]; the log is then as it was.
    pub fn commit(mut self) -> Result<Note, Error> {
        let size = self.edge.size;
        let tiles: Vec<(String, Vec<u8>)> = (0_u32..)
            .zip(&self.edge.tiles)
            .filter(|(_, hashes)| !hashes.is_empty())
            .map(|(level, hashes)| {
                let index = size.checked_shr(8 * (level + 1)).unwrap_or(0);
                (tile_path(level, index, hashes.len() as u64), tile_bytes(hashes))
            })
            .collect();
        for (name, bytes) in tiles {
            self.write(&name, &bytes)?;
        }
        if !size.is_multiple_of(WIDTH) {
            let bytes = bundle_bytes(self.edge.entries.iter().map(Vec::as_slice));
            self.write(&bundle_path(size / WIDTH, size % WIDTH), &bytes)?;
        }
        self.records.finish(&self.root.join(RECORDS))?;
        self.folders.iter().try_for_each(|folder| sync_folder(folder))?;
        // The names of the records and of the first folder of tiles are on disk before the checkpoint counts them.
        sync_folder(&self.root)?;
        let checkpoint = Checkpoint { origin: origin(&self.key), size, root: self.edge.root() };
        let note = checkpoint.signed(&self.key);
        replace(&self.root.join(CHECKPOINT), &note.to_bytes())?;
        sync_folder(&self.root)?;
        // The entries are in the log: what cannot be removed is only in the way.
        self.outgrown.iter().for_each(|folder| drop(fs::remove_dir_all(folder)));
        Ok(note)
    }
}

/// Removes tiles and bundles that a stopped run wrote and did not commit: they are not those of the entries to come.
fn clear_uncommitted(root: &Path, size: u64) -> Result<(), Error> {
    clear_new(root);
    for level in 0..8_u32 {
        let committed = size.checked_shr(8 * level).unwrap_or(0);
        clear_from(root, committed, &|index, width| tile_path(level, index, width))?;
    }
    clear_from(root, size, &bundle_path)
}

fn clear_from(root: &Path, committed: u64, name: &dyn Fn(u64, u64) -> String) -> Result<(), Error> {
    for index in committed / WIDTH.. {
        let full = root.join(name(index, WIDTH));
        clear_new(folder_of(&full));
        let partial = root.join(name(index, 1));
        let folder = folder_of(&partial);
        if !full.exists() && !folder.exists() {
            break;
        }
        remove(&full)?;
        let kept = if index == committed / WIDTH { committed % WIDTH } else { 0 };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let width: Option<u64> = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if width.is_none_or(|width| width > kept) {
                remove(&entry.path())?;
            }
        }
        if kept == 0 {
            drop(fs::remove_dir(folder));
        }
    }
    Ok(())
}

fn origin(key: &SigningKey) -> String {
    key.verifying().name().to_owned()
}

/// Makes a log without entries. The checkpoint comes last: without it the next run goes on here.
fn make(root: &Path) -> Result<(), Error> {
    for name in [RECORDS, "tile"] {
        if root.join(name).exists() {
            let text = format!(
                "{} has entries and no checkpoint (bring {} back: without it nothing says what was in the ledger)",
                root.display(),
                root.join(CHECKPOINT).display()
            );
            return Err(Error::new(ErrorKind::Damaged, text));
        }
    }
    write_private(&root.join(SALTS), &format!("{}\n", hex(&random()?)))?;
    let name = |_: &[u8; 32]| random().map(|bytes| hex(bytes.get(..8).unwrap_or(&[]))).unwrap_or_default();
    let key = SigningKey::read_or_make(
        &root.join(KEY),
        |seed| format!("stillwatch/ledger/{}", name(seed)),
        SignatureKind::Log,
    )?;
    replace(&root.join(PUBLIC_KEY), format!("{}\n", key.verifying()).as_bytes())?;
    let empty = Edge::default();
    let note = Checkpoint { origin: origin(&key), size: 0, root: empty.root() }.signed(&key);
    replace(&root.join(CHECKPOINT), &note.to_bytes())?;
    sync_folder(root)
}
