//! What each subcommand does.

pub mod appeal;
pub mod attribute;
pub mod audit;
#[cfg(feature = "console")]
mod backtest;
pub mod backup;
pub mod bank;
pub mod case;
mod case_store;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod decode;
#[cfg(feature = "delivery")]
mod deliver;
#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
mod entities;
pub mod fsck;
#[cfg(feature = "gate")]
pub mod gate;
pub mod ledger;
pub mod papers;
#[cfg(feature = "policy")]
pub mod policy;
mod secret;
#[cfg(feature = "console")]
pub mod serve;
#[cfg(feature = "console")]
mod served;
pub mod share;
pub mod show;
#[cfg(any(feature = "cluster", feature = "watch"))]
mod signal;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
pub mod up;
#[cfg(feature = "console")]
pub mod user;
#[cfg(feature = "watch")]
pub mod watch;

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use campaign::Rates;
use clap::CommandFactory;
use clap_complete::Shell;
use columns::IngestOptions;
use columns::Unread;
use hunt::FoldOptions;
use hunt::Options;
use hunt::Place;
use record::Maps;
use record::Reject;

use crate::cli::Cli;
use crate::cli::FoldArguments;
use crate::cli::GenerateArguments;
use crate::cli::HuntArguments;
use crate::cli::IngestArguments;
use crate::cli::RangeCommand;
use crate::exit::Failure;
use crate::files;
use crate::progress::Bar;
use crate::summary;
use crate::terminal;

/// `stillwatch hunt`.
pub fn hunt(arguments: &HuntArguments) -> Result<ExitCode, Failure> {
    let place = place(arguments)?;
    let mut notes = Vec::new();
    if arguments.accounts.is_empty() {
        notes.push(
            "no --accounts: shared cards, devices and telephone numbers, bursts of registrations and declared organisations \
             cannot be seen"
                .to_owned(),
        );
    }
    let (rulings, cleared) = case_store::rulings(arguments.data_dir.as_deref())?;
    let options = Options {
        rulings,
        cleared,
        inputs: arguments.paths.clone(),
        out: arguments.out.clone(),
        format: arguments.reading.format.format(),
        maps: maps(&arguments.reading.map)?,
        joins: arguments.reading.join.clone(),
        accounts: arguments.accounts.clone(),
        reference: arguments.reference.clone(),
        reference_accounts: arguments.reference_accounts.clone(),
        embedder: arguments.embedding.as_deref().map(hunt::read_embedder).transpose()?,
        actions: arguments.actions.clone(),
        disposable_domains: arguments.disposable_domains.clone(),
        hosting_asns: arguments.hosting_asns.clone(),
        bank: arguments.bank.clone(),
        rates: Rates { action: arguments.fdr, investigation: arguments.fdr_suspected },
        since_us: arguments.since.as_deref().map(|text| time("--since", text)).transpose()?,
        looks: None,
        until_us: arguments.until.as_deref().map(|text| time("--until", text)).transpose()?,
        data_dir: arguments.data_dir.clone(),
        keep_ties: arguments.keep_ties,
        secret: secret::given(arguments.reading.secret.as_deref())?,
        default_secret: columns::users_secret(),
        workers: arguments.threads,
        place,
        page: Some(Arc::new(report::Report)),
        attributor: entities::attributor(arguments.entities.as_deref())?,
        notes,
    };
    let bar = Bar::new(&arguments.show);
    let result = hunt::hunt(&options, &bar);
    bar.finish();
    let outcome = result?;
    if arguments.show.json {
        print_json(&serde_json::json!({ "summary": outcome.summary, "campaigns": outcome.campaigns }))?;
    }
    let summary = &outcome.summary;
    let is_read = summary.accepted + summary.duplicates > 0 || summary.files == 0;
    // Of what could not be read nothing is found: the error alone says so.
    if is_read && !arguments.show.json && !arguments.show.quiet {
        terminal::print(&summary::hunt(&outcome, &arguments.out));
    }
    if summary.files == 0 && summary.exchanges == 0 && arguments.since.is_none() && arguments.until.is_none() {
        return Err(Failure::Unreadable(format!(
            "{} holds no exchanges: nothing was ingested yet, or the ingest was stopped before its end (run it again)",
            arguments.paths.join(", ")
        )));
    }
    let limit = RejectLimit {
        most: arguments.max_rejects,
        columnar: summary.files == 0,
        first: &outcome.first_rejects,
        unread: &outcome.unread,
    };
    let accounts = summary.account_records + summary.account_records_refused;
    let code = limit.code("records", summary.read, summary.accepted + summary.duplicates, summary.refused);
    if accounts == 0 || code != ExitCode::SUCCESS {
        return Ok(code);
    }
    Ok(limit.code("account records", accounts, summary.account_records, summary.account_records_refused))
}

