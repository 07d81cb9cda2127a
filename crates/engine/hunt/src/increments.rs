//! Folding ahead: profile increments for what a data directory holds.
//!
//! The newest day of a directory is folded by the hour and by file of exchanges, so that a file that comes in costs what it
//! holds. Days before it are folded whole, and eight of them that are complete make a block. Everything is a function of
//! the exchanges: folding again changes nothing, and a day that late exchanges came for is folded anew.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use columns::BLOCK_DAYS;
use columns::Holdings;
use columns::Part;
use columns::Partition;
use columns::Span;
use columns::Store;
use columns::Transaction;
use columns::write_increments;
use workers::Phase;
use workers::Progress;
use workers::available;
use workers::check;
use workers::try_parallel_map;

use crate::error::Error;
use crate::increment_rows::IncrementRows;

/// What to fold ahead, and how.
#[derive(Debug, Clone, Default)]
pub struct FoldOptions {
    /// The data directory.
    pub data_dir: PathBuf,
    /// Removes the days that are in blocks. Takes a third of the room; a window then costs exchanges where it cuts a block.
    pub compact: bool,
    /// Threads; all cores where `None`.
    pub workers: Option<NonZeroUsize>,
}

/// What folding ahead did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Increments {
    /// Parts by the hour that were made.
    pub hours: u64,
    /// Days that were folded, by shard.
    pub days: u64,
    /// Blocks that were made, by shard.
    pub blocks: u64,
    /// Parts that were replaced or had lost their exchanges to others.
    pub removed: u64,
    /// Rows written: an account's profile each.
    pub profiles: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// A part to be made.
struct Job {
    part: Part,
    sources: Vec<PathBuf>,
}

/// Folds ahead whatever of a data directory is not folded yet.
///
/// # Errors
/// [`Error`]; parts that were made before it are whole, and stay.
pub fn fold_increments(options: &FoldOptions, progress: &dyn Progress) -> Result<Increments, Error> {
    let root = options.data_dir.as_path();
    if !columns::is_columnar(root)? {
        return Err(Error::usage(format!(
            "{} holds no exchanges (ingest logs first: stillwatch ingest LOGS --data-dir {})",
            root.display(),
            root.display()
        )));
    }
    let store = Store::open(root)?;
    let mut transaction = Transaction::begin(&store, None)?;
    let workers = available(options.workers);
    let staging = transaction.staging().to_owned();
    let run = Run { root, staging: &staging, workers, progress, done: AtomicU64::new(0) };
    let mut made = Increments::default();
    let held = Holdings::read(root)?;
    run.make(&days_and_hours(&held), &mut transaction, &mut made)?;
    let held = Holdings::read(root)?;
    run.make(&blocks(&held), &mut transaction, &mut made)?;
    let held = Holdings::read(root)?;
    for part in held.parts.iter().filter(|part| is_spent(&held, part, options.compact)) {
        transaction.drop_path(&part.path);
        made.removed += 1;
    }
    transaction.commit()?;
    Ok(made)
}

/// The newest day is open: more of it may come every hour.
fn newest(held: &Holdings) -> Option<i64> {
    held.exchanges.keys().map(|partition| partition.day).max()
}

/// What is missing of days and hours.
fn days_and_hours(held: &Holdings) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (partition, exchanges) in &held.exchanges {
        let part = |span, digest| Part { span, partition: *partition, digest, days: 1, path: PathBuf::new() };
        if Some(partition.day) == newest(held) {
            jobs.extend(
                held.unfolded(*partition)
                    .map(|file| Job { part: part(Span::Hour, file.digest), sources: vec![file.path.clone()] }),
            );
        } else if !held.parts.iter().any(|part| is_of(part, *partition) && held.is_fresh(part)) {
            jobs.push(Job {
                part: part(Span::Day, exchanges.digest()),
                sources: exchanges.files.iter().map(|file| file.path.clone()).collect(),
            });
        }
    }
    jobs
}

/// Whether a part is of a day as a whole.
fn is_of(part: &Part, Partition { day, shard }: Partition) -> bool {
    part.span != Span::Hour && part.partition.shard == shard && part.own_days().any(|own| own == day)
}

