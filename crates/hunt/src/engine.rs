//! The query engine: sessions, functions, and the queries of a hunt.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use arrow::array::AsArray;
use arrow::array::RecordBatch;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::ListingOptions;
use datafusion::datasource::listing::ListingTable;
use datafusion::datasource::listing::ListingTableConfig;
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::SessionConfig;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use profile::Profile;

use crate::error::Error;
use crate::fold::COLUMNS;
use crate::fold::fold_function;
use columns::Phase;
use columns::Progress;
use columns::check;
use columns::exchange_schema;

/// Memory the engine may use before it spills to disk.
const MEMORY_BYTES: usize = 4 << 30;

/// Registers every function of ours with an engine. The only list of them: a scheduler and its executors call this
/// too, and a plan that runs here runs there.
pub fn register_functions(context: &SessionContext) {
    context.register_udaf(fold_function());
}

/// Runs queries over columnar files.
pub(crate) struct Engine {
    runtime: tokio::runtime::Runtime,
    memory: Arc<RuntimeEnv>,
    workers: usize,
}

/// Files that are folded together: those of one account shard, where the table is cut by account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unit {
    /// Files of the exchange table.
    pub files: Vec<PathBuf>,
    /// Whether an id may be in several of them.
    pub is_repeated: bool,
}

/// An account and the fold of its exchanges.
pub(crate) type Folded = (String, Box<Profile>);

impl Engine {
    /// An engine with so many threads.
    pub(crate) fn new(workers: usize) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .build()
            .map_err(|error| Error::bug(format!("no threads: {error}")))?;
        let memory =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(MEMORY_BYTES))).build_arc()?;
        Ok(Self { runtime, memory, workers })
    }

    /// A session that may use so many threads.
    fn session(&self, threads: usize) -> SessionContext {
        let mut config = SessionConfig::new().with_target_partitions(threads);
        let options = config.options_mut();
        // Our functions take plain strings and binaries.
        options.execution.parquet.schema_force_view_types = false;
        options.execution.parquet.pushdown_filters = true;
        let context = SessionContext::new_with_config_rt(config, Arc::clone(&self.memory));
        register_functions(&context);
        context
    }

    /// Folds every account's exchanges between two times, unit by unit: accounts of one shard at a time are in the
    /// engine's memory, and no partial profile passes between threads.
    pub(crate) fn fold(
        &self,
        units: &[Unit],
        since_us: Option<i64>,
        until_us: Option<i64>,
        progress: &dyn Progress,
    ) -> Result<Vec<Folded>, Error> {
        progress.begin(Phase::Fold, None);
        let threads = (self.workers / units.len().max(1)).max(1);
        let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
        let work = || {
            let mut own = Vec::new();
            while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                own.extend(self.fold_unit(unit, threads, since_us, until_us, &|accounts| {
                    let done = done.fetch_add(accounts, Ordering::Relaxed) + accounts;
                    progress.advance(done, done);
                    check(progress)
                })?);
            }
            Ok(own)
        };
        let parts: Vec<Result<Vec<Folded>, Error>> = thread::scope(|scope| {
            let others: Vec<_> = (1..self.workers.min(units.len())).map(|_| scope.spawn(work)).collect();
            let own = work();
            // A thread that panicked is a bug; its panic goes on here.
            let others = others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            std::iter::once(own).chain(others).collect()
        });
        let mut folded = Vec::new();
        for part in parts {
            folded.extend(part?);
        }
        Ok(whole(folded))
    }

    /// The fold of one unit's exchanges, by account, in no order.
    fn fold_unit(
        &self,
        unit: &Unit,
        threads: usize,
        since_us: Option<i64>,
        until_us: Option<i64>,
        progress: &dyn Fn(u64) -> Result<(), columns::Error>,
    ) -> Result<Vec<Folded>, Error> {
        let context = self.session(threads);
        context.register_table("exchange", table_of(&unit.files)?)?;
        let mut folded = Vec::new();
        let sql = fold_sql(since_us, until_us, unit.is_repeated);
        self.stream(&context, &sql, |batch| {
            let (Some(accounts), Some(profiles)) = (
                batch.columns().first().and_then(|column| column.as_string_opt::<i32>()),
                batch.columns().get(1).and_then(|column| column.as_binary_opt::<i64>()),
            ) else {
                return Err(Error::bug("the fold query has other columns than asked for"));
            };
            for (account, bytes) in accounts.iter().zip(profiles.iter()) {
                if let (Some(account), Some(bytes)) = (account, bytes) {
                    let profile = Profile::from_bytes(bytes).map_err(|error| Error::bug(error.to_string()))?;
                    folded.push((account.to_owned(), Box::new(profile)));
                }
            }
            Ok(progress(batch.num_rows() as u64)?)
        })?;
        Ok(folded)
    }

    fn stream(
        &self,
        context: &SessionContext,
        sql: &str,
        mut sink: impl FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.runtime.block_on(async {
            let mut batches = context.sql(sql).await?.execute_stream().await?;
            while let Some(batch) = batches.next().await {
                sink(&batch?)?;
            }
            Ok(())
        })
    }
}

/// A table of files of the columnar form.
fn table_of(files: &[PathBuf]) -> Result<Arc<ListingTable>, Error> {
    let urls: Vec<ListingTableUrl> =
        files.iter().map(|file| ListingTableUrl::parse(file.to_string_lossy())).collect::<Result<_, _>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let config =
        ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(exchange_schema());
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// Sorted by account, each account once: what several units say of one is merged.
fn whole(mut folded: Vec<Folded>) -> Vec<Folded> {
    folded.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    folded.dedup_by(|later, first| {
        let is_same = later.0 == first.0;
        if is_same {
            first.1.merge(&later.1);
        }
        is_same
    });
    folded
}

/// The fold of every account's exchanges. An id that `is_repeated` counts once, as the record with the smallest row
/// hash, as within one table.
pub(crate) fn fold_sql(since_us: Option<i64>, until_us: Option<i64>, is_repeated: bool) -> String {
    let since = since_us.map(|since| format!("at >= {}", timestamp(since)));
    let until = until_us.map(|until| format!("at < {}", timestamp(until)));
    let filters: Vec<String> = since.into_iter().chain(until).collect();
    let filter = if filters.is_empty() { String::new() } else { format!(" WHERE {}", filters.join(" AND ")) };
    let columns = COLUMNS.join(", ");
    let source = if is_repeated {
        format!(
            "(SELECT DISTINCT ON (id_hash) id_hash, account, {columns} FROM exchange ORDER BY id_hash, row_hash) once"
        )
    } else {
        "exchange".to_owned()
    };
    format!("SELECT account, fold({columns}) AS profile FROM {source}{filter} GROUP BY account")
}

fn timestamp(at_us: i64) -> String {
    format!("arrow_cast(arrow_cast({at_us}, 'Int64'), 'Timestamp(Microsecond, Some(\"UTC\"))')")
}