/// The maps that come with the program, and before them those of these files.
fn maps(files: &[PathBuf]) -> Result<Maps, Failure> {
    let read = |file: &PathBuf| match files::text(file) {
        Ok(text) => Ok((file.display().to_string(), text)),
        Err(error) => Err(Failure::Usage(format!("--map {} cannot be read: {error}", file.display()))),
    };
    let own = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Maps::with(&own).map_err(|error| Failure::Usage(error.to_string()))
}

/// Where a hunt is to fold.
fn place(arguments: &HuntArguments) -> Result<Place, Failure> {
    let engine = arguments.engine.as_str();
    if engine == "local" {
        return Ok(Place::Local);
    }
    #[cfg(feature = "cluster")]
    if let Some(scheduler) = engine.strip_prefix("ballista://") {
        return cluster::place(scheduler, &arguments.keys);
    }
    let known =
        if cfg!(feature = "cluster") { "local or ballista://HOST:PORT" } else { "local; this build has no other" };
    Err(Failure::Usage(format!("--engine {engine} is no engine (known: {known})")))
}

/// `stillwatch ingest`.
pub fn ingest(arguments: &IngestArguments) -> Result<ExitCode, Failure> {
    let options = IngestOptions {
        inputs: arguments.paths.clone(),
        format: arguments.reading.format.format(),
        maps: maps(&arguments.reading.map)?,
        joins: arguments.reading.join.clone(),
        keep_text: arguments.keep_text,
        // Who asks for the texts asks for whose they are.
        keep_identifiers: arguments.keep_identifiers || arguments.keep_text,
        secret: secret::of_data_dir(&arguments.data_dir, arguments.reading.secret.as_deref())?,
        embedder: arguments.embedding.as_deref().map(hunt::read_embedder).transpose()?,
        ledger: !arguments.no_ledger,
        shards: arguments.shards,
        workers: arguments.threads,
    };
    let bar = Bar::new(&arguments.show);
    let result = columns::ingest(&options, &arguments.data_dir, &bar);
    bar.finish();
    let ingested = result?;
    if arguments.show.json {
        print_json(&serde_json::json!({
            "files": ingested.files, "bytes": ingested.bytes, "read": ingested.read, "accepted": ingested.accepted,
            "refused": ingested.refused, "duplicates": ingested.duplicates,
            "conflicting_duplicates": ingested.conflicts, "reused_ids": ingested.reused_ids,
            "passed_over": ingested.counts.passed_over, "skipped_files": ingested.skipped.len(),
            "unread_files": ingested.unread.len(), "without_text": ingested.counts.without_text,
            "without_status": ingested.counts.without_status, "accounts_by_key": ingested.counts.accounts_by_key,
            "joined": ingested.second_log.exchanges,
        }))?;
    } else if !arguments.show.quiet {
        terminal::print(&summary::ingest(&ingested, &arguments.data_dir));
    }
    let limit = RejectLimit {
        most: arguments.max_rejects,
        columnar: false,
        first: &ingested.rejects,
        unread: &ingested.unread,
    };
    Ok(limit.code("records", ingested.read, ingested.accepted + ingested.duplicates, ingested.refused))
}

/// `stillwatch fold`.
pub fn fold(arguments: &FoldArguments) -> Result<ExitCode, Failure> {
    let bar = Bar::new(&arguments.show);
    let ingested = if arguments.paths.is_empty() {
        None
    } else {
        let options = IngestOptions {
            inputs: arguments.paths.clone(),
            format: arguments.reading.format.format(),
            maps: maps(&arguments.reading.map)?,
            joins: arguments.reading.join.clone(),
            embedder: arguments.embedding.as_deref().map(hunt::read_embedder).transpose()?,
            workers: arguments.threads,
            secret: secret::of_data_dir(&arguments.data_dir, arguments.reading.secret.as_deref())?,
            ledger: true,
            ..IngestOptions::default()
        };
        Some(columns::ingest(&options, &arguments.data_dir, &bar)?)
    };
    let options =
        FoldOptions { data_dir: arguments.data_dir.clone(), compact: arguments.compact, workers: arguments.threads };
    let made = hunt::fold_increments(&options, &bar);
    bar.finish();
    let made = made?;
    if arguments.show.json {
        print_json(&serde_json::json!({
            "accepted": ingested.as_ref().map(|ingested| ingested.accepted),
            "duplicates": ingested.as_ref().map(|ingested| ingested.duplicates),
            "refused": ingested.as_ref().map(|ingested| ingested.refused),
            "hours": made.hours, "days": made.days, "blocks": made.blocks, "removed": made.removed,
            "profiles": made.profiles, "bytes": made.bytes,
        }))?;
    } else if !arguments.show.quiet {
        if let Some(ingested) = &ingested {
            terminal::print(&summary::ingest(ingested, &arguments.data_dir));
        }
        terminal::print(&summary::fold(&made, &arguments.data_dir));
    }
    let Some(ingested) = ingested else { return Ok(ExitCode::SUCCESS) };
    let limit = RejectLimit {
        most: arguments.max_rejects,
        columnar: false,
        first: &ingested.rejects,
        unread: &ingested.unread,
    };
    Ok(limit.code("records", ingested.read, ingested.accepted + ingested.duplicates, ingested.refused))
}

