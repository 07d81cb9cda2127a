//! An executor: asks the scheduler for tasks, runs them, and serves their results.

use std::fs;
use std::fs::File;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use arrow_flight::flight_service_server::FlightServiceServer;
use ballista_core::BALLISTA_PROTOCOL_VERSION;
use ballista_core::ConfigProducer;
use ballista_core::RuntimeProducer;
use ballista_core::extension::SessionConfigExt;
use ballista_core::ids::new_instance_id;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::serde::BallistaCodec;
use ballista_core::serde::protobuf::ExecutorRegistration;
use ballista_core::serde::protobuf::ExecutorStoppedParams;
use ballista_core::serde::scheduler::ExecutorOperatingSystemSpecification;
use ballista_core::serde::scheduler::ExecutorSpecification;
use ballista_executor::execution_loop::poll_loop;
use ballista_executor::executor::Executor;
use ballista_executor::flight_service::BallistaFlightService;
use ballista_executor::health::ExecutorHealth;
use ballista_executor::metrics::LoggingMetricsCollector;
use ballista_executor::runtime_cache::DefaultSessionRuntimeCache;
use ballista_executor::runtime_cache::MemoryPoolPolicy;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::SessionConfig;
use datafusion::prelude::SessionContext;
use datafusion_proto::protobuf::LogicalPlanNode;
use datafusion_proto::protobuf::PhysicalPlanNode;

use crate::address::Address;
use crate::buckets::Buckets;
use crate::engine::register_functions;
use crate::error::Error;
use crate::gate::Gate;
use crate::gate::Gated;
use crate::greeting::ConnectError;
use crate::greeting::Line;
use crate::limits::MESSAGE_BYTES;
use crate::role::check_place;
use crate::role::listen;
use crate::role::runtime;
use crate::role::stopped;
use crate::stages::OurStages;
use crate::wire::Keys;
use crate::wire::Wire;

/// How an executor is run.
#[derive(Debug, Clone)]
pub struct ExecutorOptions {
    /// The scheduler.
    pub scheduler: Address,
    /// Where it listens.
    pub bind: Address,
    /// The host by which others reach it, if that is not the one it listens at.
    pub advertise: Option<String>,
    /// Folder for partial results; one of the system's temporary folders where `None`.
    pub work_dir: Option<PathBuf>,
    /// Tasks at a time; one a core where `None`.
    pub slots: Option<NonZeroUsize>,
    /// Memory that its tasks share before they spill to disk.
    pub memory_bytes: usize,
    /// What the cluster has in common.
    pub keys: Keys,
    /// Whether the user says that nobody else can reach or hear this network.
    pub is_network_trusted: bool,
}

/// How long an executor waits for a scheduler that is not there yet.
const SCHEDULER_TIMEOUT: Duration = Duration::from_secs(60);
/// How often it asks the scheduler whether they still are of one build.
const GREET_EVERY: Duration = Duration::from_secs(5);
/// How long it waits between two tries.
const RETRY: Duration = Duration::from_millis(500);
/// Sessions whose file footers are remembered.
const SESSIONS: usize = 16;

/// Executes tasks until `stop` is set. `started` is told where it listens, once the scheduler knows it.
///
/// # Errors
/// [`Error`] where it cannot listen there or should not, and where the scheduler refuses it.
pub fn run_executor(options: &ExecutorOptions, started: &dyn Fn(SocketAddr), stop: &AtomicBool) -> Result<(), Error> {
    check_place("executor", &options.bind, &options.keys, options.is_network_trusted)?;
    if options.bind.is_unspecified() && options.advertise.is_none() {
        return Err(Error::usage(format!(
            "--bind {} is every address of this machine, and the others need one of them (give --advertise HOST)",
            options.bind
        )));
    }
    let work = WorkFolder::open(options.work_dir.as_deref())?;
    let runtime = runtime()?;
    let result = runtime.block_on(execute(options, &work, started, stop));
    // Tasks that still run are given to others: waiting for them would only keep the user.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn execute(
    options: &ExecutorOptions,
    work: &WorkFolder,
    started: &dyn Fn(SocketAddr),
    stop: &AtomicBool,
) -> Result<(), Error> {
    let wire = Wire::new(&options.keys)?;
    let line = Line::new(&options.scheduler, &wire).map_err(refused)?;
    tokio::select! {
        () = stopped(stop) => return Ok(()),
        met = meet(&line) => met?,
    }
    let (listener, place) = listen("executor", &options.bind).await?;
    let slots = options.slots.or_else(|| thread::available_parallelism().ok()).map_or(2, NonZeroUsize::get);
    let id = new_instance_id();
    let host = options.advertise.clone().unwrap_or_else(|| options.bind.host.clone());
    let executor = Arc::new(executor(&id, &host, place.port(), slots, options.memory_bytes, work.path(), &wire)?);
    let service = FlightServiceServer::new(BallistaFlightService::new(work.path().to_owned()))
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES);
    let gate = Arc::new(Gate { role: "executor", wire: wire.clone(), run: id.clone(), census: None });
    let server = wire.serve(Wire::server().add_service(Gated::new(service, gate)), listener);
    let codec = BallistaCodec::<LogicalPlanNode, PhysicalPlanNode>::default();
    let work_loop = poll_loop(line.client(), executor, codec, None, None, ExecutorHealth::new());
    started(place);
    let result = tokio::select! {
        ended = server => ended.map_err(|error| Error::Cluster(format!("the executor's server failed: {error}"))),
        ended = work_loop => ended.map_err(|error| Error::Cluster(format!("the executor failed: {error}"))),
        error = watch(&line) => Err(error),
        () = stopped(stop) => Ok(()),
    };
    // Said so that its tasks go to others at once; a scheduler that is gone will not miss it.
    let leave = ExecutorStoppedParams { executor_id: id, reason: "it was stopped".to_owned() };
    let _ = tokio::time::timeout(Duration::from_secs(2), line.client().executor_stopped(leave)).await;
    result
}

