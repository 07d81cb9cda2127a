//! `stillwatch serve` and `stillwatch token`.

use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use console::Options;
use console::Server;
use console::State;
use console::Tokens;
use console::Verdicts;
use verdict::VerdictSnapshot;

use crate::cli::serve::Role;
use crate::cli::serve::ServeArguments;
use crate::cli::serve::TokenCommand;
use crate::commands::backtest::OfDataDir;
use crate::commands::case_store::store_url;
use crate::commands::print_json;
use crate::commands::served;
use crate::exit::Failure;
use crate::terminal;

/// Verdicts from the output folder of a hunt, read again when it was replaced.
#[derive(Debug)]
struct OfFolder {
    found: PathBuf,
    known: Mutex<Option<(SystemTime, Arc<VerdictSnapshot>)>>,
}

impl Verdicts for OfFolder {
    fn current(&self) -> Result<Arc<VerdictSnapshot>, String> {
        let path = self.found.join("campaigns.json");
        let told = |error: std::io::Error| format!("{}: {error} (give --found a hunt's folder)", path.display());
        let stamp = path.metadata().and_then(|data| data.modified()).map_err(told)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, snapshot)) = known.as_ref().filter(|(of, _)| *of == stamp) {
            return Ok(Arc::clone(snapshot));
        }
        // The time of the results, so that the same results are the same snapshot.
        let since = stamp.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let made_at_us = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        let snapshot = hunt::read_snapshot(&self.found, made_at_us).map_err(|error| error.to_string())?;
        let snapshot = Arc::new(snapshot);
        *known = Some((stamp, Arc::clone(&snapshot)));
        Ok(snapshot)
    }
}

/// `stillwatch serve`.
pub fn serve(arguments: &ServeArguments) -> Result<ExitCode, Failure> {
    let state = State::open(Options {
        data_dir: arguments.data_dir.clone(),
        cases: store_url(),
        found: arguments.found.clone(),
        found_may_come: false,
        policies: arguments.policies.clone(),
        verdicts: Box::new(OfFolder { found: arguments.found.clone(), known: Mutex::default() }),
        backtests: Some(Arc::new(OfDataDir { data_dir: arguments.data_dir.clone(), accounts: Vec::new() })),
        budgets: None,
        console: arguments.console.clone(),
        tls: arguments.tls_cert.is_some(),
    })?;
    let tls = served::tls(arguments.tls_cert.as_deref(), arguments.tls_key.as_deref());
    let server = Server::new(&arguments.listen, tls.as_ref(), &state)?;
    let runtime = served::runtime()?;
    let stopped = served::stopped()?;
    runtime.block_on(async {
        let listening = server.bind().await?;
        let scheme = served::scheme(tls.as_ref());
        terminal::print(&format!("listening on {scheme}://{}", listening.address));
        if !state.has_page() {
            terminal::note(
                "note: the page is not built into this program; the API is served without it (docs/console.md)",
            );
        }
        let router = console::router(state.clone());
        listening.serve(router, state, stopped).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `stillwatch token`.
pub fn token(command: &TokenCommand) -> Result<ExitCode, Failure> {
    match command {
        TokenCommand::Create { data_dir, who, role } => {
            let roles: Vec<console::Role> = role.iter().map(|role| role_of(*role)).collect();
            let (token, text) = tokens(data_dir)?.create(who, &roles)?;
            terminal::note(&format!("token {} of {}; it is not shown again:", token.id, token.who));
            terminal::print(&text);
        }
        TokenCommand::List { data_dir, json } => {
            let all = tokens(data_dir)?.list()?;
            if *json {
                let row = |token: &console::Token| {
                    serde_json::json!({
                        "id": token.id, "who": token.who, "roles": token.roles, "created": token.created,
                        "revoked": token.revoked,
                    })
                };
                print_json(&all.iter().map(row).collect::<Vec<_>>())?;
                return Ok(ExitCode::SUCCESS);
            }
            for token in all {
                let roles: Vec<&str> = token.roles.iter().map(|role| role.as_str()).collect();
                let revoked = token.revoked.map_or_else(String::new, |at| format!(", revoked {at}"));
                let (id, who, created) = (token.id, token.who, token.created);
                terminal::print(&format!("{id}  {who}: {}, created {created}{revoked}", roles.join(", ")));
            }
        }
        TokenCommand::Revoke { id, data_dir } => tokens(data_dir)?.revoke(id)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn tokens(data_dir: &Path) -> Result<Tokens, Failure> {
    match data_dir.is_dir() {
        true => Ok(Tokens::of(data_dir)),
        false => {
            Err(Failure::Usage(format!("{} is no data directory (hunt with --data-dir first)", data_dir.display())))
        }
    }
}

pub const fn role_of(role: Role) -> console::Role {
    match role {
        Role::Reader => console::Role::Reader,
        Role::Analyst => console::Role::Analyst,
        Role::Second => console::Role::Second,
        Role::Policy => console::Role::Policy,
        Role::Admin => console::Role::Admin,
    }
}
