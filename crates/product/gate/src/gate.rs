//! A running gate: its threads, and how it is stopped.

use std::future::Future;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use budget::NodeBudgets;
use policy::Information;
use policy::Policy;
use policy::Source;
use record::clock::now_us;
use sketch::HashKey;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::admin;
use crate::config::Config;
use crate::doors;
use crate::error::Error;
use crate::leases;
use crate::leases::Asker;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::mode::GateMode;
use crate::proxy;
use crate::proxy::Core;
use crate::room::Memory;
use crate::serve;
use crate::shared::Shared;
use crate::tls;
use crate::traffic::Traffic;
use crate::upstream;
use crate::writer;
use crate::writer::Writer;

/// How often it is looked whether rules, verdicts, keys or account records changed.
const RELOAD: Duration = Duration::from_millis(500);

/// A running gate.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    asked_at: Option<SocketAddr>,
    admin: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
    keeper: JoinHandle<()>,
    written: Writer,
    writer: JoinHandle<()>,
    budgets: Arc<NodeBudgets>,
    asker: Option<Asker>,
    mode: GateMode,
}

/// What stops a gate, from any thread.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// No more connections are taken; those that are there end their requests.
    pub fn stop(&self) {
        let _ = self.0.send_replace(true);
    }
}

impl Gate {
    /// Starts the threads of a gate. `hashes` is the key of the deployment's hashes.
    ///
    /// # Errors
    /// [`Error`]: a file that the configuration names is not fit, or the system refuses an address or a thread.
    pub fn start(config: Config, hashes: &HashKey) -> Result<Self, Error> {
        let live = Live::open(&config)?;
        let door_token = doors::token(&config, hashes)?;
        let tls = config.tls.as_ref().map(|(certificate, key)| tls::acceptor(certificate, key)).transpose()?;
        let upstream_tls = upstream::tls(config.upstream_ca.as_deref())?;
        let (address, listeners) = shared_listeners("listen", config.listen, config.cores)?;
        let doors = config.doors.as_ref().map(|doors| shared_listeners("doors.listen", doors.listen, config.cores));
        let (doors, asked_at) = doors.transpose()?.map_or((Vec::new(), None), |(at, all)| (all, Some(at)));
        let operators = config.admin.map(|at| admin::listener(at).map_err(|error| taken("admin", at, &error)));
        let operators = operators.transpose()?;
        let admin = operators.as_ref().and_then(|listener| listener.local_addr().ok());
        let config = Arc::new(config);
        let (metrics, budgets) = (Metrics::default(), Arc::new(leases::budgets(&config)?));
        let (written, writer) = writer::start(&config, hashes, &budgets, &metrics)?;
        let (leases, asker) = leases::start(&budgets, &metrics)?.unzip();
        let (own_budgets, mode) = (Arc::clone(&budgets), config.mode);
        let limits = &config.limits;
        let shared = Arc::new(Shared {
            traffic: Arc::new(Traffic::new(limits.in_flight, limits.in_flight_per_account)),
            config: Arc::clone(&config),
            hashes: hashes.clone(),
            live,
            budgets,
            leases,
            metrics,
            writer: written.clone(),
            door_token,
            memory: Memory::new(limits.held_bytes),
            is_draining: AtomicBool::new(false),
            id_prefix: format!("gate_{:x}{:04x}_", now_us(), std::process::id() & 0xffff),
            next_id: AtomicU64::new(0),
        });
        let (stop, stopped) = watch::channel(false);
        let mut threads = Vec::new();
        let mut doors = doors.into_iter();
        for (number, listener) in listeners.into_iter().enumerate() {
            let core = Core { shared: Arc::clone(&shared), upstream: upstream::client(&upstream_tls) };
            let work = serve_both(core, (listener, doors.next()), tls.clone(), stopped.clone());
            threads.push(thread(&format!("gate-{number}"), work)?);
        }
        if let Some(listener) = operators {
            // Ends with the program: readiness is asked for until the last stream is over.
            let _ = thread("gate-admin", admin::run(Arc::clone(&shared), listener))?;
        }
        let keeper = keeper(shared, stopped)?;
        let budgets = own_budgets;
        Ok(Self { address, asked_at, admin, stop, threads, keeper, written, writer, budgets, asker, mode })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where other gateways ask.
    #[must_use]
    pub const fn doors(&self) -> Option<SocketAddr> {
        self.asked_at
    }

    /// Where operators ask.
    #[must_use]
    pub const fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// The budgets that its requests draw on.
    #[must_use]
    pub const fn budgets(&self) -> &Arc<NodeBudgets> {
        &self.budgets
    }

    /// Whether its decisions act.
    #[must_use]
    pub const fn mode(&self) -> GateMode {
        self.mode
    }

    /// What stops it.
    #[must_use]
    pub fn stopper(&self) -> Stop {
        Stop(self.stop.clone())
    }

    /// Waits until it was stopped, every request is over or out of time, and everything is written.
    pub fn wait(self) {
        for thread in self.threads {
            let _ = thread.join();
        }
        let _ = self.keeper.join();
        self.written.end();
        let _ = self.writer.join();
        if let Some(asker) = self.asker {
            asker.end();
        }
    }
}

/// Listeners of all threads on one address, and the address: port 0 is a free one, which all of them take.
fn shared_listeners(key: &str, wanted: SocketAddr, threads: usize) -> Result<(SocketAddr, Vec<TcpListener>), Error> {
    let mut address = wanted;
    let mut listeners = Vec::new();
    for _ in 0..threads {
        let listener = serve::listener(address).map_err(|error| taken(key, address, &error))?;
        address = listener.local_addr().map_err(|error| taken(key, address, &error))?;
        listeners.push(listener);
    }
    Ok((address, listeners))
}

/// What one thread does: it serves callers, and gateways that ask.
async fn serve_both(
    core: Core,
    (listener, doors): (TcpListener, Option<TcpListener>),
    tls: Option<TlsAcceptor>,
    stopped: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let shared = Arc::clone(&core.shared);
    let config = Arc::clone(&shared.config);
    let core = Arc::new(core);
    let proxy = move |peer, request| proxy::serve(Arc::clone(&core), peer, request);
    let serving = serve::run(&config, listener, tls.clone(), stopped.clone(), proxy);
    let Some(doors_listener) = doors else { return serving.await };
    let tls = tls.filter(|_| config.doors.as_ref().is_some_and(|doors| doors.tls));
    let answer = move |peer, request| doors::serve(Arc::clone(&shared), peer, request);
    let (served, answered) = tokio::join!(serving, serve::run(&config, doors_listener, tls, stopped, answer));
    served.and(answered)
}

/// A thread with a runtime of its own.
fn thread(
    name: &str,
    work: impl Future<Output = std::io::Result<()>> + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::system(format!("no runtime can be made: {error}")))?;
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _ = runtime.block_on(work);
    });
    spawned.map_err(|error| Error::system(format!("no thread can be started: {error}")))
}

