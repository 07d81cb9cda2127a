//! `stillwatch gate`.

use std::io::Read;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use columns::Secret;
use gate::Config;
use gate::Gate;

use crate::cli::gate::GateArguments;
use crate::exit::Failure;
use crate::terminal;

/// Longest API key, in bytes.
const MAX_KEY_BYTES: u64 = 8192;

/// Starts a gate, and waits for its end.
pub fn gate(arguments: &GateArguments) -> Result<ExitCode, Failure> {
    let config = Config::read(&arguments.config)?;
    if arguments.check {
        for note in gate::check(&config)? {
            terminal::note(&format!("note: {note}"));
        }
        terminal::print(&format!("{} is fit", arguments.config.display()));
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.new_budget_server {
        terminal::print(&gate::set_up_budgets(&config)?);
        return Ok(ExitCode::SUCCESS);
    }
    let hashes = Secret::read_or_make(&config.secret)?.key();
    if let Some(account) = &arguments.key_line {
        let mut key = String::new();
        let read = std::io::stdin().take(MAX_KEY_BYTES).read_to_string(&mut key);
        if read.is_err() || key.trim().is_empty() {
            return Err(Failure::Usage("no API key came on standard input (give it as: … < FILE)".to_owned()));
        }
        terminal::print(&gate::key_line(&hashes, &key, account));
        return Ok(ExitCode::SUCCESS);
    }
    let gate = Gate::start(config, &hashes)?;
    let (stop, is_stopped) = (gate.stopper(), AtomicBool::new(false));
    let handled = ctrlc::set_handler(move || {
        if is_stopped.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
        stop.stop();
    });
    handled.map_err(|error| Failure::Other(format!("signals cannot be taken: {error}")))?;
    // Programs that start a gate on a free port read these lines.
    terminal::print(&format!("listening on {}", gate.address()));
    if let Some(doors) = gate.doors() {
        terminal::print(&format!("doors on http://{doors}"));
    }
    if let Some(admin) = gate.admin() {
        terminal::print(&format!("metrics on http://{admin}/metrics"));
    }
    gate.wait();
    Ok(ExitCode::SUCCESS)
}
