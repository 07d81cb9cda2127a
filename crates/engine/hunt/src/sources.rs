//! From what a hunt is given to profiles: logs, data directories, or both.

use std::collections::BTreeSet;
use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use columns::ExchangeFile;
use columns::Holdings;
use columns::IngestOptions;
use columns::Ingested;
use columns::Part;
use columns::Reading;
use columns::SecondLogCounts;
use columns::Store;
use columns::Window;
use columns::check_version;
use columns::embedder_of;
use columns::ingest_into;
use columns::is_columnar;
use sketch::Embedder;
use sketch::HashedWords;
use workers::Progress;

use crate::error::Error;
use crate::fold::Folded;
use crate::fold::ShardFiles;
use crate::fold::fold;
use crate::options::Options;
use crate::options::Place;
use crate::repeats::Repeats;
use crate::repeats::count_repeated;

/// The fold of logs, and where their columns are while it is there.
pub(crate) struct FoldedLogs {
    /// Each account's profile, sorted.
    pub accounts: Vec<Folded>,
    /// The data directories that were read. A temporary one goes with this value.
    pub roots: Vec<PathBuf>,
    _store: Store,
    /// Keeps the files that the directories' manifests name now.
    _readers: Vec<File>,
}

/// Folds logs: ingests what is raw, and reads data directories as they are.
pub(crate) fn fold_logs(
    options: &Options,
    inputs: &[String],
    data_dir: Option<&Path>,
    workers: usize,
    progress: &dyn Progress,
    total: &mut Ingested,
) -> Result<FoldedLogs, Error> {
    let mut columnar = Vec::new();
    let mut raw = Vec::new();
    for input in inputs {
        check_version(Path::new(input))?;
        if is_columnar(Path::new(input))? { columnar.push(input) } else { raw.push(input) }
    }
    let embedder = options.embedder.as_ref().map_or_else(|| HashedWords.name(), |embedder| embedder.name());
    for input in &columnar {
        if let Some(other) = embedder_of(Path::new(input))?.filter(|other| *other != embedder) {
            return Err(Error::usage(format!(
                "{input} holds vectors of {other}, and this hunt would compare them with vectors of {embedder} (give \
                 the same --embedding as for its ingest)"
            )));
        }
    }
    check_reach(&options.place, &raw, data_dir)?;
    let store = match data_dir {
        Some(data_dir) => Store::open(data_dir)?,
        None => Store::temporary(&options.out)?,
    };
    let mut roots: Vec<PathBuf> = columnar.iter().map(PathBuf::from).collect();
    if !raw.is_empty() {
        let ingest = IngestOptions {
            inputs: raw.into_iter().cloned().collect(),
            format: options.format,
            maps: options.maps.clone(),
            joins: options.joins.clone(),
            embedder: options.embedder.clone(),
            secret: options.secret.clone(),
            ledger: data_dir.is_some(),
            workers: NonZeroUsize::new(workers),
            // A temporary table is read once, whole: a shard a thread is enough.
            shards: if data_dir.is_some() { 0 } else { workers.clamp(1, 4) as u8 },
            ..IngestOptions::default()
        };
        add(total, ingest_into(&ingest, &store, progress)?);
        roots.push(store.root().to_owned());
    }
    // One directory by two names is one directory.
    roots.iter_mut().for_each(|root| *root = root.canonicalize().unwrap_or_else(|_| root.clone()));
    roots.sort();
    roots.dedup();
    let readers = roots.iter().filter_map(|root| columns::reading(root)).collect();
    let window = Window { since_us: options.since_us, until_us: options.until_us };
    let accounts = match &options.place {
        Place::Local => fold(&shard_files_of(&roots, window, workers)?, window, workers, progress)?,
        Place::Remote(remote) => {
            let tables: Vec<PathBuf> = roots.iter().map(|root| columns::exchanges_below(root)).collect();
            roots.iter().try_for_each(|root| columns::check_listing(root))?;
            let folded = remote.fold(&tables, window, workers, progress)?;
            // What came while it was read is in nobody's manifest yet, or changed what the manifest names.
            roots.iter().try_for_each(|root| columns::check_listing(root))?;
            folded
        }
    };
    Ok(FoldedLogs { accounts, roots, _store: store, _readers: readers })
}

/// Refuses to send a cluster to a folder that goes with this run and that its machines cannot reach.
fn check_reach(place: &Place, raw: &[&String], data_dir: Option<&Path>) -> Result<(), Error> {
    match (place, raw.first(), data_dir) {
        (Place::Local, ..) | (_, None, _) | (_, _, Some(_)) => Ok(()),
        (Place::Remote(_), Some(log), None) => Err(Error::usage(format!(
            "{log} is a log, and a cluster reads the columnar form from where every machine reaches it (give a --data-dir \
             on a shared file system, or ingest it first: stillwatch ingest {log} --data-dir DIR)"
        ))),
    }
}

