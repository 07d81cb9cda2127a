//! The hunt's side: a plan goes to the scheduler, profiles come back.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use arrow::array::RecordBatch;
use ballista_core::config::BALLISTA_CLIENT_IO_RETRIES_TIMES;
use ballista_core::config::BALLISTA_CLIENT_IO_RETRY_WAIT_TIME_MS;
use ballista_core::config::BALLISTA_CLIENT_PULL;
use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::extension::SessionConfigExt;
use ballista_core::extension::SessionStateExt;
use ballista_core::serde::protobuf::CancelJobParams;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionConfig;
use datafusion::prelude::SessionContext;
use datafusion_proto::protobuf::LogicalPlanNode;
use futures::StreamExt;

use crate::address::Address;
use crate::buckets::Buckets;
use crate::engine::Engine;
use crate::engine::read_count;
use crate::engine::read_folded;
use crate::engine::register_exchanges;
use crate::engine::register_functions;
use crate::error::Error;
use crate::gate::Capacity;
use crate::greeting::ConnectError;
use crate::greeting::Greeting;
use crate::greeting::Line;
use crate::limits::MESSAGE_BYTES;
use crate::limits::NO_EXECUTORS;
use crate::queries::fold_sql;
use crate::queries::time_sql;
use crate::queries::window_sql;
use crate::role::runtime;
use crate::wire::Keys;
use crate::wire::Wire;
use columns::Window;
use hunt::Folded;
use hunt::RemoteFold;
use workers::Phase;
use workers::Progress;
use workers::check;

/// Parts that a table is read in and that profiles are dealt to, for each slot: two, so that a slow one keeps the others
/// waiting for less. The result does not depend on it.
const PARTITIONS_PER_SLOT: usize = 2;
/// Fewer parts make an executor's death cost more; more make more of small partial results.
const PARTITIONS: RangeInclusive<usize> = 8..=512;
/// Times a job is begun. The scheduler repeats tasks by itself; this is for what it gets wrong when an executor dies, for
/// results that died with their executor after the job was done, and for a scheduler that was started anew.
const ATTEMPTS: usize = 4;
/// How often a waiting hunt looks whether it is to stop.
const STOP_CHECK: Duration = Duration::from_millis(200);
/// How often it asks whether the scheduler is there.
const GREET_EVERY: Duration = Duration::from_secs(2);
/// Unanswered questions after which the scheduler is given up.
const MAX_FAILURES: usize = 3;

/// The hunt's side of a cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Where the scheduler listens.
    pub scheduler: Address,
    /// What the cluster has in common.
    pub keys: Keys,
}

impl RemoteFold for Cluster {
    fn fold(
        &self,
        tables: &[PathBuf],
        window: Window,
        workers: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<Folded>, hunt::Error> {
        Ok(fold(self, tables, window, workers, progress)?)
    }
}

/// Folds every account's exchanges in a window, on a cluster.
fn fold(
    cluster: &Cluster,
    tables: &[PathBuf],
    window: Window,
    workers: usize,
    progress: &dyn Progress,
) -> Result<Vec<Folded>, Error> {
    let runtime = runtime()?;
    let _entered = runtime.enter();
    let wire = Wire::new(&cluster.keys)?;
    let line = Line::new(&cluster.scheduler, &wire).map_err(fatal)?;
    let session = Session { cluster, wire, line, tables };
    runtime.block_on(session.ready(progress))?;
    let sums = Sums::new(tables, window, workers)?;
    progress.begin(Phase::Fold, None);
    let mut attempt = 1;
    loop {
        match runtime.block_on(session.fold(window, &sums, progress)) {
            Ok(folded) => return Ok(folded),
            Err(Trouble::Final(error)) => return Err(error),
            Err(Trouble::Passing(reason)) if attempt >= ATTEMPTS => {
                return Err(Error::Cluster(format!(
                    "the cluster at {} failed {ATTEMPTS} times, the last time because {reason} (look at what its executors \
                     say)",
                    cluster.scheduler
                )));
            }
            Err(Trouble::Passing(_)) => attempt += 1,
        }
    }
}

/// What is counted here, for a comparison with what the cluster says.
struct Sums {
    /// How the rows are counted.
    sql: String,
    /// Rows in the window.
    rows: i64,
    /// Exchanges that all profiles together hold.
    exchanges: i64,
}

impl Sums {
    fn new(tables: &[PathBuf], Window { since_us, until_us }: Window, workers: usize) -> Result<Self, Error> {
        let sql = format!("SELECT count(*) FROM exchange{}", window_sql(since_us, until_us));
        let engine = Engine::new(workers)?;
        let rows = engine.count(tables, &sql)?;
        // One table holds an id once.
        let exchanges = if tables.len() > 1 {
            let once = "SELECT DISTINCT ON (id_hash) id_hash, at FROM exchange ORDER BY id_hash, row_hash";
            let condition = time_sql(since_us, until_us);
            engine.count(tables, &format!("SELECT count(*) FROM ({once}) once{condition}"))?
        } else {
            rows
        };
        Ok(Self { sql, rows, exchanges })
    }

