//! The query engine: sessions, functions, and the queries of a hunt.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::datatypes::Int64Type;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::ListingOptions;
use datafusion::datasource::listing::ListingTable;
use datafusion::datasource::listing::ListingTableConfig;
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::SessionConfig;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use link::Limits;
use profile::Profile;
use record::ObservableKind;
use record::remote::is_remote;

use crate::buckets::Buckets;
use crate::columnar::exchange_schema;
use crate::error::Error;
use crate::fold::COLUMNS;
use crate::fold::fold_function;
use crate::progress::Phase;
use crate::progress::Progress;
use crate::progress::check;
use crate::store::day_of;

/// Memory the engine may use before it spills to disk.
const MEMORY_BYTES: usize = 4 << 30;

/// Registers every function of ours with an engine. The only list of them: a scheduler and its executors call this
/// too, and a plan that runs here runs there.
pub fn register_functions(context: &SessionContext) {
    context.register_udaf(fold_function());
}

/// A session over columnar files.
pub(crate) struct Engine {
    context: SessionContext,
    runtime: tokio::runtime::Runtime,
    tables: usize,
}

/// An account and the fold of its exchanges.
pub(crate) type Folded = (String, Profile);

/// A row of the observable index that ties accounts: kind, value, account.
pub(crate) type TieRow = (u8, u64, u32);

