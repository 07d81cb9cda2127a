//! `stillwatch watch`.

use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use columns::Secret;
use watch::Beside;
use watch::Decisions;
use watch::Durability;
use watch::Engine;
use watch::Listener;
use watch::Notices;
use watch::Settings;

use crate::cli::WatchArguments;
use crate::commands::case_store;
use crate::commands::secret;
use crate::commands::signal::stop;
use crate::exit::Failure;
use crate::terminal;

/// How often a signal is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// Notes on standard error.
struct Told;

impl Notices for Told {
    fn note(&self, text: &str) {
        terminal::note(text);
    }
}

/// `stillwatch watch`.
pub fn watch(arguments: &WatchArguments) -> Result<ExitCode, Failure> {
    let settings = Settings::read(&arguments.config)?;
    if arguments.check {
        terminal::print(&explained(&settings));
        return Ok(ExitCode::SUCCESS);
    }
    let stop = stop();
    let secret = secret::of_data_dir(&settings.data_dir, arguments.secret.as_deref())?;
    let beside = beside(&settings.data_dir, secret);
    let engine = Engine::begin(settings, beside)?;
    let listener = Listener::begin(&engine)?;
    match &listener {
        // The one line on standard output: whoever started this reads from it where it listens.
        Some(listener) => terminal::print(&format!("watch listens at {}", listener.address())),
        None => terminal::print("watch runs"),
    }
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(LOOK);
    }
    drop(listener);
    engine.end()?;
    Ok(ExitCode::SUCCESS)
}

/// What an engine of this program is begun with.
pub fn beside(data_dir: &Path, secret: Option<Secret>) -> Beside {
    Beside {
        secret,
        page: Some(Arc::new(report::Report)),
        decisions: Some(Arc::new(Cases { data_dir: data_dir.to_owned() })),
        notices: Arc::new(Told),
    }
}

/// What the cases of a data directory say to a sweep.
struct Cases {
    data_dir: PathBuf,
}

impl Decisions for Cases {
    fn read(&self) -> Result<(cohort::Rulings, Vec<serde_json::Value>), String> {
        case_store::rulings(Some(&self.data_dir)).map_err(|error| error.to_string())
    }
}

/// The settings in words, for whoever wants to see what a file means.
pub fn explained(settings: &Settings) -> String {
    let acknowledged = match settings.durability {
        Durability::Buffer => {
            "when the system has them: they survive a stop of the program, not of the machine".to_owned()
        }
        Durability::Group { every_ms } => format!("when the disk has them, which is asked every {every_ms} ms"),
        Durability::Each => "when the disk has them, which is asked each time".to_owned(),
    };
    let listened = settings.listen.map_or("nowhere".to_owned(), |listen| listen.to_string());
    let mut lines = vec![
        format!("data directory   {}", settings.data_dir.display()),
        format!("results          {} (replaced by every sweep)", settings.found.display()),
        format!("verdicts         {}", settings.snapshot.display()),
        format!("HTTP             {listened}"),
        format!("acknowledged     {acknowledged}"),
        format!("sweeps           every {} s, of the last {} days", settings.sweep.every_s, settings.sweep.window_days),
        format!(
            "rates            {} for action, {} for investigation",
            settings.sweep.fdr, settings.sweep.fdr_suspected
        ),
    ];
    lines.push(match settings.sweep.looks_h.as_slice() {
        [] => "looks            each sweep keeps the rates by itself; all sweeps together do not".to_owned(),
        hours => {
            let hours: Vec<String> = hours.iter().map(u32::to_string).collect();
            format!(
                "looks            at {} hours of a group's age; found/summary.json tells the rates over all",
                hours.join(", ")
            )
        }
    });
    lines.extend(settings.follow.iter().map(|follow| format!("follows          {}", follow.path)));
    if settings.listen.is_none() && settings.follow.is_empty() {
        lines.push(
            "note: it neither listens nor follows, so that nothing will come (set listen or [[follow]])".to_owned(),
        );
    }
    lines.join("\n")
}