/// The thread that reads again what changed.
fn keeper(shared: Arc<Shared>, stopped: watch::Receiver<bool>) -> Result<JoinHandle<()>, Error> {
    let work = move || {
        // When the threads that serve are gone, only this one and the operators' hold what they had in common.
        while !(*stopped.borrow() && shared.traffic.in_flight() == 0) {
            if *stopped.borrow() {
                shared.is_draining.store(true, Ordering::Relaxed);
            }
            shared.live.reload();
            shared.metrics.faults.set(i64::try_from(shared.live.faults().len()).unwrap_or(i64::MAX));
            shared.metrics.in_flight.set(i64::try_from(shared.traffic.in_flight()).unwrap_or(i64::MAX));
            std::thread::sleep(RELOAD);
        }
    };
    let spawned = std::thread::Builder::new().name("gate-keeper".to_owned()).spawn(work);
    spawned.map_err(|error| Error::system(format!("no thread can be started: {error}")))
}

fn taken(key: &str, address: SocketAddr, error: &std::io::Error) -> Error {
    Error::system(format!("{key}: {address} cannot be had: {error} (name another address, or end who has it)"))
}

/// Reads everything that a configuration names, without starting. Returns what a person should know before.
///
/// # Errors
/// As [`Gate::start`].
pub fn check(config: &Config) -> Result<Vec<String>, Error> {
    let live = Live::open(config)?;
    if let Some((certificate, key)) = &config.tls {
        tls::acceptor(certificate, key)?;
    }
    upstream::tls(config.upstream_ca.as_deref())?;
    doors::token(config, &HashKey::public())?;
    let mut notes = live.faults();
    notes.extend(doors::notes(config));
    notes.extend(leases::notes(config)?);
    if let Some(folder) = &config.policy {
        let policy = Source::read(folder).and_then(Policy::load);
        let policy = policy.map_err(|error| Error::config(error.faults().iter().map(ToString::to_string).collect()))?;
        let is_unmet = |limit: &Information| *limit != Information::NoLogprobs;
        for rule in policy.rules().iter().filter(|rule| rule.limits.iter().any(is_unmet)) {
            let unmet: Vec<&str> =
                rule.limits.iter().filter(|limit| is_unmet(limit)).map(|limit| limit.as_str()).collect();
            notes.push(format!("the rule {} asks for {}, which a gate does not do yet", rule.id, unmet.join(" and ")));
        }
    } else {
        notes.push("policy.folder is not given: everything is served".to_owned());
    }
    if config.admin.is_some_and(|admin| !admin.ip().is_loopback()) {
        notes.push("admin is reached from other machines: it asks nobody who they are".to_owned());
    }
    if config.listen.ip().is_loopback() || config.tls.is_some() {
        return Ok(notes);
    }
    notes.push(
        "listen is reached from other machines without TLS: keys and prompts cross the network in the clear".into(),
    );
    Ok(notes)
}
