//! The roles of a cluster.

use std::env;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use cluster::Cluster;
use cluster::ExecutorOptions;
use cluster::Keys;
use cluster::RowFormat;
use cluster::SchedulerOptions;
use cluster::TlsFiles;
use cluster::Token;
use cluster::run_executor;
use cluster::run_scheduler;
use columns::Secret;
use columns::users_file;
use hunt::Place;
use log::LevelFilter;
use log::Log;
use log::Metadata;
use log::Record;

use crate::cli::ExecutorArguments;
use crate::cli::KeyArguments;
use crate::cli::Loudness;
use crate::cli::SchedulerArguments;
use crate::cli::sql::SqlArguments;
use crate::commands::signal::stop;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// Variable with the token, where no file is given.
const TOKEN: &str = "STILLWATCH_TOKEN";

/// File with the token of a user's own parts on one machine.
const USERS_TOKEN: &str = "cluster-token";

/// `stillwatch scheduler`.
pub fn scheduler(arguments: SchedulerArguments) -> Result<ExitCode, Failure> {
    let SchedulerArguments { bind, safety } = arguments;
    listen_to_the_engine(safety.log);
    let options = SchedulerOptions { bind, keys: keys(&safety.keys)?, is_network_trusted: safety.network_is_trusted };
    run_scheduler(&options, &|place| announce("scheduler", place), &stop())?;
    Ok(ExitCode::SUCCESS)
}

/// `stillwatch executor`.
pub fn executor(arguments: ExecutorArguments) -> Result<ExitCode, Failure> {
    let ExecutorArguments { scheduler, bind, advertise, work_dir, slots, memory, safety } = arguments;
    listen_to_the_engine(safety.log);
    let options = ExecutorOptions {
        scheduler,
        bind,
        advertise,
        work_dir,
        slots,
        memory_bytes: usize::from(memory) << 30,
        keys: keys(&safety.keys)?,
        is_network_trusted: safety.network_is_trusted,
    };
    run_executor(&options, &|place| announce("executor", place), &stop())?;
    Ok(ExitCode::SUCCESS)
}

/// `stillwatch sql`.
pub fn sql(arguments: &SqlArguments) -> Result<ExitCode, Failure> {
    let format = match (arguments.json, arguments.csv) {
        (true, _) => RowFormat::Json,
        (false, true) => RowFormat::Csv,
        (false, false) => RowFormat::Table,
    };
    let mut rows = Vec::new();
    cluster::query(&arguments.data_dir, &arguments.query, workers::available(None), format, &mut rows)?;
    match (format, str::from_utf8(&rows)) {
        (RowFormat::Json, Ok(json)) => terminal::print_raw(terminal::plain_json(json).as_bytes()),
        // A file gets the values as they are, and a terminal none that it would act on.
        (RowFormat::Csv, Ok(csv)) if std::io::stdout().is_terminal() => {
            terminal::print_raw(terminal::plain(csv).as_bytes());
        }
        _ => terminal::print_raw(&rows),
    }
    Ok(ExitCode::SUCCESS)
}

/// The cluster of `hunt --engine ballista://HOST:PORT`.
pub fn place(scheduler: &str, arguments: &KeyArguments) -> Result<Place, Failure> {
    let scheduler = scheduler
        .trim_end_matches('/')
        .parse()
        .map_err(|reason| Failure::Usage(format!("--engine ballista://{scheduler}: {reason}")))?;
    Ok(Place::Remote(Arc::new(Cluster { scheduler, keys: keys(arguments)? })))
}

fn keys(arguments: &KeyArguments) -> Result<Keys, Failure> {
    let KeyArguments { token_file, tls_cert, tls_key, tls_ca } = arguments;
    let tls = match (tls_cert.clone(), tls_key.clone(), tls_ca.clone()) {
        (Some(certificate), Some(key), Some(authority)) => Some(TlsFiles { certificate, key, authority }),
        _ => None,
    };
    Ok(Keys { token: token(token_file.as_deref())?, tls })
}

/// The token: of a file, of the environment, or else the one that this user's parts share, which is made at the first start.
fn token(file: Option<&Path>) -> Result<Option<Token>, Failure> {
    let read = |path: &Path| {
        files::text(path).map_err(|error| {
            Failure::Usage(format!(
                "the cluster's token {}: {error} (give a --token-file that can be read)",
                path.display()
            ))
        })
    };
    let text = match (file, env::var(TOKEN).ok()) {
        (Some(path), _) => read(path)?,
        (None, Some(text)) => text,
        (None, None) => {
            let path = users_file(USERS_TOKEN).ok_or_else(|| {
                Failure::Usage("this user has no home to keep a token in (give --token-file FILE)".to_owned())
            })?;
            Secret::read_or_make(&path)?;
            read(&path)?
        }
    };
    Ok(Some(Token::new(&text)?))
}

/// The one line on standard output: whoever started this reads from it where it listens.
fn announce(role: &str, place: SocketAddr) {
    terminal::print(&format!("{role} listens at {place}"));
}

/// Writes what the engine logs to standard error.
struct Told;

impl Log for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            terminal::note(&format!("{}: {}", record.level().as_str().to_lowercase(), record.args()));
        }
    }

    fn flush(&self) {}
}

fn listen_to_the_engine(loudness: Loudness) {
    log::set_max_level(match loudness {
        Loudness::Error => LevelFilter::Error,
        Loudness::Warn => LevelFilter::Warn,
        Loudness::Info => LevelFilter::Info,
    });
    // Only the first logger of a process counts, and this is it.
    let _ = log::set_logger(&Told);
}