/// Waits for the scheduler, and is known to it or refused.
async fn meet(line: &Line) -> Result<(), Error> {
    let started = Instant::now();
    loop {
        match line.greet().await {
            Ok(_) => return Ok(()),
            Err(ConnectError::Unreachable(_)) if started.elapsed() < SCHEDULER_TIMEOUT => {
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => return Err(refused(error)),
        }
    }
}

/// Ends when the scheduler, perhaps one that was started anew, refuses this executor. One that is away is waited for.
async fn watch(line: &Line) -> Error {
    loop {
        tokio::time::sleep(GREET_EVERY).await;
        if let Err(ConnectError::Refused(reason)) = line.greet().await {
            return Error::Cluster(reason);
        }
    }
}

fn refused(error: ConnectError) -> Error {
    Error::Cluster(error.reason())
}

fn executor(
    id: &str,
    host: &str,
    port: u16,
    slots: usize,
    memory_bytes: usize,
    work_dir: &str,
    wire: &Wire,
) -> Result<Executor, Error> {
    let registration = ExecutorRegistration {
        id: id.to_owned(),
        host: Some(host.to_owned()),
        port: u32::from(port),
        // Only a scheduler that pushes tasks would call it.
        grpc_port: u32::from(port),
        specification: Some(ExecutorSpecification::default().with_vcores(slots as u32).into()),
        os_info: Some(ExecutorOperatingSystemSpecification::default().into()),
        ballista_protocol_version: BALLISTA_PROTOCOL_VERSION,
    };
    let dresser = wire.dresser();
    let config: ConfigProducer = Arc::new(move || {
        SessionConfig::new_with_ballista()
            .with_ballista_grpc_client_max_message_size(MESSAGE_BYTES)
            .with_ballista_override_create_grpc_client_endpoint(Arc::clone(&dresser))
    });
    let spill = work_dir.to_owned();
    let runtime: RuntimeProducer = Arc::new(move |_| {
        RuntimeEnvBuilder::new()
            .with_temp_file_path(spill.clone())
            .with_object_store_registry(Arc::new(Buckets::default()))
            .build_arc()
    });
    // Each task has its share, so that one that grows spills before it starves the others.
    let share = memory_bytes / slots.max(1);
    let pool: MemoryPoolPolicy = Arc::new(move |base, _, slots_taken| {
        let pool = FairSpillPool::new(share.saturating_mul(slots_taken.max(1) as usize));
        RuntimeEnvBuilder::from_runtime_env(&base).with_memory_pool(Arc::new(pool)).build_arc()
    });
    let sessions = DefaultSessionRuntimeCache::new(Arc::clone(&runtime), pool, SESSIONS);
    let context = SessionContext::new();
    register_functions(&context);
    let functions = BallistaFunctionRegistry::from(&context.state());
    Ok(Executor::new(
        registration,
        work_dir,
        runtime,
        config,
        Arc::new(functions),
        Arc::new(LoggingMetricsCollector::default()),
        slots,
        Arc::new(OurStages::new()),
    )
    .with_session_runtime_cache(Some(Arc::new(sessions))))
}

/// A folder of one executor's own, gone when it ends. One that was killed leaves its folder; the next to start in the
/// same place removes it.
struct WorkFolder {
    folder: tempfile::TempDir,
    name: String,
    _lock: File,
}

const PREFIX: &str = "stillwatch-executor-";
const LOCK: &str = ".lock";
const YOUNG: Duration = Duration::from_secs(60);

impl WorkFolder {
    fn open(place: Option<&Path>) -> Result<Self, Error> {
        let place = place.map_or_else(std::env::temp_dir, Path::to_owned);
        fs::create_dir_all(&place).map_err(columns::Error::write(&place))?;
        let place = place.canonicalize().map_err(columns::Error::write(&place))?;
        sweep(&place);
        let folder =
            tempfile::Builder::new().prefix(PREFIX).tempdir_in(&place).map_err(columns::Error::write(&place))?;
        let name =
            folder.path().to_str().map(str::to_owned).ok_or_else(|| {
                Error::usage(format!("--work-dir {} is not UTF-8 (give another one)", place.display()))
            })?;
        let path = folder.path().join(LOCK);
        let lock = File::create(&path).map_err(columns::Error::write(&path))?;
        lock.try_lock().map_err(|error| columns::Error::write(&path)(error.into()))?;
        Ok(Self { folder, name, _lock: lock })
    }

    fn path(&self) -> &str {
        debug_assert_eq!(self.folder.path().to_str(), Some(self.name.as_str()));
        &self.name
    }
}

/// Removes the folders of executors that were killed: those whose lock nobody holds. A young one may be just being made.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let Some(lock) = File::open(entry.path().join(LOCK)).ok().filter(|_| is_ours) else { continue };
        let age = lock.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|made| made.elapsed().ok());
        if age.is_some_and(|age| age > YOUNG) && lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
