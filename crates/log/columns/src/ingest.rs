//! Logs in, columnar form out.
//!
//! One thread reads, decompresses and cuts the inputs into blocks of whole records; as many workers as there are
//! cores parse them, compute features and write partitions. The queue between them is bounded, so memory does not
//! grow with the input. Files are written to a staging folder and moved in place when all are whole.

use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;

use observation::Observer;
use record::Block;
use record::Call;
use record::Exchange;
use record::Format;
use record::Input;
use record::Maps;
use record::Record;
use record::Reject;
use sketch::Embedder;
use sketch::HashKey;
use sketch::HashedWords;
use workers::Phase;
use workers::Progress;
use workers::available;
use workers::check;

use crate::counts::Counts;
use crate::counts::SharedCounts;
use crate::counts::Unread;
use crate::dedupe::Dedupe;
use crate::dedupe::Fate;
use crate::error::Error;
use crate::follow::follow_with;
use crate::follow::sealer_of;
use crate::joins::Joins;
use crate::joins::SettledSink;
use crate::joins::Told;
use crate::row::Kept;
use crate::row::row_id_of_call;
use crate::seal::Sealer;
use crate::second::SecondLog;
use crate::second::SecondLogCounts;
use crate::secret::Secret;
use crate::store::Partition;
use crate::store::Store;
use crate::tally::Days;
use crate::tally::Tally;
use crate::transaction::Transaction;
use crate::writer::PartitionWriter;
use crate::writer::row_ids;

/// Bytes of rows that all workers together hold in memory.
const MAX_BYTES_HELD: usize = 400 * 1024 * 1024;
/// Rejects that are kept with their reason; more are counted and said to be left out.
pub const MAX_REJECTS_KEPT: usize = 100_000;

/// What to ingest and how.
#[derive(Debug, Clone, Default)]
pub struct IngestOptions {
    /// Files, folders, globs and URLs.
    pub inputs: Vec<String>,
    /// Format of all inputs; found from their content where `None`.
    pub format: Option<Format>,
    /// Which attribute or column of a foreign log is which field.
    pub maps: Maps,
    /// Files of a second log, which says more of the exchanges.
    pub joins: Vec<String>,
    /// Whether to store the caller's text in the column `text`. Prompts are private: off unless asked for.
    pub keep_text: bool,
    /// What makes vectors of texts; the built-in one where `None`.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Where the key of all hashes comes from. Without it they are public functions of what they hash, so that whoever
    /// has the table can find out what was hashed.
    pub secret: Option<Secret>,
    /// Whether to store keys, end users and addresses as the log told them; else as keyed hashes.
    pub keep_identifiers: bool,
    /// Whether to commit to the rows in the directory's ledger. Where not, the next run that does adds them.
    pub ledger: bool,
    /// Account shards a day is cut into; 0 is the default of four.
    pub shards: u8,
    /// Workers; all cores where `None`.
    pub workers: Option<NonZeroUsize>,
}

/// What an ingest did.
#[derive(Debug, Clone, Default)]
pub struct Ingested {
    /// Files read.
    pub files: u64,
    /// Bytes of the sources as stored.
    pub bytes: u64,
    /// Records met: accepted, refused and duplicate.
    pub read: u64,
    /// Records of ids not seen before.
    pub accepted: u64,
    /// Records that could not be read.
    pub refused: u64,
    /// Records of ids seen before.
    pub duplicates: u64,
    /// Records of an exchange that said something else before; one of each counts.
    pub conflicts: u64,
    /// Exchanges whose id another exchange had before, at another time or with other tokens; both count.
    pub reused_ids: u64,
    /// The refused records, sorted by place; at most 100,000 of them.
    pub rejects: Vec<Reject>,
    /// Files that could not be read, or not to their end.
    pub unread: Vec<Unread>,
    /// Files of the given folders that were not looked at, since their names end as those of no log.
    pub skipped: Vec<String>,
    /// What was counted beside.
    pub counts: Counts,
    /// What became of the second log.
    pub second_log: SecondLogCounts,
}

/// Ingests into a data directory. The same records twice change nothing.
///
/// # Errors
/// [`Error`] where an option is wrong, nothing can be read, or the directory cannot be written; the directory is
/// then as it was before.
pub fn ingest(options: &IngestOptions, data_dir: &Path, progress: &dyn Progress) -> Result<Ingested, Error> {
    ingest_into(options, &Store::open(data_dir)?, progress)
}

