//! `stillwatch up --demo`: a world played through the gate, while the engine watches.

mod screen;
mod view;
mod words;

use std::fs;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use columns::Scratch;
use console::Role;
use console::Server;
use console::Tokens;
use player::Model;
use player::Script;
use player::Tally;
use policy::Source;
use record::clock;
use record::time::DAY_US;

use crate::cli::PlayArguments;
use crate::cli::ShowArguments;
use crate::cli::When;
use crate::commands::demo::screen::Screen;
use crate::commands::demo::view::View;
use crate::commands::demo::view::held;
use crate::commands::served;
use crate::commands::signal::stop;
use crate::commands::up::System;
use crate::commands::up::plan;
use crate::exit::Failure;
use crate::progress::Bar;
use crate::terminal;

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// `stillwatch up --demo`.
pub fn demo(arguments: &PlayArguments) -> Result<ExitCode, Failure> {
    let stop = stop();
    let (folder, scratch) = place(arguments)?;
    make_world(arguments, &folder.join("world"))?;
    let script = Arc::new(Script::open(&folder.join("world")).map_err(failed)?);
    Source::shipped().with_live(|rule| rule.starts_with("ladder.")).write(&folder.join("rules"))?;
    let runtime = served::runtime()?;
    let model = Model::default();
    let upstream = runtime.block_on(player::serve_model(model.clone())).map_err(failed)?;
    let configuration = configuration(upstream);
    fs::write(folder.join("up.toml"), &configuration).map_err(|error| cannot(&folder, &error))?;
    let plan = plan(&configuration, &folder).map_err(Failure::Other)?;
    if !clock::play(script.begins_us(), arguments.speed) {
        return Err(Failure::Other("another time is played already".to_owned()));
    }
    let (system, server) = System::start(plan)?;
    let token = Tokens::of(&folder.join("data")).create("demo", &[Role::Admin])?.1;
    let played = Played { system: &system, script, model, arguments, stop };
    let ended = runtime.block_on(played.run(server, &token));
    system.end()?;
    drop(scratch);
    ended.map(|()| ExitCode::SUCCESS)
}

/// Where everything is kept, and what removes it at the end.
fn place(arguments: &PlayArguments) -> Result<(PathBuf, Option<Scratch>), Failure> {
    if let Some(folder) = &arguments.out {
        fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
        return Ok((folder.clone(), None));
    }
    let scratch = Scratch::inside(&std::env::temp_dir())?;
    Ok((scratch.path().to_owned(), Some(scratch)))
}

fn failed(error: player::Error) -> Failure {
    Failure::Other(error.to_string())
}

fn cannot(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!("{}: {error} (give another folder with --out)", folder.display()))
}

fn make_world(arguments: &PlayArguments, out: &Path) -> Result<(), Failure> {
    let world = range::World::load_with(&arguments.world, &[]).map_err(|error| Failure::Usage(error.to_string()))?;
    let options =
        range::GenerateOptions { seed: arguments.seed, scale: arguments.scale, ..range::GenerateOptions::default() };
    let bar = Bar::new(&ShowArguments { progress: When::Auto, quiet: false, json: false });
    let made = range::generate(&world, &options, out, &|done, expected| bar.generated(done, expected));
    bar.finish();
    made.map(drop).map_err(|error| Failure::Other(error.to_string()))
}

/// What gate, engine and API are told. The world's proxies are trusted.
fn configuration(upstream: SocketAddr) -> String {
    format!(
        "[watch.sweep]
every_s = 2
tick_s = 1
window_days = 3660
accounts = ['world/accounts.jsonl']
[gate]
listen = '127.0.0.1:0'
mode = 'enforce'
[gate.accounts]
header = 'x-account'
records = 'world/accounts.jsonl'
[gate.hops]
trusted = ['127.0.0.0/8']
address_header = 'x-forwarded-for'
country_header = 'x-country'
ja4_header = 'x-ja4'
[gate.policy]
folder = 'rules'
[[gate.routes]]
path = '/'
upstream = 'http://{upstream}'
failure = 'open'
[api]
listen = '127.0.0.1:0'
"
    )
}

