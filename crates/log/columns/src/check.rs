//! Says what is wrong with a data directory, and mends what can be.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use workers::Phase;
use workers::Progress;
use workers::check;

use crate::durable;
use crate::error::Error;
use crate::increment::digest_of;
use crate::layout::exchanges_below;
use crate::layout::files_below;
use crate::layout::is_columnar;
use crate::layout::profiles_below;
use crate::manifest::Entry;
use crate::manifest::Manifest;
use crate::manifest::name_of;
use crate::manifest::place;
use crate::row::RowId;
use crate::secret::SECRET;
use crate::secret::Secret;
use crate::secret::TableKey;
use crate::store::Store;
use crate::store::legacy_embedder;
use crate::table::Table;
use crate::transaction::Transaction;
use crate::transaction::clear_pending;
use crate::transaction::read_pending;
use crate::writer::NameSum;
use crate::writer::row_ids;
use crate::writer::without_rows;

/// Folder to which files are moved that are damaged or that no manifest names.
const SET_ASIDE: &str = ".set-aside";

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8 * 1024;

/// What may be changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mending {
    /// Set aside what is damaged and what no manifest names; make a manifest where there is none.
    pub repair: bool,
    /// Take files that are missing out of the manifest.
    pub forget_missing: bool,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// There is no manifest: an earlier version wrote the directory.
    NoManifest,
    /// The manifest cannot be read.
    ManifestDamaged(String),
    /// A file that the manifest names is missing.
    Missing,
    /// A file is not as it was written.
    Damaged(String),
    /// No manifest names a file of the tables.
    Unlisted,
    /// Rows are in another file too.
    RepeatedRows(u64),
    /// The secret of the hashes is missing or another.
    Secret(String),
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoManifest => f.write_str("has no manifest: an earlier version wrote it (--repair takes it over)"),
            Self::ManifestDamaged(reason) => write!(f, "{reason} (--repair makes it anew)"),
            Self::Missing => f.write_str("is missing (bring it back, or let --forget-missing take it out)"),
            Self::Damaged(reason) => write!(f, "is damaged: {reason} (bring it back, or let --repair set it aside)"),
            Self::Unlisted => f.write_str("is named by no manifest, so that nobody reads it (--repair sets it aside)"),
            Self::RepeatedRows(rows) => {
                write!(f, "has {rows} rows that are in another file too (--repair removes them)")
            }
            Self::Secret(reason) => f.write_str(reason),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, or the directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: FaultKind,
    /// Whether it was mended.
    pub is_mended: bool,
}

/// What was looked at, and what was wrong.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Files that are well.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// What was wrong, in the order of the files.
    pub faults: Vec<Fault>,
}

impl Checked {
    /// Whether nothing is wrong, or nothing is any more.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.faults.iter().all(|fault| fault.is_mended)
    }

    fn tell(&mut self, path: &Path, kind: FaultKind, is_mended: bool) {
        self.faults.push(Fault { path: path.to_owned(), kind, is_mended });
    }
}

/// Reads every file of a data directory on this machine.
///
/// # Errors
/// [`Error::Usage`] where it is no data directory, or another run writes it while it is to be mended; [`Error::Write`].
pub fn check_data_dir(root: &Path, mending: Mending, progress: &dyn Progress) -> Result<Checked, Error> {
    if !root.is_dir() || !is_columnar(root)? {
        return Err(Error::Usage(format!("{} is no data directory (stillwatch ingest makes one)", root.display())));
    }
    let store = Store::open(root)?;
    let may_write = mending.repair || mending.forget_missing;
    let lock = store.lock()?;
    let mut checked = Checked::default();
    let manifest = match Manifest::read(root) {
        Ok(Some(manifest)) => {
            clear_pending(root, &manifest)?;
            Some(manifest)
        }
        Ok(None) => {
            checked.tell(root, FaultKind::NoManifest, mending.repair);
            None
        }
        Err(error) => {
            checked.tell(root, FaultKind::ManifestDamaged(error.to_string()), mending.repair);
            None
        }
    };
    if let Err(error) = TableKey::of(root, None)
        && manifest.is_some()
    {
        checked.tell(&root.join(SECRET), FaultKind::Secret(error.to_string()), false);
    }
    let good = look(root, manifest.as_ref(), mending, &mut checked, progress)?;
    let named: Vec<PathBuf> = good.keys().map(|name| place(root, name)).collect();
    if may_write {
        let mut next = match manifest {
            Some(manifest) => manifest,
            None => taken_over(root)?,
        };
        let is_changed = next.files != good || checked.faults.iter().any(|fault| fault.is_mended);
        next.files = good;
        if is_changed {
            next.write(root)?;
        }
    }
    drop(lock);
    find_repeats(&store, &named, mending.repair, &mut checked)?;
    Ok(checked)
}

/// An empty manifest for a directory that has none.
fn taken_over(root: &Path) -> Result<Manifest, Error> {
    let key = Secret::read(&root.join(SECRET))?.and_then(|secret| secret.key().fingerprint());
    let mut manifest = Manifest::default();
    (manifest.key, manifest.embedder) = (key, legacy_embedder(root)?);
    Ok(manifest)
}

