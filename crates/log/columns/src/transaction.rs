//! Changes of a data directory: all of one, or none of it.
//!
//! ```text
//! 1. new files are written in DIR/.staging-*
//! 2. DIR/.pending names every file that comes or goes
//! 3. the new files are moved to their places          stopped before 4: the next run removes them
//! 4. DIR/stillwatch-manifest.json is replaced: this is the commit
//! 5. the files that went are removed                   stopped before 6: the next run removes them
//! 6. DIR/.pending is removed
//! ```
//!
//! Readers hold a shared lock on `DIR/.readers`. While anybody does, step 5 is left to a later run.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use sketch::HashKey;

use crate::durable;
use crate::durable::make_owners;
use crate::durable::sync_folder;
use crate::error::Error;
use crate::layout::exchanges_below;
use crate::layout::files_below;
use crate::layout::is_columnar;
use crate::layout::read_small;
use crate::manifest::Entry;
use crate::manifest::Manifest;
use crate::manifest::is_inside;
use crate::manifest::name_of;
use crate::manifest::place;
use crate::row::RowId;
use crate::secret::SECRET;
use crate::secret::Secret;
use crate::secret::TableKey;
use crate::store::Partition;
use crate::store::Store;
use crate::table::Table;
use crate::writer::Rewritten;
use crate::writer::without_rows;

/// File with the names of the files that come or go with a commit.
const PENDING: &str = ".pending";

/// File that readers lock.
const READERS: &str = ".readers";

/// A run that changes a data directory. Only one is open at a time.
#[derive(Debug)]
pub struct Transaction<'a> {
    store: &'a Store,
    manifest: Manifest,
    /// The manifest as it is on disk.
    stored: Manifest,
    key: HashKey,
    staging: tempfile::TempDir,
    /// New files where they are now, by their names.
    added: BTreeMap<String, PathBuf>,
    dropped: BTreeSet<String>,
    _lock: File,
}

impl<'a> Transaction<'a> {
    /// Takes the directory for writing, after clearing what a stopped run left.
    ///
    /// # Errors
    /// [`Error::Usage`] where another run writes, where files are there that no manifest names, or where the hashes in it
    /// are under another key than that of `secret`.
    pub fn begin(store: &'a Store, secret: Option<&Secret>) -> Result<Self, Error> {
        let root = store.root();
        let lock = store.lock()?;
        let known = Manifest::read(root)?;
        let mut manifest = match known.clone() {
            Some(manifest) => manifest,
            None if is_columnar(root)? => {
                return Err(Error::Usage(format!(
                    "{} was written by an earlier version and has no manifest (take it over first: stillwatch fsck {} \
                     --repair)",
                    root.display(),
                    root.display()
                )));
            }
            None => Manifest::default(),
        };
        clear_pending(root, &manifest)?;
        let key = match TableKey::of(root, secret)? {
            TableKey::Any | TableKey::Public => HashKey::public(),
            TableKey::Secret(secret) => {
                secret.write(&root.join(SECRET))?;
                make_owners(&root.join(SECRET)).map_err(Error::write(&root.join(SECRET)))?;
                secret.key()
            }
        };
        if manifest.files.is_empty() {
            manifest.key = key.fingerprint();
            // A reader that comes now sees an empty table, and not the files that come.
            if known.as_ref() != Some(&manifest) {
                manifest.write(root)?;
            }
        }
        let staging = tempfile::Builder::new().prefix(".staging-").tempdir_in(root).map_err(Error::write(root))?;
        let stored = manifest.clone();
        Ok(Self {
            store,
            manifest,
            stored,
            key,
            staging,
            added: BTreeMap::new(),
            dropped: BTreeSet::new(),
            _lock: lock,
        })
    }

    /// The key of all hashes in the directory.
    #[must_use]
    pub const fn key(&self) -> &HashKey {
        &self.key
    }

    /// A folder for new files, on the same file system.
    #[must_use]
    pub fn staging(&self) -> &Path {
        self.staging.path()
    }