/// What is folded together.
///
/// Of one directory: shard by shard, increments where there are any. Of several, of which two may hold an id twice: all
/// exchanges together, each id once, and those increments whose exchanges are gone. That these hold no id which is
/// elsewhere too is looked up, since nothing can be taken out of a profile.
fn shard_files_of(roots: &[PathBuf], window: Window, workers: usize) -> Result<Vec<ShardFiles>, Error> {
    let mut held = roots.iter().map(|root| Holdings::read(root)).collect::<Result<Vec<_>, _>>()?;
    let is_repeated = held.iter().filter(|held| !held.exchanges.is_empty() || !held.loose.is_empty()).count() > 1;
    if held.len() > 1 {
        check_repeats(&mut held, workers)?;
    }
    let (mut shards, mut together) = (Vec::new(), ShardFiles::default());
    for mut held in held {
        if is_repeated {
            held.prefer_exchanges();
        }
        for Reading { mut exchanges, whole, hours } in held.reading(window)?.into_values() {
            if is_repeated {
                together.exchanges.append(&mut exchanges);
            }
            shards.push(ShardFiles { exchanges, whole, hours, repeats: None });
        }
        if is_repeated {
            together.exchanges.append(&mut held.loose);
        } else if !held.loose.is_empty() {
            shards.push(ShardFiles { exchanges: held.loose, ..ShardFiles::default() });
        }
    }
    if is_repeated {
        together.repeats = Some(Arc::new(Repeats::find(&together.exchanges, workers)?));
    }
    shards.push(together);
    shards.retain(|files| !(files.exchanges.is_empty() && files.whole.is_empty() && files.hours.is_empty()));
    Ok(shards)
}

/// Makes sure that no increment whose exchanges are gone holds an id that is elsewhere too. Increments that are the same
/// in two directories count once.
fn check_repeats(held: &mut [Holdings], workers: usize) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    for held in held.iter_mut() {
        // What its own directory has exchanges of is checked as those.
        let (stands, others): (Vec<Part>, Vec<Part>) =
            std::mem::take(&mut held.parts).into_iter().partition(|part| held.is_all_that_is_left(part));
        let first = |part: &Part| seen.insert((part.span, part.partition, part.digest, part.days));
        let stands: Vec<Part> = stands.into_iter().filter(first).collect();
        // A day and the block that it is in hold the same ids; the block speaks for both.
        let is_in_longer = |part: &&Part| {
            stands.iter().any(|other| {
                other.span > part.span
                    && other.partition.shard == part.partition.shard
                    && other.own_days().any(|day| day == part.partition.day)
            })
        };
        parts.extend(stands.iter().filter(|part| !is_in_longer(part)).map(|part| part.path.clone()));
        held.parts = others.into_iter().chain(stands).collect();
        held.parts.sort();
    }
    if parts.is_empty() {
        return Ok(());
    }
    let files = held.iter().flat_map(|held| held.exchanges.values().flat_map(|exchanges| &exchanges.files));
    let loose = held.iter().flat_map(|held| &held.loose);
    let exchanges: Vec<PathBuf> = files.map(|ExchangeFile { path, .. }| path).chain(loose).cloned().collect();
    let repeated = count_repeated(&exchanges, &parts, workers)?;
    if repeated == 0 {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{repeated} exchanges are in an increment and elsewhere too, and nothing can be taken out of an increment (give the \
         directories with their exchanges, or ingest the logs of both into one)"
    )))
}

fn add(total: &mut Ingested, part: Ingested) {
    let Ingested {
        files,
        bytes,
        read,
        accepted,
        refused,
        duplicates,
        conflicts,
        reused_ids,
        rejects,
        unread,
        skipped,
        counts,
        second_log,
    } = part;
    total.files += files;
    total.bytes += bytes;
    total.read += read;
    total.accepted += accepted;
    total.refused += refused;
    total.duplicates += duplicates;
    total.conflicts += conflicts;
    total.reused_ids += reused_ids;
    total.rejects.extend(rejects);
    total.unread.extend(unread);
    total.skipped.extend(skipped);
    total.counts.add(counts);
    // Every part of the log is joined with the same second log.
    let exchanges = total.second_log.exchanges + second_log.exchanges;
    total.second_log = SecondLogCounts { exchanges, ..second_log };
}
