//! `stillwatch up --demo`: a world played through the gate, while the engine watches.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use columns::Scratch;
use console::Role;
use console::Tokens;
use player::CampaignTally;
use player::Model;
use player::Script;
use player::Summary;
use player::Tally;
use policy::Source;
use record::clock;
use record::time::DAY_US;

use crate::cli::PlayArguments;
use crate::cli::ShowArguments;
use crate::cli::When;
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
    let scratch = match &arguments.out {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
            None
        }
        None => Some(Scratch::inside(&std::env::temp_dir())?),
    };
    let folder = match (&arguments.out, &scratch) {
        (Some(folder), _) => folder.as_path(),
        (None, Some(scratch)) => scratch.path(),
        (None, None) => Path::new("."),
    };
    make_world(arguments, &folder.join("world"))?;
    let script = Arc::new(Script::open(&folder.join("world")).map_err(failed)?);
    Source::shipped().with_live(|rule| rule.starts_with("ladder.")).write(&folder.join("rules"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Other(format!("no threads can be started: {error}")))?;
    let model = Model::default();
    let upstream = runtime.block_on(player::serve_model(model.clone())).map_err(failed)?;
    let configuration = configuration(upstream);
    fs::write(folder.join("up.toml"), &configuration).map_err(|error| cannot(folder, &error))?;
    let plan = plan(&configuration, folder).map_err(Failure::Other)?;
    if !clock::play(script.begins_us(), arguments.speed) {
        return Err(Failure::Other("another time is played already".to_owned()));
    }
    let (system, server) = System::start(plan)?;
    let token = Tokens::of(&folder.join("data")).create("demo", &[Role::Admin])?.1;
    let serving = Arc::new(AtomicBool::new(false));
    let played = runtime.block_on(async {
        let served = system.serve(server, Arc::clone(&serving), |gate, api| {
            terminal::print(&format!(
                "gate listens at {gate}\nAPI listens at {api}, token {token}\n{} exchanges of {} days are played, {} times as fast as \
                 they were\n",
                script.len(),
                (script.ends_us() - script.begins_us()) / DAY_US + 1,
                arguments.speed
            ));
        });
        let shown = async {
            let tally = shown(&system, &script, &model, arguments, &stop).await?;
            let summary = tally.summary();
            report(&summary, arguments)?;
            if !arguments.exit_after && !stop.load(Ordering::Relaxed) {
                terminal::print("The world is over. The API stays up until Ctrl-C.");
                while !stop.load(Ordering::Relaxed) {
                    tokio::time::sleep(LOOK).await;
                }
            }
            serving.store(true, Ordering::Relaxed);
            Ok::<(), Failure>(())
        };
        let (served, shown) = tokio::join!(served, shown);
        serving.store(true, Ordering::Relaxed);
        served.and(shown)
    });
    system.end()?;
    drop(scratch);
    played?;
    Ok(ExitCode::SUCCESS)
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

/// Plays the world, and tells of it day by day.
async fn shown(
    system: &System,
    script: &Arc<Script>,
    model: &Model,
    arguments: &PlayArguments,
    stop: &Arc<AtomicBool>,
) -> Result<Tally, Failure> {
    let tally = Arc::new(Tally::new(script));
    let settings = player::Settings { gate: system.gate(), speed: arguments.speed };
    let mut playing =
        tokio::spawn(player::play(Arc::clone(script), model.clone(), settings, Arc::clone(&tally), Arc::clone(stop)));
    let mut told = 0;
    loop {
        let is_over = tokio::time::timeout(LOOK, &mut playing).await.is_ok();
        let now_us = clock::now_us();
        if let Some(snapshot) = system.engine.snapshot() {
            tally.look(&snapshot, now_us);
        }
        let day = (now_us - script.begins_us()) / DAY_US;
        if day > told || is_over {
            told = day;
            terminal::print(&line(day, &tally.summary()));
        }
        if is_over {
            break;
        }
    }
    drop(playing);
    // What came since the last sweep.
    tokio::task::block_in_place(|| system.engine.sweep())?;
    if let Some(snapshot) = system.engine.snapshot() {
        tally.look(&snapshot, clock::now_us());
    }
    Arc::try_unwrap(tally).map_err(|_| Failure::Other("the world is still being played".to_owned()))
}

/// A day in a line.
fn line(day: i64, summary: &Summary) -> String {
    let of = |one: &CampaignTally| {
        let mut text = format!("{} {} accounts", one.name, one.accounts);
        if one.implicated > 0 {
            let _ = write!(text, ", {} implicated", one.implicated);
        }
        if one.served < one.requests {
            let _ = write!(text, ", {} of {} refused", one.requests - one.served, one.requests);
        }
        text
    };
    let campaigns: Vec<String> = summary.campaigns.iter().map(of).collect();
    format!(
        "day {day:>3}  {:>7} others' requests, {} refused; {}",
        summary.honest_requests,
        summary.honest_refused,
        campaigns.join("; ")
    )
}

fn report(summary: &Summary, arguments: &PlayArguments) -> Result<(), Failure> {
    let hours =
        |seconds: Option<f64>| seconds.map_or("never".to_owned(), |seconds| format!("{:.1} h", seconds / 3600.0));
    let mut text =
        String::from("\nCAMPAIGN        LEVEL  ACCOUNTS  SERVED          SUSPECTED  DISCOVERED  CONTAINED\n");
    for one in &summary.campaigns {
        let served = format!(
            "{} of {} ({:.0} %)",
            one.served,
            one.requests,
            100.0 * one.served as f64 / one.requests.max(1) as f64
        );
        let _ = writeln!(
            text,
            "{:<15} {:<6} {:>8}  {served:<15} {:>9}  {:>10}  {:>9}",
            one.name,
            one.level,
            one.accounts,
            hours(one.seconds_to_suspected),
            hours(one.seconds_to_discovered),
            hours(one.seconds_to_contained)
        );
    }
    let _ = write!(
        text,
        "\nOf {} requests of others {} were refused. Hours run from a campaign's first request.",
        summary.honest_requests, summary.honest_refused
    );
    for (reason, requests) in &summary.honest_refused_by_reason {
        let _ = write!(text, "\n  {reason}: {requests}");
    }
    if summary.failed > 0 {
        let _ = write!(text, "\n{} requests came to no answer.", summary.failed);
    }
    terminal::print(&text);
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(summary).map_err(|error| Failure::Other(error.to_string()))?;
        fs::write(file, json + "\n").map_err(|error| Failure::Other(format!("{}: {error}", file.display())))?;
    }
    Ok(())
}
