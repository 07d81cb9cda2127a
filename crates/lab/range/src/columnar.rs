//! A world as a data directory: the rows that an ingest of its lines would make, without the lines.
//!
//! Each account shard is told by one thread, in the order of the ids, so that a thread has no more partitions open than
//! the world has days, and files do not depend on the number of threads. The text is thrown away as soon as its features
//! are computed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use columns::{Partition, ShardWriter, Store, Transaction, row_id};
use observation::Observer;
use record::Exchange;
use record::native::write_account;
use sketch::hash::text_hash;
use sketch::{Embedder, HashKey, HashedWords};

use crate::cast::Cast;
use crate::emit::Sink;
use crate::error::Error;
use crate::identity::account_id;
use crate::stage::Stage;
use crate::tell::Counts;
use crate::tell::tell;
use crate::time::DAY;

/// Files that are open at a time: each holds up to 8 MB of rows, and many systems give a process no more than 1,024.
const MAX_OPEN: i64 = 360;
/// Accounts that are told between two reports of progress.
const UNIT: usize = 48;

/// Writes all registration records, in the order of the ids.
pub(crate) fn write_accounts(stage: &Stage, cast: &Cast, path: &Path, accounts: &mut impl Write) -> Result<(), Error> {
    let mut line = Vec::new();
    for member in cast.members.iter().filter(|member| !member.guest) {
        let Some(group) = cast.group(member.group) else { continue };
        line.clear();
        write_account(&group.profile(stage, member.index).account, &mut line);
        accounts.write_all(&line).map_err(Error::write(path))?;
    }
    Ok(())
}

/// Writes the table of all exchanges below `folder`.
pub(crate) fn write_columnar(
    stage: &Stage,
    cast: &Cast,
    folder: &Path,
    shards: u8,
    counts: &mut Counts<'_>,
    threads: usize,
) -> Result<(), Error> {
    let store = Store::open(folder)?;
    let mut transaction = Transaction::begin(&store, None)?;
    transaction.settle_embedder(&HashedWords.name())?;
    let table = transaction.staged_exchanges();
    let by_shard = by_shard(cast, shards);
    let work = Work {
        stage,
        cast,
        table: &table,
        shards,
        by_shard: &by_shard,
        next: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
    };
    let days = (stage.window.end - stage.window.start) / DAY;
    let threads = threads.min(usize::from(shards)).min((MAX_OPEN / days.max(1)) as usize).max(1);
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let sender = sender.clone();
                scope.spawn(|| work.run(sender))
            })
            .collect();
        drop(sender);
        receiver.iter().for_each(|made: Made| counts.add(&made));
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| Error::Thread)?)
    })?;
    transaction.add_staged_exchanges()?;
    transaction.commit()?;
    for file in store.exchange_files()? {
        counts.bytes += fs::metadata(&file).map_err(Error::read(&file))?.len();
    }
    Ok(())
}

/// Ranks of the members of each shard.
fn by_shard(cast: &Cast, shards: u8) -> Vec<Vec<u32>> {
    let mut by_shard = vec![Vec::new(); usize::from(shards)];
    for (rank, member) in (0..).zip(&cast.members) {
        let hash = text_hash(account_id(member.id).as_bytes());
        if let Some(shard) = by_shard.get_mut(usize::from(Partition::of(0, hash, shards).shard)) {
            shard.push(rank);
        }
    }
    by_shard
}

/// Exchanges made, by group.
type Made = Vec<(u32, u64)>;

/// What the threads share.
struct Work<'a> {
    stage: &'a Stage,
    cast: &'a Cast,
    table: &'a Path,
    shards: u8,
    by_shard: &'a [Vec<u32>],
    next: AtomicUsize,
    failed: AtomicBool,
}

impl Work<'_> {
    /// Tells shard after shard until none is left.
    fn run(&self, sender: Sender<Made>) -> Result<(), Error> {
        while let Some(shard) = self.by_shard.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let told = self.tell(shard, &sender);
            if told.is_err() {
                self.failed.store(true, Ordering::Relaxed);
                return told;
            }
        }
        Ok(())
    }

    fn tell(&self, shard: &[u32], sender: &Sender<Made>) -> Result<(), Error> {
        let mut rows =
            Rows { writer: ShardWriter::new(self.table), observer: Observer::default(), shards: self.shards };
        let mut accounts = Vec::new();
        for ranks in shard.chunks(UNIT) {
            if self.failed.load(Ordering::Relaxed) {
                return Ok(());
            }
            let members = ranks.iter().filter_map(|rank| self.cast.members.get(*rank as usize));
            let made = tell(self.stage, self.cast, members, &mut rows, &mut accounts)?;
            accounts.clear();
            // Nobody listens after a failure, which is told elsewhere.
            let _ = sender.send(made);
        }
        Ok(rows.writer.finish()?)
    }
}

/// Rows of one shard.
struct Rows<'a> {
    writer: ShardWriter<'a>,
    observer: Observer,
    shards: u8,
}

impl Sink for Rows<'_> {
    fn exchange(&mut self, exchange: &Exchange<'_>) -> Result<(), Error> {
        let features = self.observer.observe(exchange);
        let partition = Partition::of(exchange.at_us, text_hash(exchange.account.as_bytes()), self.shards);
        Ok(self.writer.push(partition, exchange, &features, row_id(exchange, &features, &HashKey::public()))?)
    }
}