/// What the threads of one ingest share.
struct Shared<'a> {
    options: &'a IngestOptions,
    key: HashKey,
    dedupe: Dedupe,
    joins: Joins,
    second_log: SecondLog,
    counts: SharedCounts,
    unread: Mutex<Vec<Unread>>,
    staging: PathBuf,
    sealer: Option<Sealer>,
    progress: &'a dyn Progress,
    bytes: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    duplicates: AtomicU64,
    rejects: Mutex<Vec<Reject>>,
    failure: Mutex<Option<Error>>,
}

/// As [`ingest`], into an open data directory.
///
/// # Errors
/// As [`ingest`].
pub fn ingest_into(options: &IngestOptions, store: &Store, progress: &dyn Progress) -> Result<Ingested, Error> {
    let record::Expanded { inputs, skipped } = record::expand_all(&options.inputs)?;
    #[cfg(feature = "postgres")]
    let inputs = crate::marks::resumed(inputs, store.root())?;
    let mut transaction = Transaction::begin(store, options.secret.as_ref())?;
    let key = transaction.key().clone();
    let second_log = SecondLog::read(&options.joins, &options.maps, key.clone(), progress)?;
    let embedder = options.embedder.as_ref().map_or_else(|| HashedWords.name(), |embedder| embedder.name());
    transaction.settle_embedder(&embedder)?;
    let total: Option<u64> = inputs.iter().map(Input::size_bytes).sum();
    progress.begin(Phase::Read, total);
    let shared = Shared {
        options,
        dedupe: Dedupe::new(),
        joins: Joins::new(key.clone()),
        second_log,
        counts: SharedCounts::default(),
        unread: Mutex::default(),
        staging: transaction.staged_exchanges(),
        sealer: options.ledger.then(|| sealer_of(store.root())).transpose()?,
        progress,
        bytes: AtomicU64::new(0),
        accepted: AtomicU64::new(0),
        refused: AtomicU64::new(0),
        duplicates: AtomicU64::new(0),
        rejects: Mutex::default(),
        failure: Mutex::default(),
        key,
    };
    learn_stored(&shared, &transaction)?;
    let workers = available(options.workers);
    let (sender, receiver) = sync_channel::<Piece>(workers * 2);
    let receiver = Mutex::new(receiver);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| shared.note(work(&shared, &receiver, MAX_BYTES_HELD / workers)));
        }
        // The sender goes with the reader, which ends the workers.
        shared.note(read(&shared, &inputs, sender));
    });
    if !shared.has_failed() {
        shared.note(settle(&shared));
    }
    if let Some(failure) = shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(failure);
    }
    transaction.add_staged_exchanges()?;
    transaction.take_out(&shared.dedupe.take_losers())?;
    transaction.commit()?;
    // After the commit: what is read again is a duplicate, and what is not read is lost.
    #[cfg(feature = "postgres")]
    crate::marks::remember(&inputs, &shared.unread.lock().unwrap_or_else(PoisonError::into_inner), store.root())?;
    if options.ledger {
        follow_with(store.root(), shared.sealer.as_ref(), progress)?;
    }
    Ok(ingested(shared, inputs.len() as u64, skipped))
}

/// Remembers what the table holds already.
fn learn_stored(shared: &Shared<'_>, transaction: &Transaction<'_>) -> Result<(), Error> {
    let learn = |(_, file): (String, PathBuf)| {
        row_ids(&file, &mut |row| {
            shared.dedupe.see_stored(row);
        })
    };
    transaction.exchange_files().into_iter().try_for_each(learn)
}

