//! The ledger of a data directory.
//!
//! **The ledger follows the manifest.** After a commit of the table, an entry is added for every file of exchanges that the
//! manifest names and the ledger does not, and one for every file that the ledger has and the manifest does not any more. A
//! run that is stopped between the two has changed the table and not the ledger: the next run that comes here adds what is
//! missing. Nothing is lost, since the rows are in the table; nothing is added twice, since what the ledger has is looked up.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use journal::Batch;
use journal::Gone;
use journal::Kind;
use ledger::Ledger;
use ledger::Reader;
use ledger::Salts;
use workers::Progress;
use workers::available;
use workers::check;
use workers::try_parallel_map;

use crate::error::Error;
use crate::layout::exchanges_below;
use crate::manifest::Manifest;
use crate::manifest::place;
use crate::seal::SealedRows;
use crate::seal::Sealer;
use crate::seal::read_rows;
use crate::transaction::reading;

/// Files whose rows are committed to at a time, so that what was found is written before too much is held.
const AT_A_TIME: usize = 256;

/// The folder of a data directory's ledger.
#[must_use]
pub fn ledger_of(root: &Path) -> PathBuf {
    root.join("ledger")
}

/// The batches that the ledger holds and that are not gone, by their files; each with the index of its entry.
///
/// # Errors
/// [`Error::Ledger`] where a record cannot be read.
pub fn live_batches(log: &Reader) -> Result<BTreeMap<String, (u64, Batch)>, Error> {
    let kinds = log.kinds()?;
    let mut live: BTreeMap<u64, Batch> = BTreeMap::new();
    let mut failed = None;
    log.for_each_record(&mut |index, record| {
        let kind = usize::try_from(index).ok().and_then(|index| kinds.get(index)).and_then(|kind| Kind::of(*kind));
        let read = match kind {
            Some(Kind::Exchanges) => Batch::from_bytes(record).map(|batch| drop(live.insert(index, batch))),
            Some(Kind::ExchangesGone) => Gone::from_bytes(record).map(|gone| drop(live.remove(&gone.entry))),
            _ => Ok(()),
        };
        if let Err(error) = read {
            failed.get_or_insert(error);
        }
        Ok(())
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(live.into_iter().map(|(index, batch)| (batch.file.clone(), (index, batch))).collect()),
    }
}

/// What commits to rows while they are written. Makes the ledger, where there is none.
///
/// # Errors
/// [`Error::Ledger`].
pub(crate) fn sealer_of(root: &Path) -> Result<Sealer, Error> {
    Ok(Sealer::new(Ledger::open(&ledger_of(root))?.salts().clone()))
}

/// Brings the ledger of a data directory up to its manifest, and returns its size. Makes it where there is none.
///
/// # Errors
/// [`Error`]; what is missing then is added by the next run.
pub fn follow(root: &Path, progress: &dyn Progress) -> Result<u64, Error> {
    follow_with(root, None, progress)
}

/// As [`follow`], with commitments that were made while the rows were written.
pub(crate) fn follow_with(root: &Path, sealer: Option<&Sealer>, progress: &dyn Progress) -> Result<u64, Error> {
    // What the manifest names stays until the rows are committed to.
    let _reading = reading(root);
    let mut log = Ledger::open(&ledger_of(root))?;
    let live = live_batches(&Reader::open(&ledger_of(root))?)?;
    let table = exchanges_below(root);
    let manifest = Manifest::read(root)?.unwrap_or_default();
    let files: BTreeMap<&String, PathBuf> = manifest
        .files
        .keys()
        .map(|name| (name, place(root, name)))
        .filter(|(_, path)| path.starts_with(&table))
        .collect();
    let mut is_changed = false;
    for (entry, _) in live.iter().filter(|(name, _)| !files.contains_key(name)).map(|(_, live)| live) {
        log.append(Kind::ExchangesGone.number(), &Gone { entry: *entry }.to_bytes())?;
        is_changed = true;
    }
    let missing: Vec<(&str, &Path)> = files
        .iter()
        .filter(|(name, _)| !live.contains_key(name.as_str()))
        .map(|(name, path)| (name.as_str(), path.as_path()))
        .collect();
    let salts = log.salts().clone();
    for some in missing.chunks(AT_A_TIME) {
        check(progress)?;
        let commit = |(name, path): &(&str, &Path)| {
            let known = sealer.and_then(|sealer| sealer.batch_of(path.strip_prefix(&table).ok()?, name));
            known.map_or_else(|| batch_of_file(path, name, &salts), Ok)
        };
        for batch in try_parallel_map(some, available(None), commit)? {
            log.append(Kind::Exchanges.number(), &batch.to_bytes())?;
            is_changed = true;
        }
    }
    let size = log.size();
    if is_changed {
        log.commit()?;
    }
    Ok(size)
}

/// What is written of a file into the ledger, from its rows.
pub(crate) fn batch_of_file(path: &Path, name: &str, salts: &Salts) -> Result<Batch, Error> {
    let rows = read_rows(path)?;
    let sealed = SealedRows::of(&rows, salts).map_err(Error::table(path))?;
    Ok(sealed.batch(name))
}