impl Engine {
    /// A session with the exchange tables of `tables`, folders of the columnar form.
    pub(crate) fn open(tables: &[PathBuf], workers: usize) -> Result<Self, Error> {
        let mut config = SessionConfig::new().with_target_partitions(workers);
        let options = config.options_mut();
        // Our functions take plain strings and binaries.
        options.execution.parquet.schema_force_view_types = false;
        options.execution.parquet.pushdown_filters = true;
        let runtime_env = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(MEMORY_BYTES)))
            .with_object_store_registry(Arc::new(Buckets::default()))
            .build_arc()?;
        let context = SessionContext::new_with_config_rt(config, runtime_env);
        register_functions(&context);
        let count = register_exchanges(&context, tables)?;
        // Object stores need timers and sockets.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build()
            .map_err(|error| Error::Bug(format!("no threads: {error}")))?;
        Ok(Self { context, runtime, tables: count })
    }

    /// Folds every account's exchanges between two times.
    pub(crate) fn fold(
        &self,
        since_us: Option<i64>,
        until_us: Option<i64>,
        progress: &dyn Progress,
    ) -> Result<Vec<Folded>, Error> {
        let sql = fold_sql(since_us, until_us, self.tables > 1);
        progress.begin(Phase::Fold, None);
        let mut folded = Vec::new();
        self.stream(&sql, progress, |batch| {
            read_folded(batch, &mut folded)?;
            progress.advance(folded.len() as u64, folded.len() as u64);
            Ok(())
        })?;
        // The engine returns groups in no order.
        folded.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(folded)
    }

    /// The ties of the observable index: values held by enough customers, with the accounts that hold them. `index` is registered as the table `observable`.
    pub(crate) fn ties(&self, index: Vec<RecordBatch>, progress: &dyn Progress) -> Result<Vec<TieRow>, Error> {
        let Some(first) = index.first() else { return Ok(Vec::new()) };
        let table = MemTable::try_new(first.schema(), vec![index])?;
        self.context.register_table("observable", Arc::new(table))?;
        let mut ties = Vec::new();
        self.stream(&ties_sql(), progress, |batch| {
            let column = |at: usize| batch.columns().get(at).and_then(|column| column.as_primitive_opt::<Int64Type>());
            let (Some(kinds), Some(values), Some(accounts)) = (column(0), column(1), column(2)) else {
                return Err(Error::Bug("the ties query has other columns than asked for".to_owned()));
            };
            let rows = kinds.values().iter().zip(values.values()).zip(accounts.values());
            ties.extend(rows.map(|((kind, value), account)| (*kind as u8, *value as u64, *account as u32)));
            Ok(())
        })?;
        self.context.deregister_table("observable")?;
        ties.sort_unstable();
        Ok(ties)
    }

    /// Counts the rows in a window, for a comparison with what a cluster sees.
    #[cfg(feature = "ballista")]
    pub(crate) fn count(&self, sql: &str, progress: &dyn Progress) -> Result<i64, Error> {
        let mut rows = 0;
        self.stream(sql, progress, |batch| read_count(batch, &mut rows))?;
        Ok(rows)
    }

    fn stream(
        &self,
        sql: &str,
        progress: &dyn Progress,
        mut sink: impl FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.runtime.block_on(async {
            let mut batches = self.context.sql(sql).await?.execute_stream().await?;
            while let Some(batch) = batches.next().await {
                check(progress)?;
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
        let empty = MemTable::try_new(exchange_schema(), vec![vec![]])?;
        context.register_table("exchange", Arc::new(empty))?;
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

/// Reads the profiles of a batch of the fold query.
pub(crate) fn read_folded(batch: &RecordBatch, folded: &mut Vec<Folded>) -> Result<(), Error> {
    let (Some(accounts), Some(profiles)) = (
        batch.columns().first().and_then(|column| column.as_string_opt::<i32>()),
        batch.columns().get(1).and_then(|column| column.as_binary_opt::<i64>()),
    ) else {
        return Err(Error::Bug("the fold query has other columns than asked for".to_owned()));
    };
    for (account, bytes) in accounts.iter().zip(profiles.iter()) {
        if let (Some(account), Some(bytes)) = (account, bytes) {
            let profile = Profile::from_bytes(bytes).map_err(|error| Error::Bug(error.to_string()))?;
            folded.push((account.to_owned(), profile));
        }
    }
    Ok(())
}

/// The fold of every account's exchanges. One table holds an id once; `several` may hold it in more than one, and then
/// the record with the smallest row hash counts, as within one.
pub(crate) fn fold_sql(since_us: Option<i64>, until_us: Option<i64>, several: bool) -> String {
    let filter = window_sql(since_us, until_us);
    let columns = COLUMNS.join(", ");
    let source = if several {
        format!(
            "(SELECT DISTINCT ON (id_hash) id_hash, account, day, {columns} FROM exchange ORDER BY id_hash, row_hash) once"
        )
    } else {
        "exchange".to_owned()
    };
    format!("SELECT account, fold({columns}) AS profile FROM {source}{filter} GROUP BY account")
}

/// Reads the only number of a batch of a counting query.
#[cfg(feature = "ballista")]
pub(crate) fn read_count(batch: &RecordBatch, rows: &mut i64) -> Result<(), Error> {
    let column = batch.columns().first().and_then(|column| column.as_primitive_opt::<Int64Type>());
    let column = column.ok_or_else(|| Error::Bug("the count query has other columns than asked for".to_owned()))?;
    *rows += column.values().iter().sum::<i64>();
    Ok(())
}

/// The condition that a row is in the window; nothing where there is none.
pub(crate) fn window_sql(since_us: Option<i64>, until_us: Option<i64>) -> String {
    let mut filters = Vec::new();
    // The day prunes files before they are opened; the time decides.
    if let Some(since) = since_us {
        filters.push(format!("day >= '{}' AND at >= {}", day_of(since), timestamp(since)));
    }
    if let Some(until) = until_us {
        filters.push(format!("day <= '{}' AND at < {}", day_of(until), timestamp(until)));
    }
    if filters.is_empty() { String::new() } else { format!(" WHERE {}", filters.join(" AND ")) }
}

fn timestamp(at_us: i64) -> String {
    format!("arrow_cast(arrow_cast({at_us}, 'Int64'), 'Timestamp(Microsecond, Some(\"UTC\"))')")
}

/// Accounts that hold a value which enough customers hold: two of what is handed over, three of the rest.
pub(crate) fn ties_sql() -> String {
    let handed = [ObservableKind::Root, ObservableKind::Answer, ObservableKind::Signature].map(|kind| kind as u8);
    let handed = handed.map(|kind| kind.to_string()).join(", ");
    let (two, three) = (Limits::handed_over(), Limits::default());
    format!(
        "SELECT o.kind, o.value, o.account FROM observable o JOIN (\
         SELECT kind, value FROM observable GROUP BY kind, value \
         HAVING count(DISTINCT customer) >= CASE WHEN kind IN ({handed}) THEN {} ELSE {} END\
         ) shared ON o.kind = shared.kind AND o.value = shared.value",
        two.least_holders, three.least_holders
    )
}