/// What was done, when all is in place.
fn ingested(shared: Shared<'_>, files: u64, skipped: Vec<String>) -> Ingested {
    let mut rejects = shared.rejects.into_inner().unwrap_or_else(PoisonError::into_inner);
    keep_first(&mut rejects);
    let (accepted, refused) = (shared.accepted.into_inner(), shared.refused.into_inner());
    let duplicates = shared.duplicates.into_inner();
    let second_log = shared.second_log.counts();
    let mut counts = shared.counts.into_inner();
    counts.joins_left_out += shared.joins.left_out();
    counts.without_text = counts.without_text.saturating_sub(counts.now_with_text);
    let mut unread = shared.unread.into_inner().unwrap_or_else(PoisonError::into_inner);
    unread.sort_by(|a, b| a.file.cmp(&b.file));
    Ingested {
        files,
        bytes: shared.bytes.into_inner(),
        read: accepted + refused + duplicates,
        accepted,
        refused,
        duplicates,
        conflicts: shared.dedupe.conflicting_ids(),
        reused_ids: shared.dedupe.reused_ids(),
        rejects,
        unread,
        skipped,
        counts,
        second_log,
    }
}

/// Keeps the first rejects by place, whatever the order in which they were met.
fn keep_first(rejects: &mut Vec<Reject>) {
    let place = |reject: &Reject| (reject.file.clone(), reject.line, reject.byte_offset, reject.reason.clone());
    rejects.sort_by_cached_key(place);
    rejects.truncate(MAX_REJECTS_KEPT);
}

impl Shared<'_> {
    /// Remembers the first failure, and stops the others.
    fn note(&self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    fn has_failed(&self) -> bool {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn reject(&self, reject: Reject) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let mut rejects = self.rejects.lock().unwrap_or_else(PoisonError::into_inner);
        rejects.push(reject);
        if rejects.len() >= 2 * MAX_REJECTS_KEPT {
            keep_first(&mut rejects);
        }
    }

    /// Remembers a file that could not be read. It is told among the rejects too, and is none: nobody knows how many
    /// records it holds.
    fn leave_unread(&self, input: &Input, error: &record::Error) {
        let (file, reason) = (input.name().to_owned(), error.to_string());
        let reject = Reject { file: file.clone(), line: 0, byte_offset: None, reason: reason.clone() };
        self.rejects.lock().unwrap_or_else(PoisonError::into_inner).push(reject);
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).push(Unread { file, reason });
    }

    fn records(&self) -> u64 {
        [&self.accepted, &self.refused, &self.duplicates].iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

/// A block on its way from the reader to a worker.
struct Piece {
    block: Block,
    tally: Arc<Tally>,
}

/// The reading thread: every input, block by block. An input that is no log is left unread; the others go on.
fn read(shared: &Shared<'_>, inputs: &[Input], sender: SyncSender<Piece>) -> Result<(), Error> {
    let mut done = 0;
    for input in inputs {
        let mut blocks = match input.open_mapped(shared.options.format, &shared.options.maps) {
            Ok(blocks) => blocks,
            // A store that fails says nothing of the log, and what it holds is not to be lost as one reject.
            Err(error @ record::Error::Store { .. }) => return Err(error.into()),
            Err(error) => {
                shared.leave_unread(input, &error);
                continue;
            }
        };
        let tally = Arc::new(Tally::default());
        loop {
            check(shared.progress)?;
            if shared.has_failed() {
                return Ok(());
            }
            if let Some(reason) = tally.given_up() {
                shared.leave_unread(input, &record::Error::GivenUp { file: input.name().to_owned(), reason });
                break;
            }
            let Some(block) = blocks.next() else { break };
            match block {
                Ok(block) => {
                    if sender.send(Piece { block, tally: Arc::clone(&tally) }).is_err() {
                        return Ok(());
                    }
                }
                Err(error @ record::Error::Store { .. }) => return Err(error.into()),
                Err(error) => {
                    shared.leave_unread(input, &error);
                    break;
                }
            }
            shared.progress.advance(done + blocks.bytes_read(), shared.records());
        }
        done += blocks.bytes_read();
        shared.bytes.store(done, Ordering::Relaxed);
    }
    Ok(())
}

/// A worker: parse, compute, write.
fn work(shared: &Shared<'_>, receiver: &Mutex<Receiver<Piece>>, max_bytes: usize) -> Result<(), Error> {
    let mut writer = RowWriter::new(shared, max_bytes);
    let mut told = Told::default();
    loop {
        let piece = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Piece { block, tally }) = piece else { return writer.finish() };
        if shared.has_failed() {
            // Blocks are still taken, so that the reader is not left waiting.
            continue;
        }
        let mut failed = Ok(());
        let mut days = Days::default();
        block.read_records(&mut |record| match record {
            Record::Refused(reject) => {
                if tally.refuse() {
                    shared.reject(reject);
                } else {
                    shared.refused.fetch_add(1, Ordering::Relaxed);
                }
            }
            Record::PassedOver(kind) => writer.counts.pass_over(kind),
            Record::Owner { kind, trace, account } => {
                writer.counts.pass_over(kind);
                shared.joins.learn_trace(trace, &account, &mut told);
            }
            Record::Exchange(exchange, mut origin) => {
                tally.accept();
                if !days.takes(&tally, exchange.at_us) {
                    shared.refused.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                let exchange = shared.second_log.complete(exchange, &mut origin);
                shared.joins.learn(&exchange, &origin, &mut told);
                let call = origin.call;
                match shared.joins.hold(exchange, origin) {
                    None => {}
                    Some(Err(reject)) => shared.reject(reject),
                    Some(Ok(exchange)) if failed.is_ok() => failed = writer.push(&exchange, call),
                    Some(Ok(_)) => {}
                }
            }
        });
        writer.tell();
        // On failure blocks are still taken, see above.
        shared.note(failed);
    }
}

/// After all records: those that waited for others.
fn settle(shared: &Shared<'_>) -> Result<(), Error> {
    let mut writer = RowWriter::new(shared, MAX_BYTES_HELD);
    shared.joins.settle_all(&mut writer)?;
    writer.tell();
    writer.finish()
}

/// What turns exchanges into rows.
struct RowWriter<'a> {
    shared: &'a Shared<'a>,
    rows: PartitionWriter<'a>,
    observer: Observer,
    shards: u8,
    counts: Counts,
    accepted: u64,
    duplicates: u64,
}

