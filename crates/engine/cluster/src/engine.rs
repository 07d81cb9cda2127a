//! The query engine: sessions, functions, and the queries of a hunt.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::datatypes::Int64Type;
use columns::exchange_schema;
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
use hunt::Folded;
use profile::Profile;
use record::remote::is_remote;

use crate::buckets::Buckets;
use crate::error::Error;
use crate::functions::fold_function;

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

    /// A session that may use all its threads.
    pub(crate) fn session(&self) -> SessionContext {
        let mut config = SessionConfig::new().with_target_partitions(self.workers);
        let options = config.options_mut();
        // Our functions take plain strings and binaries.
        options.execution.parquet.schema_force_view_types = false;
        options.execution.parquet.pushdown_filters = true;
        let context = SessionContext::new_with_config_rt(config, Arc::clone(&self.memory));
        register_functions(&context);
        context
    }

    /// Counts rows of exchange tables, for a comparison with what a cluster sees.
    pub(crate) fn count(&self, tables: &[PathBuf], sql: &str) -> Result<i64, Error> {
        let context = self.session();
        register_exchanges(&context, tables)?;
        let mut rows = 0;
        self.stream(&context, sql, |batch| read_count(batch, &mut rows))?;
        Ok(rows)
    }

    /// Waits for a query.
    pub(crate) fn block_on<T>(&self, query: impl Future<Output = T>) -> T {
        self.runtime.block_on(query)
    }

    fn stream(
        &self,
        context: &SessionContext,
        sql: &str,
        mut sink: impl FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.block_on(async {
            let mut batches = context.sql(sql).await?.execute_stream().await?;
            while let Some(batch) = batches.next().await {
                sink(&batch?)?;
            }
            Ok(())
        })
    }
}

/// Registers the columnar folders that there are as the table `exchange`, and counts them.
pub(crate) fn register_exchanges(context: &SessionContext, tables: &[PathBuf]) -> Result<usize, Error> {
    let urls: Vec<ListingTableUrl> = tables
        .iter()
        .map(|table| table.display().to_string())
        .filter(|table| is_remote(table) || Path::new(table).is_dir())
        .map(|table| ListingTableUrl::parse(format!("{table}/")))
        .collect::<Result<_, _>>()?;
    let count = urls.len();
    if urls.is_empty() {
        context.register_table("exchange", Arc::new(MemTable::try_new(exchange_schema(), vec![vec![]])?))?;
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