/// Looks at every file, and returns those that belong into the manifest.
fn look(
    root: &Path,
    manifest: Option<&Manifest>,
    mending: Mending,
    checked: &mut Checked,
    progress: &dyn Progress,
) -> Result<BTreeMap<String, Entry>, Error> {
    let mut there: BTreeSet<PathBuf> = files_below(&exchanges_below(root))?.into_iter().collect();
    there.extend(files_below(&profiles_below(root))?);
    // Somebody still reads what an earlier commit took out.
    for name in read_pending(root)?.iter().filter(|name| manifest.is_some_and(|known| !known.files.contains_key(*name)))
    {
        there.remove(&place(root, name));
    }
    let mut good = BTreeMap::new();
    if let Some(manifest) = manifest {
        for (name, entry) in &manifest.files {
            let path = place(root, name);
            if !there.contains(&path) {
                checked.tell(&path, FaultKind::Missing, mending.forget_missing);
                if !mending.forget_missing {
                    good.insert(name.clone(), *entry);
                }
            }
        }
    }
    progress.begin(Phase::Check, Some(there.len() as u64));
    for (path, done) in there.iter().zip(0..) {
        check(progress)?;
        progress.advance(done, done);
        let Some(name) = name_of(root, path) else { continue };
        let known = manifest.and_then(|manifest| manifest.files.get(&name));
        let fault = if known.is_none() && manifest.is_some() {
            FaultKind::Unlisted
        } else {
            match read_whole(path) {
                Ok(entry) if known.is_none_or(|known| *known == entry) => {
                    good.insert(name, entry);
                    continue;
                }
                Ok(_) => FaultKind::Damaged("it is another file".to_owned()),
                Err(reason) => FaultKind::Damaged(reason.to_string()),
            }
        };
        checked.tell(path, fault, mending.repair);
        match known {
            _ if mending.repair => set_aside(root, path, &name)?,
            // It stays named, so that its loss is told again.
            Some(known) => drop(good.insert(name, *known)),
            None => {}
        }
    }
    checked.files = good.len() as u64;
    checked.rows = good.iter().filter(|(name, _)| name.starts_with("exchange/")).map(|(_, entry)| entry.rows).sum();
    Ok(good)
}

/// Reads a file to its end, and compares its rows with its name.
fn read_whole(path: &Path) -> Result<Entry, Error> {
    let bytes = fs::metadata(path).map_err(Error::read(path))?.len();
    let table = Table::open(path)?;
    let names = table.columns();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut rows = 0;
    for batch in table.read(0..table.row_groups(), &names, BATCH_ROWS)? {
        rows += batch?.num_rows() as u64;
    }
    if rows != table.all_rows() {
        return Err(table.failed("it has fewer rows than it says"));
    }
    if names.contains(&"row_hash") {
        let mut sum = NameSum::default();
        row_ids(path, &mut |row| sum.add(row))?;
        if digest_of(path).is_some_and(|digest| digest != sum.digest()) {
            return Err(table.failed("its rows are not those that its name tells"));
        }
    }
    Ok(Entry { rows, bytes })
}

/// Moves a file where nobody reads it and nothing is lost.
fn set_aside(root: &Path, path: &Path, name: &str) -> Result<(), Error> {
    let folder = root.join(SET_ASIDE);
    fs::create_dir_all(&folder).map_err(Error::write(&folder))?;
    let flat = name.replace('/', "_");
    let free = (0_u32..).map(|at| folder.join(format!("{flat}.{at}"))).find(|place| !place.exists());
    let Some(free) = free else { return Ok(()) };
    durable::rename(path, &free).map_err(Error::write(&free))
}

/// Finds rows that are in two files, as a run of an earlier version could leave them when it was killed.
fn find_repeats(store: &Store, named: &[PathBuf], repair: bool, checked: &mut Checked) -> Result<(), Error> {
    let mut seen: BTreeSet<RowId> = BTreeSet::new();
    let mut repeated: Vec<(PathBuf, BTreeSet<RowId>)> = Vec::new();
    let table = store.exchanges();
    for file in named.iter().filter(|file| file.starts_with(&table)) {
        let mut repeats = BTreeSet::new();
        // A damaged file was told of already.
        let read = row_ids(file, &mut |row| {
            if !seen.insert(row) {
                repeats.insert(row);
            }
        });
        if read.is_ok() && !repeats.is_empty() {
            checked.tell(file, FaultKind::RepeatedRows(repeats.len() as u64), repair);
            repeated.push((file.clone(), repeats));
        }
    }
    if !repair || repeated.is_empty() {
        return Ok(());
    }
    let mut transaction = Transaction::begin(store, None)?;
    for (file, repeats) in &repeated {
        let Some(name) = name_of(store.root(), file) else { continue };
        let left = without_rows(file, repeats, transaction.staging())?;
        transaction.replace(&name, left)?;
    }
    transaction.commit()
}