impl<'a> RowWriter<'a> {
    fn new(shared: &'a Shared<'a>, max_bytes: usize) -> Self {
        let options = shared.options;
        let observer = Observer::new(shared.key.clone());
        let kept = Kept { text: options.keep_text, identifiers: options.keep_identifiers, key: shared.key.clone() };
        Self {
            shared,
            rows: PartitionWriter::new(&shared.staging, max_bytes, kept).with_sealer(shared.sealer.as_ref()),
            observer: match &options.embedder {
                Some(embedder) => observer.with_embedder(Arc::clone(embedder)),
                None => observer,
            },
            shards: if options.shards == 0 { 4 } else { options.shards },
            counts: Counts::default(),
            accepted: 0,
            duplicates: 0,
        }
    }

    /// Writes an exchange, unless it is known.
    fn push(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> Result<(), Error> {
        let features = self.observer.observe(exchange);
        let row = row_id_of_call(exchange, &features, call, &self.shared.key);
        let fate = self.shared.dedupe.see(row, self.shared.key.value(&exchange.id) as i64);
        if fate == Fate::New {
            self.accepted += 1;
            self.counts.look_at(exchange);
        } else {
            self.duplicates += 1;
        }
        if fate == Fate::Duplicate {
            return Ok(());
        }
        let partition = Partition::of(exchange.at_us, self.shared.key.text(exchange.account.as_bytes()), self.shards);
        self.rows.push(partition, exchange, &features, row)
    }

    /// Adds what was counted since the last time.
    fn tell(&mut self) {
        self.shared.accepted.fetch_add(std::mem::take(&mut self.accepted), Ordering::Relaxed);
        self.shared.duplicates.fetch_add(std::mem::take(&mut self.duplicates), Ordering::Relaxed);
        self.shared.counts.add(std::mem::take(&mut self.counts));
    }

    fn finish(self) -> Result<(), Error> {
        self.rows.finish()
    }
}

impl SettledSink for RowWriter<'_> {
    fn counts(&mut self) -> &mut Counts {
        &mut self.counts
    }

    fn take(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> Result<(), Error> {
        check(self.shared.progress)?;
        self.push(exchange, call)
    }

    fn supersede(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> Result<(), Error> {
        check(self.shared.progress)?;
        let features = self.observer.observe(exchange);
        let row = row_id_of_call(exchange, &features, call, &self.shared.key);
        self.shared.dedupe.supersede(row);
        let partition = Partition::of(exchange.at_us, self.shared.key.text(exchange.account.as_bytes()), self.shards);
        self.rows.push(partition, exchange, &features, row)
    }

    fn refuse(&mut self, reject: Reject) {
        self.shared.reject(reject);
    }
}
