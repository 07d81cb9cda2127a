//! `stillwatch up`: the gate, the live engine and the API on one machine.
//!
//! The parts are those of `gate`, `watch` and `serve`. What one needs of another is filled in: the gate reads the snapshot that the
//! engine publishes and hashes under the data directory's secret, the engine follows what the gate writes down, and the API has
//! the engine's ways in behind its tokens.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use columns::Secret;
use console::LiveBudgets;
use console::Options;
use console::Server;
use console::State;
use console::Verdicts;
use gate::Config;
use gate::Gate;
use gate::GateMode;
use record::clock::now_us;
use serde::Deserialize;
use toml::Table;
use toml::Value;
use verdict::SnapshotBuilder;
use verdict::SnapshotWindow;
use verdict::VerdictSnapshot;
use watch::Engine;
use watch::Settings;

use crate::cli::UpArguments;
use crate::commands::backtest::OfDataDir;
use crate::commands::case_store::store_url;
#[cfg(feature = "delivery")]
use crate::commands::deliver::Notices;
use crate::commands::secret;
use crate::commands::served;
use crate::commands::signal::stop;
use crate::commands::watch::beside;
use crate::commands::watch::explained;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// How often a signal is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// The file, part by part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(default)]
    watch: Table,
    gate: Table,
    #[serde(default)]
    api: Api,
    #[cfg(feature = "delivery")]
    notices: Option<Notices>,
}

/// The API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Api {
    #[serde(default = "usual_place")]
    listen: String,
    /// The folder of the page; the page inside the program without.
    console: Option<PathBuf>,
}

fn usual_place() -> String {
    "127.0.0.1:8480".to_owned()
}

impl Default for Api {
    fn default() -> Self {
        Self { listen: usual_place(), console: None }
    }
}

/// What the parts are told, with what one needs of another filled in.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) watch: Settings,
    pub(super) gate: Config,
    policies: Option<PathBuf>,
    pub(super) listen: String,
    console: Option<PathBuf>,
    #[cfg(feature = "delivery")]
    notices: Option<Notices>,
}