    /// The folder in which the files of the exchange table are staged.
    #[must_use]
    pub fn staged_exchanges(&self) -> PathBuf {
        self.staging().join("table")
    }

    /// What made the vectors of the table; `name` from now on, where it is empty.
    ///
    /// # Errors
    /// [`Error::Usage`] where another embedder made them.
    pub fn settle_embedder(&mut self, name: &str) -> Result<(), Error> {
        let has_rows = !self.exchange_files().is_empty();
        match self.manifest.embedder.as_deref() {
            Some(known) if known != name && has_rows => Err(Error::Usage(format!(
                "{} holds vectors of {known}, and {name} makes others (give the same --embedding, or another --data-dir)",
                self.store.root().display()
            ))),
            _ => {
                self.manifest.embedder = Some(name.to_owned());
                Ok(())
            }
        }
    }

    /// The files of the exchange table as the commit would leave it, each with its name.
    #[must_use]
    pub fn exchange_files(&self) -> Vec<(String, PathBuf)> {
        let root = self.store.root();
        let table = exchanges_below(root);
        let stays = |name: &&String| !self.dropped.contains(*name) && !self.added.contains_key(*name);
        let old = self.manifest.files.keys().filter(stays).map(|name| (name.clone(), place(root, name)));
        let new = self.added.iter().map(|(name, path)| (name.clone(), path.clone()));
        old.chain(new).filter(|(name, _)| place(root, name).starts_with(&table)).collect()
    }

    /// Adds a staged file, to be moved to `place` below the directory.
    ///
    /// # Errors
    /// [`Error::Bug`] where the place is in none of the tables.
    pub fn add(&mut self, staged: PathBuf, place: &Path) -> Result<(), Error> {
        let name = name_of(self.store.root(), place).filter(|name| is_inside(name));
        let name = name.ok_or_else(|| Error::Bug(format!("{} is in no table", place.display())))?;
        self.dropped.remove(&name);
        self.added.insert(name, staged);
        Ok(())
    }

    /// Adds every file below [`Transaction::staged_exchanges`].
    ///
    /// # Errors
    /// [`Error`] where they cannot be listed.
    pub fn add_staged_exchanges(&mut self) -> Result<(), Error> {
        let (staged, table) = (self.staged_exchanges(), exchanges_below(self.store.root()));
        for file in files_below(&staged)? {
            let Ok(below) = file.strip_prefix(&staged) else { continue };
            let place = table.join(below);
            self.add(file, &place)?;
        }
        Ok(())
    }

    /// Takes a file out.
    pub fn drop_file(&mut self, name: &str) {
        if self.added.remove(name).is_none() || self.manifest.files.contains_key(name) {
            self.dropped.insert(name.to_owned());
        }
    }

    /// Takes out the file at a path below the directory.
    pub fn drop_path(&mut self, path: &Path) {
        if let Some(name) = name_of(self.store.root(), path) {
            self.drop_file(&name);
        }
    }

    /// Takes rows out of the exchange table.
    ///
    /// # Errors
    /// [`Error`] where a file cannot be read or written.
    pub fn take_out(&mut self, rows: &BTreeSet<RowId>) -> Result<(), Error> {
        self.take_out_where(rows, |_| true)
    }

    /// Takes rows of one day out of the exchange table.
    ///
    /// # Errors
    /// As [`Transaction::take_out`].
    pub(crate) fn take_out_of(&mut self, day: i64, rows: &BTreeSet<RowId>) -> Result<(), Error> {
        self.take_out_where(rows, |name| Partition::of_file(Path::new(name)).is_some_and(|found| found.day == day))
    }

