//! `stillwatch`: finds, proves and stops illicit distillation.
//!
//! This binary parses the command line, shows progress and prints results. What it does is in the crates below.

mod cli;
mod commands;
mod exit;
mod files;
mod progress;
mod summary;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::cli::Command;

fn main() -> ExitCode {
    let cli = Cli::parse();
    commands::decode::decode_apart();
    let result = match cli.command {
        Command::Hunt(arguments) => commands::hunt(&arguments),
        Command::Doctor(arguments) => commands::doctor::doctor(&arguments),
        Command::Fsck(arguments) => commands::fsck::fsck(&arguments),
        Command::Backup(arguments) => commands::backup::back_up(&arguments),
        Command::Restore(arguments) => commands::backup::restore(&arguments),
        Command::Fold(arguments) => commands::fold(&arguments),
        Command::Ingest(arguments) => commands::ingest(&arguments),
        #[cfg(feature = "cluster")]
        Command::Scheduler(arguments) => commands::cluster::scheduler(arguments),
        #[cfg(feature = "cluster")]
        Command::Executor(arguments) => commands::cluster::executor(arguments),
        #[cfg(feature = "cluster")]
        Command::Sql(arguments) => commands::cluster::sql(&arguments),
        Command::Ledger(command) => commands::ledger::ledger(&command),
        Command::Case(command) => commands::case::case(&command),
        Command::Appeal(command) => commands::appeal::appeal(&command),
        Command::Report(command) => commands::papers::report(&command),
        Command::Verify(arguments) => commands::case::verify(&arguments),
        Command::Attribute(arguments) => commands::attribute::attribute(&arguments),
        Command::Audit(arguments) => commands::audit::audit(&arguments),
        Command::Share(command) => commands::share::share(&command),
        Command::Bank(command) => commands::bank::bank(&command),
        #[cfg(feature = "policy")]
        Command::Policy(command) => commands::policy::policy(&command),
        #[cfg(feature = "demo")]
        Command::Up(arguments) if arguments.play.demo => commands::demo::demo(&arguments.play),
        #[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
        Command::Up(arguments) => commands::up::up(&arguments),
        #[cfg(feature = "watch")]
        Command::Watch(arguments) => commands::watch::watch(&arguments),
        #[cfg(feature = "gate")]
        Command::Gate(arguments) => commands::gate::gate(&arguments),
        #[cfg(feature = "console")]
        Command::Serve(arguments) => commands::serve::serve(&arguments),
        #[cfg(feature = "console")]
        Command::User(command) => commands::user::user(&command),
        #[cfg(feature = "console")]
        Command::Token(command) => commands::serve::token(&command),
        Command::Show(arguments) => commands::show::show(&arguments),
        Command::Range(command) => commands::range(&command),
        Command::Completions { shell } => commands::completions(shell),
        Command::Manual { out } => commands::manual(&out),
        Command::DecodeTable { place } => commands::decode::decode_table(&place),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            terminal::error(&error.to_string());
            error.code()
        }
    }
}