    /// An answer that holds every exchange once, sorted by account. A scheduler that has a lost part made again can count
    /// it twice or not at all, and says nothing of it: accounts were seen to come back twice.
    fn check(&self, mut folded: Vec<Folded>) -> Result<Vec<Folded>, Trouble> {
        folded.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let is_twice = folded.windows(2).any(|pair| matches!(pair, [a, b] if a.0 == b.0));
        let counted = folded.iter().fold(0_u64, |sum, (_, profile)| sum.saturating_add(profile.exchanges));
        if is_twice || i64::try_from(counted) != Ok(self.exchanges) {
            let exchanges = self.exchanges;
            return Err(Trouble::Passing(format!("it folded {counted} exchanges where there are {exchanges}")));
        }
        Ok(folded)
    }
}

/// Why a job did not give its result.
enum Trouble {
    /// Another try may do better.
    Passing(String),
    /// It would not.
    Final(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

fn fatal(error: ConnectError) -> Error {
    Error::Cluster(error.reason())
}

struct Session<'a> {
    cluster: &'a Cluster,
    wire: Wire,
    line: Line,
    tables: &'a [PathBuf],
}

impl Session<'_> {
    /// Waits until there is somebody to work. A scheduler that is not there is an error at once.
    async fn ready(&self, progress: &dyn Progress) -> Result<Greeting, Error> {
        let started = Instant::now();
        loop {
            let greeting = self.line.greet().await.map_err(fatal)?;
            if greeting.capacity.executors > 0 {
                return Ok(greeting);
            }
            check(progress)?;
            if started.elapsed() > NO_EXECUTORS {
                return Err(self.nobody());
            }
            tokio::time::sleep(STOP_CHECK).await;
        }
    }

    fn nobody(&self) -> Error {
        let scheduler = &self.cluster.scheduler;
        Error::Cluster(format!(
            "the scheduler at {scheduler} has had no executor for {} seconds (start one: stillwatch executor --scheduler \
             {scheduler} --bind HOST:PORT)",
            NO_EXECUTORS.as_secs()
        ))
    }

    async fn fold(
        &self,
        Window { since_us, until_us }: Window,
        sums: &Sums,
        progress: &dyn Progress,
    ) -> Result<Vec<Folded>, Trouble> {
        let greeting = self.ready(progress).await?;
        let context = self.context(greeting.capacity)?;
        let tables = register_exchanges(&context, self.tables)?;
        let mut folded = Vec::new();
        if tables == 0 {
            return Ok(folded);
        }
        // A folder that is not there lists as an empty one, and a hunt over nothing would find nothing.
        let mut seen = 0;
        self.run(&context, &sums.sql, &greeting, progress, &mut |batch| read_count(batch, &mut seen)).await?;
        let expected = sums.rows;
        if seen != expected {
            return Err(Trouble::Final(Error::Cluster(format!(
                "the cluster sees {seen} exchanges where this machine sees {expected} (every machine must reach the data \
                 directory under the same path: share it, or use s3://)"
            ))));
        }
        // Only where each row is read as it is can its day be asked for.
        let is_repeated = tables > 1;
        let window = if is_repeated { time_sql(since_us, until_us) } else { window_sql(since_us, until_us) };
        let sql = fold_sql(&window, is_repeated);
        self.run(&context, &sql, &greeting, progress, &mut |batch| {
            read_folded(batch, &mut folded)?;
            progress.advance(folded.len() as u64, folded.len() as u64);
            Ok(())
        })
        .await?;
        sums.check(folded)
    }

    /// A session whose plans run on the cluster.
    fn context(&self, capacity: Capacity) -> Result<SessionContext, Error> {
        let partitions =
            capacity.slots.saturating_mul(PARTITIONS_PER_SLOT).clamp(*PARTITIONS.start(), *PARTITIONS.end());
        let mut config = SessionConfig::new_with_ballista()
            .with_target_partitions(partitions)
            .with_ballista_grpc_client_max_message_size(MESSAGE_BYTES)
            // The plan is two stages, which leaves nothing to adapt.
            .with_ballista_adaptive_query_planner(false)
            .with_ballista_override_create_grpc_client_endpoint(self.wire.dresser())
            // Asking for the state of a job again and again outlives a message that is lost; being told once does not.
            .set_bool(BALLISTA_CLIENT_PULL, true)
            .set_usize(BALLISTA_CLIENT_IO_RETRIES_TIMES, 3)
            .set_usize(BALLISTA_CLIENT_IO_RETRY_WAIT_TIME_MS, 500);
        let options = config.options_mut();
        // Our functions take plain strings and binaries.
        options.execution.parquet.schema_force_view_types = false;
        options.execution.parquet.pushdown_filters = true;
        let runtime = RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(Buckets::default())).build_arc()?;
        let state =
            SessionStateBuilder::new().with_default_features().with_config(config).with_runtime_env(runtime).build();
        let state = state.upgrade_for_ballista(self.wire.url(&self.cluster.scheduler))?;
        let context = SessionContext::new_with_state(state);
        // After the upgrade, which takes away what was registered before it.
        register_functions(&context);
        Ok(context)
    }

