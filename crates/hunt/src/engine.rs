//! The query engine: sessions, functions, and the queries of a hunt.

use std::panic::resume_unwind;
#[cfg(feature = "ballista")]
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use arrow::array::AsArray;
use arrow::array::RecordBatch;
#[cfg(feature = "ballista")]
use arrow::datatypes::DataType;
use arrow::datatypes::Int64Type;
use arrow::datatypes::SchemaRef;
use columns::Phase;
use columns::Progress;
use columns::Window;
use columns::check;
use columns::exchange_schema;
use columns::increment_schema;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
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
#[cfg(feature = "ballista")]
use record::remote::is_remote;

use crate::buckets::Buckets;
use crate::error::Error;
use crate::fold::fold_function;
use crate::fold::merge_function;
use crate::ids::ids_function;
use crate::sql::fold_sql;
use crate::sql::merge_sql;
use crate::sql::time_sql;

/// Memory the engine may use before it spills to disk.
const MEMORY_BYTES: usize = 4 << 30;

/// Registers every function of ours with an engine. The only list of them: a scheduler and its executors call this
/// too, and a plan that runs here runs there.
pub fn register_functions(context: &SessionContext) {
    context.register_udaf(fold_function());
    context.register_udaf(merge_function());
    context.register_udaf(ids_function());
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
    pub exchanges: Vec<PathBuf>,
    /// Increments that lie inside the window.
    pub whole: Vec<PathBuf>,
    /// Increments by the hour of which the window takes some.
    pub hours: Vec<PathBuf>,
    /// Whether an id may be in several of the exchange files.
    pub is_repeated: bool,
}

/// An account and the fold of its exchanges.
pub(crate) type Folded = (String, Box<Profile>);