/// A world that is played.
struct Played<'a> {
    system: &'a System,
    script: Arc<Script>,
    model: Model,
    arguments: &'a PlayArguments,
    stop: Arc<AtomicBool>,
}

impl Played<'_> {
    /// Serves the API, plays the world, and says what became of it.
    async fn run(&self, server: Server, token: &str) -> Result<(), Failure> {
        let over = Arc::new(AtomicBool::new(false));
        let (told, listens) = tokio::sync::oneshot::channel();
        let served = self.system.serve(server, Arc::clone(&over), |_, api| {
            // Whoever waited for it is gone if this fails, and nothing is left to tell.
            let _ = told.send(api);
        });
        let shown = async {
            let shown = match listens.await {
                Ok(api) => self.play_and_tell(api, token).await,
                // The API did not start; its own error says why.
                Err(_) => Ok(()),
            };
            over.store(true, Ordering::Relaxed);
            shown
        };
        let (served, shown) = tokio::join!(served, shown);
        served.and(shown)
    }

    async fn play_and_tell(&self, api: SocketAddr, token: &str) -> Result<(), Failure> {
        let Self { arguments, script, stop, .. } = self;
        let mut view = View {
            days: (script.ends_us() - script.begins_us()) as f64 / DAY_US as f64,
            speed: arguments.speed,
            gate: self.system.gate().to_string(),
            api: api.to_string(),
            ..View::default()
        };
        terminal::print(&format!(
            "gate listens at {}\nAPI listens at {api}, token {token}\n{} exchanges of {:.0} days are played, {} times as fast as they were\n",
            view.gate,
            script.exchanges(),
            view.days,
            arguments.speed
        ));
        let tally = self.play(&mut view).await?;
        let summary = tally.summary();
        terminal::print(&words::end(&summary));
        if let Some(file) = &arguments.json {
            let json = serde_json::to_string_pretty(&summary).map_err(|error| Failure::Other(error.to_string()))?;
            fs::write(file, json + "\n").map_err(|error| Failure::Other(format!("{}: {error}", file.display())))?;
        }
        if !arguments.exit_after && !stop.load(Ordering::Relaxed) {
            terminal::print("\nThe world is over. The API stays up until Ctrl-C.");
            while !stop.load(Ordering::Relaxed) {
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(())
    }

    /// Plays it, and shows it: as a view where there is a terminal, else as a line a day.
    async fn play(&self, view: &mut View) -> Result<Arc<Tally>, Failure> {
        let tally = Arc::new(Tally::new(&self.script));
        let settings = player::Settings { gate: self.system.gate(), speed: self.arguments.speed };
        let (script, model, stop) = (Arc::clone(&self.script), self.model.clone(), Arc::clone(&self.stop));
        let mut playing = tokio::spawn(player::play(script, model, settings, Arc::clone(&tally), stop));
        // A terminal that cannot be drawn on gets the lines too.
        let mut screen = std::io::stdout().is_terminal().then(Screen::open).transpose().unwrap_or_default();
        let mut told = 0;
        loop {
            let is_over = tokio::time::timeout(LOOK, &mut playing).await.is_ok();
            self.look(&tally, view);
            let day = view.day as i64;
            match &mut screen {
                Some(screen) => {
                    let is_ended = screen.show(view).map_err(|error| Failure::Other(error.to_string()))?;
                    self.stop.fetch_or(is_ended, Ordering::Relaxed);
                }
                None if day > told || is_over => {
                    told = day;
                    terminal::print(&words::day(day, &view.summary));
                }
                None => {}
            }
            if is_over {
                break;
            }
        }
        // What came since the last sweep.
        tokio::task::block_in_place(|| self.system.engine.sweep())?;
        self.look(&tally, view);
        Ok(tally)
    }

    fn look(&self, tally: &Tally, view: &mut View) {
        let now_us = clock::now_us();
        if let Some(snapshot) = self.system.engine.snapshot() {
            tally.look(&snapshot, now_us);
            view.found = held(&snapshot);
        }
        view.day = (now_us - self.script.begins_us()) as f64 / DAY_US as f64;
        view.summary = tally.summary();
    }
}