/// When refused records make the exit status 3.
struct RejectLimit<'a> {
    most: f64,
    /// Some of what was refused, to be shown.
    first: &'a [Reject],
    /// Files that could not be read, or not to their end.
    unread: &'a [Unread],
    /// Nothing was to be read but the columnar form, which refuses nothing.
    columnar: bool,
}

impl RejectLimit<'_> {
    fn code(&self, what: &str, read: u64, readable: u64, refused: u64) -> ExitCode {
        if readable == 0 && !self.columnar {
            self.show();
            let text = format!("no {what} could be read (see rejects.jsonl for the reasons, or name the --format)");
            terminal::error(&text);
            return ExitCode::from(3);
        }
        if refused as f64 > self.most * read as f64 {
            self.show();
            terminal::error(&format!(
                "{refused} of {read} {what} were refused, more than --max-rejects {} % (see rejects.jsonl for the reasons)",
                100.0 * self.most
            ));
            return ExitCode::from(3);
        }
        if let Some(first) = self.unread.first() {
            // How many records an unread file holds nobody knows, so that no share of them can be allowed.
            let count = self.unread.len();
            terminal::error(&format!("{count} files could not be read; the first: {}: {}", first.file, first.reason));
            return ExitCode::from(3);
        }
        ExitCode::SUCCESS
    }

    fn show(&self) {
        for reject in self.first.iter().take(3) {
            terminal::note(&format!("refused: {} line {}: {}", reject.file, reject.line, reject.reason));
        }
    }
}

/// `stillwatch range`.
pub fn range(command: &RangeCommand) -> Result<ExitCode, Failure> {
    match command {
        RangeCommand::Worlds => {
            for (name, about) in range::World::builtin() {
                terminal::print(&format!("{name:16} {about}"));
            }
        }
        RangeCommand::Generate(arguments) => generate(arguments)?,
        RangeCommand::Score { truth, found, json } => {
            let score = range::score(truth, found).map_err(|error| Failure::Other(error.to_string()))?;
            if *json {
                print_json(&score)?;
            } else {
                terminal::print(&score.to_string());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn generate(arguments: &GenerateArguments) -> Result<(), Failure> {
    let world =
        range::World::load_with(&arguments.world, &arguments.set).map_err(|error| Failure::Usage(error.to_string()))?;
    let form = match (arguments.columnar, arguments.parquet) {
        (true, _) => range::Form::Columnar { shards: arguments.shards },
        (false, true) => range::Form::Parquet,
        (false, false) => range::Form::Lines,
    };
    let options = range::GenerateOptions {
        seed: arguments.seed,
        form,
        pools: arguments.pool.clone(),
        trace: arguments.trace.clone(),
        scale: arguments.scale,
        voice: arguments.voice,
    };
    let bar = Bar::new(&arguments.show);
    let made = range::generate(&world, &options, &arguments.out, &|done, expected| bar.generated(done, expected));
    bar.finish();
    let made = made.map_err(|error| Failure::Other(error.to_string()))?;
    if !arguments.show.quiet {
        terminal::print(&format!(
            "{} exchanges of {} accounts, {} campaigns, in {}",
            made.exchanges,
            made.accounts,
            made.campaigns,
            arguments.out.display()
        ));
    }
    Ok(())
}

/// `stillwatch completions`.
#[expect(clippy::unnecessary_wraps, reason = "every subcommand has one shape")]
pub fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "stillwatch", &mut script);
    terminal::print_raw(&script);
    Ok(ExitCode::SUCCESS)
}

/// `stillwatch manual`.
pub fn manual(out: &Path) -> Result<ExitCode, Failure> {
    clap_mangen::generate_to(Cli::command(), out).map_err(|error| {
        Failure::Other(format!("cannot write to {}: {error} (make the folder first)", out.display()))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A time from the command line: a date, which begins at midnight UTC, or RFC 3339.
fn time(option: &str, text: &str) -> Result<i64, Failure> {
    let midnight = format!("{text}T00:00:00Z");
    record::parse_time_us(text)
        .or_else(|| record::parse_time_us(&midnight))
        .ok_or_else(|| Failure::Usage(format!("{option} {text} is no time (write 2026-05-01 or 2026-05-01T12:00:00Z)")))
}

fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    let json =
        serde_json::to_string_pretty(value).map_err(|error| Failure::Other(io::Error::from(error).to_string()))?;
    terminal::print_raw(format!("{}\n", terminal::plain_json(&json)).as_bytes());
    Ok(())
}