    fn take_out_where(&mut self, rows: &BTreeSet<RowId>, may_hold: impl Fn(&str) -> bool) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        for (name, file) in self.exchange_files().into_iter().filter(|(name, _)| may_hold(name)) {
            self.replace(&name, without_rows(&file, rows, self.staging())?)?;
        }
        Ok(())
    }

    /// Puts what is left of a file in its place.
    pub(crate) fn replace(&mut self, name: &str, rewritten: Rewritten) -> Result<(), Error> {
        match rewritten {
            Rewritten::Same => return Ok(()),
            Rewritten::Empty => self.drop_file(name),
            Rewritten::Left(file, new) => {
                self.drop_file(name);
                let place = place(self.store.root(), name).with_file_name(new);
                self.add(file, &place)?;
            }
        }
        Ok(())
    }

    /// Makes the changes since the last commit, all at once.
    ///
    /// # Errors
    /// [`Error::Write`]; the directory is then as it was before.
    pub fn commit(&mut self) -> Result<(), Error> {
        let root = self.store.root();
        if self.added.is_empty() && self.dropped.is_empty() && self.manifest == self.stored {
            return Ok(());
        }
        let (added, dropped) = (std::mem::take(&mut self.added), std::mem::take(&mut self.dropped));
        let mut pending = read_pending(root)?;
        pending.extend(added.keys().chain(&dropped).cloned());
        write_pending(root, &pending)?;
        let mut next = self.manifest.clone();
        let mut folders = BTreeSet::from([root.to_owned()]);
        for (name, staged) in &added {
            let place = place(root, name);
            let table = Table::open(staged)?;
            let bytes = fs::metadata(staged).map_err(Error::read(staged))?.len();
            next.files.insert(name.clone(), Entry { rows: table.all_rows(), bytes });
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder).map_err(Error::write(folder))?;
                let own = folder.ancestors().take_while(|folder| *folder != root);
                folders.extend(own.map(Path::to_owned));
            }
            fs::rename(staged, &place).map_err(Error::write(&place))?;
        }
        // The names of files and of new folders are on disk before the manifest names them.
        folders.iter().try_for_each(|folder| sync_folder(folder).map_err(Error::write(folder)))?;
        next.files.retain(|name, _| !dropped.contains(name));
        next.write(root)?;
        self.stored = next.clone();
        self.manifest = next;
        clear_pending(root, &self.manifest)
    }
}

/// Takes part in a data directory as a reader: what its manifest names now stays until the value goes. `None` where the
/// directory is not here or cannot be locked; nothing is promised then.
#[must_use]
pub fn reading(root: &Path) -> Option<File> {
    let path = root.join(READERS);
    let file = File::options().create(true).append(true).open(&path).or_else(|_| File::open(&path)).ok()?;
    file.lock_shared().ok()?;
    Some(file)
}

pub(crate) fn read_pending(root: &Path) -> Result<BTreeSet<String>, Error> {
    let path = root.join(PENDING);
    match read_small(&path)? {
        None => Ok(BTreeSet::new()),
        Some(bytes) => serde_json::from_slice(&bytes).map_err(Error::table(&path)),
    }
}

fn write_pending(root: &Path, pending: &BTreeSet<String>) -> Result<(), Error> {
    let text = serde_json::to_vec(pending).map_err(|error| Error::Bug(error.to_string()))?;
    let path = root.join(PENDING);
    durable::replace(&path, &text).map_err(Error::write(&path))
}

/// Removes the files that came or went with a commit and that the manifest does not name, unless somebody reads.
pub(crate) fn clear_pending(root: &Path, manifest: &Manifest) -> Result<(), Error> {
    let pending = read_pending(root)?;
    if pending.is_empty() {
        return Ok(());
    }
    let path = root.join(READERS);
    let readers = File::options().create(true).append(true).open(&path).map_err(Error::write(&path))?;
    if readers.try_lock().is_err() {
        return Ok(());
    }
    let is_left = |name: &&String| !manifest.files.contains_key(*name) && is_inside(name);
    for path in pending.iter().filter(is_left).map(|name| place(root, name)) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::write(&path)(error)),
            _ => {}
        }
    }
    let path = root.join(PENDING);
    fs::remove_file(&path).map_err(Error::write(&path))?;
    sync_folder(root).map_err(Error::write(root))
}