/// What is missing of blocks: those whose days are all before the newest one.
fn blocks(held: &Holdings) -> Vec<Job> {
    let Some(newest) = newest(held) else { return Vec::new() };
    let mut days: BTreeMap<Partition, Vec<&Part>> = BTreeMap::new();
    for part in held.parts.iter().filter(|part| part.span == Span::Day && held.is_fresh(part)) {
        let Partition { day, shard } = part.partition;
        let first = day.div_euclid(BLOCK_DAYS) * BLOCK_DAYS;
        if first + BLOCK_DAYS <= newest {
            days.entry(Partition { day: first, shard }).or_default().push(part);
        }
    }
    let job = |(partition, parts): (Partition, Vec<&Part>)| Job {
        part: Part {
            span: Span::Block,
            partition,
            digest: parts.iter().fold(0, |sum, part| sum.wrapping_add(part.digest)),
            days: parts.iter().fold(0, |days, part| days | 1 << (part.partition.day - partition.day)),
            path: PathBuf::new(),
        },
        sources: parts.iter().map(|part| part.path.clone()).collect(),
    };
    let is_there = |job: &Job| {
        let same = |part: &&Part| (part.span, part.partition) == (Span::Block, job.part.partition);
        held.parts.iter().filter(same).any(|part| (part.digest, part.days) == (job.part.digest, job.part.days))
    };
    days.into_iter().map(job).filter(|job| !is_there(job)).collect()
}

/// Whether a part says nothing that is not said elsewhere: it lost its exchanges to others, or a longer one has it.
fn is_spent(held: &Holdings, part: &Part, compact: bool) -> bool {
    let shard = part.partition.shard;
    let is_folded = |day: i64, span: Span| {
        let longer = held.parts.iter().filter(|other| other.span > span && held.is_fresh(other));
        longer.filter(|other| other.partition.shard == shard).any(|other| other.own_days().any(|own| own == day))
    };
    if !held.is_fresh(part) {
        // Of a day whose exchanges are gone it may be the last word.
        return part.own_days().all(|day| held.exchanges.contains_key(&Partition { day, shard }));
    }
    let is_short = part.span == Span::Hour || compact && part.span == Span::Day;
    is_short && is_folded(part.partition.day, part.span)
}

/// A part that was made.
struct Made {
    file: PathBuf,
    profiles: u64,
    bytes: u64,
}

/// What the making of parts needs.
struct Run<'a> {
    root: &'a Path,
    staging: &'a Path,
    workers: usize,
    progress: &'a dyn Progress,
    done: AtomicU64,
}

impl Run<'_> {
    /// Makes some parts, and commits them.
    fn make(&self, jobs: &[Job], transaction: &mut Transaction<'_>, made: &mut Increments) -> Result<(), Error> {
        self.progress.begin(Phase::Increments, Some(jobs.len() as u64));
        self.done.store(0, Ordering::Relaxed);
        for (job, one) in jobs.iter().zip(try_parallel_map(jobs, self.workers, |job| self.make_one(job))?) {
            let Made { file, profiles, bytes } = one;
            let span = job.part.span;
            transaction.add(file, &job.part.place(self.root))?;
            made.profiles += profiles;
            made.bytes += bytes;
            *match span {
                Span::Hour => &mut made.hours,
                Span::Day => &mut made.days,
                Span::Block => &mut made.blocks,
            } += 1;
        }
        Ok(transaction.commit()?)
    }

    fn make_one(&self, job: &Job) -> Result<Made, Error> {
        check(self.progress)?;
        let mut rows = IncrementRows::new(job.part.span == Span::Hour);
        for source in &job.sources {
            match job.part.span {
                Span::Hour | Span::Day => rows.fold_exchanges(source)?,
                Span::Block => rows.merge_increments(source)?,
            }
        }
        let batches = rows.into_batches()?;
        let Partition { day, shard } = job.part.partition;
        let file = self.staging.join(format!("{day}-{shard}-{:016x}", job.part.digest));
        write_increments(&file, &batches)?;
        let bytes = fs::metadata(&file).map_err(columns::Error::read(&file))?.len();
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.progress.advance(done, done);
        Ok(Made { file, profiles: batches.iter().map(|batch| batch.num_rows() as u64).sum(), bytes })
    }
}