/// `stillwatch up`.
pub fn up(arguments: &UpArguments) -> Result<ExitCode, Failure> {
    let config = arguments.config.as_deref().ok_or_else(|| Failure::Usage("--config is missing".to_owned()))?;
    let plan = read(config)?;
    if arguments.check {
        terminal::print(&explained(&plan.watch));
        for note in gate::check(&plan.gate)? {
            terminal::note(&format!("note: {note}"));
        }
        terminal::print(&format!("API              {}", plan.listen));
        #[cfg(feature = "delivery")]
        if let Some(notices) = &plan.notices {
            terminal::print(&format!("notices          {}", notices.check()?.0.host()));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.new_budget_server {
        terminal::print(&gate::set_up_budgets(&plan.gate)?);
        return Ok(ExitCode::SUCCESS);
    }
    let stop = stop();
    #[cfg(feature = "delivery")]
    let notices = plan.notices.clone().map(|notices| (notices, plan.watch.data_dir.clone()));
    let (system, server) = System::start(plan)?;
    #[cfg(feature = "delivery")]
    if let Some((notices, data_dir)) = notices
        && let Err(failure) = notices.start(data_dir)
    {
        system.end()?;
        return Err(failure);
    }
    let runtime = served::runtime()?;
    let served = runtime.block_on(system.serve(server, stop, |gate, api| {
        // Whoever started this reads from these lines where its parts listen.
        terminal::print(&format!("gate listens at {}", gate.address()));
        terminal::print(&format!("API listens at {api}"));
        if let Some(doors) = gate.doors() {
            terminal::print(&format!("doors listen at {doors}"));
        }
        if let Some(admin) = gate.admin() {
            terminal::print(&format!("gate's counts at {admin}"));
        }
    }));
    system.end()?;
    served?;
    Ok(ExitCode::SUCCESS)
}

/// Gate, engine and API, started.
pub(super) struct System {
    pub(super) engine: Arc<Engine>,
    gate: Gate,
    state: State,
}

impl System {
    /// Starts the gate and the engine, and makes the server of the API.
    pub(super) fn start(plan: Plan) -> Result<(Self, Server), Failure> {
        let Plan { watch, gate, policies, listen, console, .. } = plan;
        let (data_dir, found) = (watch.data_dir.clone(), watch.found.clone());
        let secret = secret::of_data_dir(&data_dir, None)?;
        let backtests = OfDataDir { data_dir: data_dir.clone(), accounts: watch.sweep.accounts.clone() };
        let engine = Arc::new(Engine::begin(watch, beside(&data_dir, secret.clone()))?);
        let hashes = secret.as_ref().map(Secret::key).unwrap_or_default();
        let gate = Gate::start(gate, &hashes)?;
        let budgets =
            LiveBudgets { budgets: Arc::clone(gate.budgets()), is_enforced: gate.mode() == GateMode::Enforce };
        let state = State::open(Options {
            data_dir,
            cases: store_url(),
            found,
            found_may_come: true,
            policies,
            verdicts: Box::new(OfEngine(Arc::clone(&engine))),
            backtests: Some(Arc::new(backtests)),
            budgets: Some(budgets),
            console,
            tls: false,
        })?;
        let server = Server::new(&listen, None, &state)?;
        Ok((Self { engine, gate, state }, server))
    }

    /// Where the gate listens.
    pub(super) fn gate(&self) -> SocketAddr {
        self.gate.address()
    }

    /// Serves the API until `stop` is set; `listens` is told where the gate and the API are.
    pub(super) async fn serve(
        &self,
        server: Server,
        stop: Arc<AtomicBool>,
        listens: impl FnOnce(&Gate, SocketAddr),
    ) -> Result<(), Failure> {
        let listening = server.bind().await?;
        listens(&self.gate, listening.address);
        let router = console::router_with(self.state.clone(), watch::router(&self.engine));
        let ended = async move {
            while !stop.load(Ordering::Relaxed) {
                tokio::time::sleep(LOOK).await;
            }
        };
        Ok(listening.serve(router, self.state.clone(), ended).await?)
    }

    /// Ends them. The gate first: what it still writes down is read by the engine's next start, if not by this one.
    pub(super) fn end(self) -> Result<(), Failure> {
        self.gate.stopper().stop();
        self.gate.wait();
        Ok(self.engine.end()?)
    }
}

/// Verdicts from the engine; an empty snapshot until its first sweep.
#[derive(Debug)]
struct OfEngine(Arc<Engine>);

impl Verdicts for OfEngine {
    fn current(&self) -> Result<Arc<VerdictSnapshot>, String> {
        let empty = || {
            let now_us = now_us();
            let window = SnapshotWindow { start_us: now_us, end_us: now_us };
            SnapshotBuilder::new(now_us, window).build().map(Arc::new).map_err(|error| error.to_string())
        };
        self.0.snapshot().map_or_else(empty, Ok)
    }

    fn counts(&self) -> Option<String> {
        Some(self.0.counts())
    }
}

pub(super) fn read(path: &Path) -> Result<Plan, Failure> {
    let text = files::text(path)
        .map_err(|error| Failure::Usage(format!("--config {} cannot be read: {error}", path.display())))?;
    plan(&text, path.parent().unwrap_or(Path::new("")))
        .map_err(|text| Failure::Usage(format!("{}: {text}", path.display())))
}

/// What the parts are told by a text; paths in it are relative to a folder.
pub(super) fn plan(text: &str, folder: &Path) -> Result<Plan, String> {
    let parts: Parts = toml::from_str(text).map_err(|error| gate::fault_of_toml(&error, text))?;
    #[cfg(feature = "delivery")]
    let notices = parts.notices.map(|notices| notices.within(folder));
    let Parts { mut watch, mut gate, api, .. } = parts;
    for (name, usual) in [("data_dir", "data"), ("found", "found"), ("snapshot", "verdicts.snapshot")] {
        watch.entry(name).or_insert_with(|| usual.into());
    }
    if watch.contains_key("listen") {
        return Err("[watch] listen: with `up` the API listens for the engine (set listen of [api])".to_owned());
    }
    let verdicts = gate.entry("verdicts").or_insert_with(|| Table::new().into());
    if let (Some(verdicts), Some(snapshot)) = (verdicts.as_table_mut(), watch.get("snapshot")) {
        verdicts.entry("snapshot").or_insert_with(|| snapshot.clone());
    }
    let data_dir = watch.get("data_dir").and_then(Value::as_str).unwrap_or("data").to_owned();
    gate.entry("secret").or_insert_with(|| format!("{data_dir}/secret").into());
    let spool = gate.entry("spool").or_insert_with(|| Table::new().into());
    if let Some(spool) = spool.as_table_mut() {
        let place = spool.entry("folder").or_insert_with(|| "spool".into()).as_str().unwrap_or("spool").to_owned();
        let mut own = Table::new();
        own.insert("path".to_owned(), place.into());
        own.insert("format".to_owned(), "native".into());
        own.insert("read".to_owned(), "lines".into());
        let follow = watch.entry("follow").or_insert_with(|| Vec::<Value>::new().into());
        follow.as_array_mut().ok_or("[watch] follow is no list of tables (write [[watch.follow]])")?.push(own.into());
    }
    let policies = gate.get("policy").and_then(|policy| policy.get("folder")).and_then(Value::as_str);
    let policies = policies.map(|place| folder.join(place));
    let told = |part: &str, error: &dyn std::fmt::Display| format!("[{part}] {error}");
    let written = |part: &str, table: &Table| toml::to_string(table).map_err(|error| told(part, &error));
    let watch = Settings::parse(&written("watch", &watch)?, folder).map_err(|error| told("watch", &error))?;
    let gate = Config::parse(&written("gate", &gate)?, folder).map_err(|error| told("gate", &error))?;
    let console = api.console.map(|place| folder.join(place));
    Ok(Plan {
        watch,
        gate,
        policies,
        listen: api.listen,
        console,
        #[cfg(feature = "delivery")]
        notices,
    })
}