impl Engine {
    /// An engine with so many threads.
    pub(crate) fn new(workers: usize) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            // Object stores need timers and sockets.
            .enable_all()
            .build()
            .map_err(|error| Error::bug(format!("no threads: {error}")))?;
        let memory = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(MEMORY_BYTES)))
            .with_object_store_registry(Arc::new(Buckets::default()))
            .build_arc()?;
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

    /// Folds every account's exchanges in the window, unit by unit: accounts of one shard at a time are in the engine's
    /// memory, and no partial profile passes between threads.
    pub(crate) fn fold(&self, units: &[Unit], window: Window, progress: &dyn Progress) -> Result<Vec<Folded>, Error> {
        progress.begin(Phase::Fold, None);
        let threads = (self.workers / units.len().max(1)).max(1);
        let done = AtomicU64::new(0);
        let parts = self.in_parallel(units, |unit| {
            let context = self.session(threads);
            let mut folded = Vec::new();
            for sql in unit.register(&context, window)? {
                self.stream(&context, &sql, |batch| {
                    read_folded(batch, &mut folded)?;
                    let rows = batch.num_rows() as u64;
                    let done = done.fetch_add(rows, Ordering::Relaxed) + rows;
                    progress.advance(done, done);
                    Ok(check(progress)?)
                })?;
            }
            Ok(folded)
        })?;
        Ok(whole(parts.into_iter().flatten().collect()))
    }

    /// Does `work` for each item on as many threads as there are workers, and stops at the first error.
    pub(crate) fn in_parallel<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        let next = AtomicUsize::new(0);
        let claim = || {
            let mut done = Vec::new();
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                match work(item) {
                    Ok(result) => done.push(result),
                    Err(error) => {
                        next.store(items.len(), Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
            Ok(done)
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..self.workers.min(items.len())).map(|_| scope.spawn(claim)).collect();
            let own = claim();
            // A thread that panicked is a bug; its panic goes on here.
            let others = others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            let all: Result<Vec<Vec<R>>, Error> = std::iter::once(own).chain(others).collect();
            Ok(all?.into_iter().flatten().collect())
        })
    }

    /// The batches of a query over exchanges and increments.
    pub(crate) fn query(&self, exchanges: &[PathBuf], parts: &[PathBuf], sql: &str) -> Result<Vec<RecordBatch>, Error> {
        let context = self.session((self.workers / 2).max(1));
        context.register_table("exchange", table_of(exchanges, exchange_schema())?)?;
        context.register_table("part", table_of(parts, increment_schema())?)?;
        let mut batches = Vec::new();
        self.stream(&context, sql, |batch| {
            batches.push(batch.clone());
            Ok(())
        })?;
        Ok(batches)
    }

    /// Counts rows of exchange tables, for a comparison with what a cluster sees.
    #[cfg(feature = "ballista")]
    pub(crate) fn count(&self, tables: &[PathBuf], sql: &str) -> Result<i64, Error> {
        let context = self.session(self.workers);
        register_exchanges(&context, tables)?;
        let mut rows = 0;
        self.stream(&context, sql, |batch| read_count(batch, &mut rows))?;
        Ok(rows)
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

impl Unit {
    /// Registers the files and returns the queries whose results together are the unit's profiles.
    fn register(&self, context: &SessionContext, window: Window) -> Result<Vec<String>, Error> {
        let Window { since_us, until_us } = window;
        let mut queries = Vec::new();
        if !self.exchanges.is_empty() {
            context.register_table("exchange", table_of(&self.exchanges, exchange_schema())?)?;
            queries.push(fold_sql(&time_sql(since_us, until_us), self.is_repeated));
        }
        if !self.whole.is_empty() {
            context.register_table("part", table_of(&self.whole, increment_schema())?)?;
            queries.push(merge_sql("part", None, None));
        }
        if !self.hours.is_empty() {
            context.register_table("hours", table_of(&self.hours, increment_schema())?)?;
            queries.push(merge_sql("hours", since_us, until_us));
        }
        Ok(queries)
    }
}

/// A table of Parquet files; an empty one where there are none.
fn table_of(files: &[PathBuf], schema: SchemaRef) -> Result<Arc<dyn TableProvider>, Error> {
    if files.is_empty() {
        return Ok(Arc::new(MemTable::try_new(schema, vec![vec![]])?));
    }
    let urls: Vec<ListingTableUrl> =
        files.iter().map(|file| ListingTableUrl::parse(file.to_string_lossy())).collect::<Result<_, _>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(schema);
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// Registers the columnar folders that there are as the table `exchange`, and counts them.
#[cfg(feature = "ballista")]
pub(crate) fn register_exchanges(context: &SessionContext, tables: &[PathBuf]) -> Result<usize, Error> {
    let urls: Vec<ListingTableUrl> = tables
        .iter()
        .map(|table| table.display().to_string())
        .filter(|table| is_remote(table) || Path::new(table).is_dir())
        .map(|table| ListingTableUrl::parse(format!("{table}/")))
        .collect::<Result<_, _>>()?;
    let count = urls.len();
    if urls.is_empty() {
        context.register_table("exchange", table_of(&[], exchange_schema())?)?;
        return Ok(count);
    }
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()))
        .with_file_extension(".parquet")
        .with_table_partition_cols(vec![("day".into(), DataType::Utf8), ("shard".into(), DataType::Utf8)]);
    let config =
        ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(exchange_schema());
    context.register_table("exchange", Arc::new(ListingTable::try_new(config)?))?;
    Ok(count)
}

/// Reads the profiles of a batch of a fold.
pub(crate) fn read_folded(batch: &RecordBatch, folded: &mut Vec<Folded>) -> Result<(), Error> {
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
    Ok(())
}

/// Reads the only number of a batch of a counting query.
pub(crate) fn read_count(batch: &RecordBatch, rows: &mut i64) -> Result<(), Error> {
    let column = batch.columns().first().and_then(|column| column.as_primitive_opt::<Int64Type>());
    let column = column.ok_or_else(|| Error::bug("the count query has other columns than asked for"))?;
    *rows += column.values().iter().sum::<i64>();
    Ok(())
}

/// Sorted by account, each account once: what several units say of one is merged.
pub(crate) fn whole(mut folded: Vec<Folded>) -> Vec<Folded> {
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
