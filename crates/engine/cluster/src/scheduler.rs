//! The scheduler: takes plans, deals tasks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::ids::new_instance_id;
use ballista_core::serde::protobuf::executor_status::Status;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpcServer;
use ballista_core::utils::default_session_builder;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::cluster::ClusterState;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::create_scheduler;
use datafusion::execution::SessionState;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::SessionConfig;
use datafusion::prelude::SessionContext;
use datafusion_proto::protobuf::LogicalPlanNode;
use datafusion_proto::protobuf::PhysicalPlanNode;

use crate::address::Address;
use crate::buckets::Buckets;
use crate::engine::register_functions;
use crate::error::Error;
use crate::gate::Capacity;
use crate::gate::Census;
use crate::gate::Gate;
use crate::gate::Gated;
use crate::limits::EXECUTOR_TIMEOUT;
use crate::limits::EXPIRY_CHECK;
use crate::limits::MESSAGE_BYTES;
use crate::limits::NO_EXECUTORS;
use crate::role::check_place;
use crate::role::listen;
use crate::role::runtime;
use crate::role::stopped;
use crate::wire::Keys;
use crate::wire::Wire;

/// How the scheduler is run.
#[derive(Debug, Clone)]
pub struct SchedulerOptions {
    /// Where it listens.
    pub bind: Address,
    /// What the cluster has in common.
    pub keys: Keys,
    /// Whether the user says that nobody else can reach or hear this network.
    pub is_network_trusted: bool,
}

/// How long executors keep the results of a finished job.
const RESULTS_KEPT: Duration = Duration::from_secs(3600);

/// Schedules until `stop` is set. `started` is told where it listens.
///
/// # Errors
/// [`Error`] where it cannot listen there or should not.
pub fn run_scheduler(options: &SchedulerOptions, started: &dyn Fn(SocketAddr), stop: &AtomicBool) -> Result<(), Error> {
    check_place("scheduler", &options.bind, &options.keys, options.is_network_trusted)?;
    let runtime = runtime()?;
    let result = runtime.block_on(schedule(options, started, stop));
    // Jobs are in memory only, and their clients see the line break: there is nothing to wait for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn schedule(options: &SchedulerOptions, started: &dyn Fn(SocketAddr), stop: &AtomicBool) -> Result<(), Error> {
    let wire = Wire::new(&options.keys)?;
    let (listener, place) = listen("scheduler", &options.bind).await?;
    let run = new_instance_id();
    let config = Arc::new(configuration(&options.bind.with_port(place.port()), &run, &wire));
    let failed = |error: ballista_core::error::BallistaError| Error::Cluster(format!("the scheduler failed: {error}"));
    let cluster = BallistaCluster::new_from_config(&config).await.map_err(failed)?;
    let census = census(cluster.cluster_state());
    let scheduler = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, config).await.map_err(failed)?;
    let service = SchedulerGrpcServer::new(scheduler)
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES);
    let gate = Arc::new(Gate { role: "scheduler", wire: wire.clone(), run, census: Some(census) });
    let server = wire.serve(Wire::server().add_service(Gated::new(service, gate)), listener);
    started(place);
    tokio::select! {
        ended = server => ended.map_err(|error| Error::Cluster(format!("the scheduler's server failed: {error}"))),
        () = stopped(stop) => Ok(()),
    }
}

fn configuration(place: &Address, run: &str, wire: &Wire) -> SchedulerConfig {
    SchedulerConfig {
        scheduler_id: run.to_owned(),
        external_host: place.host.clone(),
        bind_host: place.host.clone(),
        bind_port: place.port,
        // Executors ask for work, so that they need no second port and a scheduler never connects to what it was told.
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        executor_timeout_seconds: EXECUTOR_TIMEOUT.as_secs(),
        expire_dead_executor_interval_seconds: EXPIRY_CHECK.as_secs(),
        // A hunt with many accounts takes its time to fetch what it asked for.
        finished_job_data_clean_up_interval_seconds: RESULTS_KEPT.as_secs(),
        no_executors_grace_period_seconds: NO_EXECUTORS.as_secs(),
        grpc_server_max_decoding_message_size: MESSAGE_BYTES as u32,
        grpc_server_max_encoding_message_size: MESSAGE_BYTES as u32,
        grpc_client_max_message_size: MESSAGE_BYTES as u32,
        override_session_builder: Some(Arc::new(session)),
        override_create_grpc_client_endpoint: Some(wire.dresser()),
        ..SchedulerConfig::default()
    }
}

/// A session of the scheduler's, in which a client's plan is planned.
fn session(config: SessionConfig) -> datafusion::common::Result<SessionState> {
    let runtime = RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(Buckets::default())).build_arc()?;
    let state = default_session_builder(config)?;
    let context =
        SessionContext::new_with_state(SessionStateBuilder::new_from_existing(state).with_runtime_env(runtime).build());
    register_functions(&context);
    Ok(context.state())
}

/// Counts the executors that were heard lately and do not leave.
fn census(cluster: Arc<dyn ClusterState>) -> Census {
    let is_alive = |status: Option<&Status>| !matches!(status, Some(Status::Terminating(_) | Status::Dead(_)));
    Arc::new(move || {
        let cluster = Arc::clone(&cluster);
        Box::pin(async move {
            let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let oldest_s = now_s.saturating_sub(EXECUTOR_TIMEOUT.as_secs());
            let mut alive = cluster.executor_heartbeats();
            alive.retain(|_, heard| {
                heard.timestamp > oldest_s && is_alive(heard.status.as_ref().and_then(|status| status.status.as_ref()))
            });
            let known = cluster.registered_executor_metadata().await;
            let slots =
                known.iter().filter(|known| alive.contains_key(&known.id)).map(|known| known.specification.vcores);
            Capacity { executors: alive.len(), slots: slots.sum::<u32>() as usize }
        })
    })
}