    async fn run(
        &self,
        context: &SessionContext,
        sql: &str,
        greeting: &Greeting,
        progress: &dyn Progress,
        sink: &mut dyn FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Trouble> {
        let plan = context.sql(sql).await.map_err(Error::from)?.create_physical_plan().await.map_err(Error::from)?;
        let mut batches = execute_stream(Arc::clone(&plan), context.task_ctx()).map_err(Error::from)?;
        let mut lost = pin!(self.lost(greeting));
        let mut ticks = tokio::time::interval(STOP_CHECK);
        loop {
            tokio::select! {
                batch = batches.next() => match batch {
                    Some(Ok(batch)) => sink(&batch)?,
                    Some(Err(error)) => return Err(self.trouble(&error.to_string(), greeting).await),
                    None => return Ok(()),
                },
                _ = ticks.tick() => if let Err(error) = check(progress) {
                    self.cancel(plan.as_ref()).await;
                    return Err(Error::from(error).into());
                },
                trouble = &mut lost => return Err(trouble),
            }
        }
    }

    /// Ends when there is no hope for a job that began at a greeting.
    async fn lost(&self, greeting: &Greeting) -> Trouble {
        let mut failures = 0;
        let mut alone_since: Option<Instant> = None;
        loop {
            tokio::time::sleep(GREET_EVERY).await;
            match self.line.greet().await {
                Ok(now) if now.run != greeting.run => {
                    return Trouble::Passing("the scheduler was started anew and does not know the job".to_owned());
                }
                Ok(now) => {
                    failures = 0;
                    alone_since = (now.capacity.executors == 0).then(|| alone_since.unwrap_or_else(Instant::now));
                    if alone_since.is_some_and(|since| since.elapsed() > NO_EXECUTORS) {
                        return Trouble::Final(self.nobody());
                    }
                }
                Err(ConnectError::Unreachable(_)) if failures + 1 < MAX_FAILURES => failures += 1,
                Err(error) => return Trouble::Final(fatal(error)),
            }
        }
    }

    /// What an error of the engine's means: most name a connection that broke, and the scheduler knows what is left. One
    /// that is away is given the time to be started anew.
    async fn trouble(&self, error: &str, greeting: &Greeting) -> Trouble {
        let mut failures = 1;
        loop {
            match self.line.greet().await {
                Ok(now) if now.run == greeting.run && is_verdict(error) => {
                    return Trouble::Final(Error::Cluster(format!("the cluster gave the job up: {error}")));
                }
                Ok(_) => return Trouble::Passing(error.to_owned()),
                Err(ConnectError::Unreachable(_)) if failures < MAX_FAILURES => failures += 1,
                Err(error) => return Trouble::Final(fatal(error)),
            }
            tokio::time::sleep(GREET_EVERY).await;
        }
    }

    /// Takes a job back, so that the cluster does not work for nobody.
    async fn cancel(&self, plan: &dyn ExecutionPlan) {
        let job = plan.downcast_ref::<DistributedQueryExec<LogicalPlanNode>>().and_then(DistributedQueryExec::job_id);
        if let Some(job) = job {
            let call = CancelJobParams { job_id: job.into() };
            let _ = tokio::time::timeout(GREET_EVERY, self.line.client().cancel_job(call)).await;
        }
    }
}

/// Whether the scheduler itself said that the job failed, after all the tries that it makes.
fn is_verdict(error: &str) -> bool {
    error.contains("Job ") && error.contains(" failed: ")
}

#[cfg(test)]
mod tests {
    use profile::Profile;

    use super::*;

    #[test]
    fn an_answer_that_does_not_add_up_is_asked_for_again() {
        let sums = |exchanges| Sums { sql: String::new(), rows: exchanges, exchanges };
        let folded =
            |account: &str, exchanges| (account.to_owned(), Box::new(Profile { exchanges, ..Profile::default() }));
        let whole = sums(5).check(vec![folded("b", 2), folded("a", 3)]);
        assert!(whole.is_ok_and(|whole| whole.iter().map(|(account, _)| account.as_str()).eq(["a", "b"])));
        let is_passing = |answer| matches!(answer, Err(Trouble::Passing(_)));
        // A part that was made again and counted twice; the same in place of one that is missing; one that is missing.
        assert!(is_passing(sums(5).check(vec![folded("a", 3), folded("b", 2), folded("a", 3)])));
        assert!(is_passing(sums(6).check(vec![folded("a", 3), folded("a", 3)])));
        assert!(is_passing(sums(5).check(vec![folded("a", 3)])));
    }
}
