//! `stillwatch ledger`.

mod stamps;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use columns::Wanted;
use columns::check_table;
use columns::ledger_of;
use columns::live_batches;
use columns::open_ledger;
use columns::prove_file;
use journal::ExchangeProof;
use journal::Group;
use journal::LeafProof;
use ledger::Entry;
use ledger::Known;
use ledger::Note;
use ledger::Witness;

use crate::cli::LedgerCommand;
use crate::cli::ProofArguments;
use crate::cli::VerifyLedgerArguments;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::exit::NOT_HELD;
use crate::files;
use crate::progress::Bar;
use crate::terminal;

pub use stamps::certificates;

/// Faults that are named on the screen; `--json` has all.
const SHOWN: usize = 40;

/// `stillwatch ledger`.
pub fn ledger(command: &LedgerCommand) -> Result<ExitCode, Failure> {
    match command {
        LedgerCommand::Head { data_dir, json } => head(data_dir, *json),
        LedgerCommand::Proof(arguments) => proof(arguments),
        LedgerCommand::Verify(arguments) => verify(arguments),
        LedgerCommand::Cosign { data_dir, key, name } => cosign(data_dir, key, name),
        LedgerCommand::Timestamp(arguments) => stamps::timestamp(arguments),
    }
}

fn head(data_dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    let log = open_ledger(data_dir)?;
    if !json {
        terminal::print_raw(&log.note().to_bytes());
        return Ok(ExitCode::SUCCESS);
    }
    let head = log.checkpoint();
    let signed = |key: &ledger::VerifyingKey| {
        let at = log.note().witnessed_at(key)?;
        Some(serde_json::json!({ "name": key.name(), "key": key.to_string(), "seconds": at }))
    };
    let witnesses: Vec<_> = log.witnesses()?.iter().filter_map(signed).collect();
    print_json(&serde_json::json!({
        "origin": head.origin, "size": head.size, "root": hex(&head.root), "key": log.key().to_string(),
        "witnesses": witnesses,
    }))?;
    Ok(ExitCode::SUCCESS)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn proof(arguments: &ProofArguments) -> Result<ExitCode, Failure> {
    let text = match (&arguments.exchange, arguments.entry) {
        (Some(id), _) => {
            let proof = exchange_proof(arguments, id)?;
            let mut text = serde_json::to_string_pretty(&proof).map_err(|error| Failure::Other(error.to_string()))?;
            text.push('\n');
            text
        }
        (None, entry) => open_ledger(&arguments.data_dir)?.prove(entry.unwrap_or(0))?.to_string(),
    };
    match &arguments.out {
        None => terminal::print_raw(text.as_bytes()),
        Some(out) => columns::durable::replace(out, text.as_bytes())
            .map_err(|error| Failure::Other(format!("cannot write {}: {error}", out.display())))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// All that shows one exchange.
fn exchange_proof(arguments: &ProofArguments, id: &str) -> Result<ExchangeProof, Failure> {
    let root = &arguments.data_dir;
    let mut accounts = columns::accounts_of_exchange(root, id)?;
    if let Some(account) = &arguments.account {
        accounts.retain(|one| one == account);
    }
    let one = match accounts.iter().collect::<Vec<_>>().as_slice() {
        [one] => (*one).clone(),
        [] => return Err(Failure::Usage(format!("{} holds no exchange {id}", root.display()))),
        several => {
            let names: Vec<&str> = several.iter().take(10).map(|name| name.as_str()).collect();
            let text = format!("several accounts have an exchange {id} (give --account, one of {})", names.join(", "));
            return Err(Failure::Usage(text));
        }
    };
    let log = open_ledger(root)?;
    let wanted: Wanted = [(one, [id.to_owned()].into())].into();
    let mut shown = vec![Group::Facts];
    shown.extend(arguments.identifiers.then_some(Group::Identifiers));
    shown.extend(arguments.text.then_some(Group::Text));
    let (shown, salts) = (shown.into_iter().collect(), log.salts()?);
    for live in live_batches(&log)?.values() {
        let proofs = prove_file(root, live, &salts, &wanted, &shown)?;
        if let (Some(account), Some(row)) = (proofs.accounts.first(), proofs.rows.first()) {
            let (record, salt) = log.record(live.0)?;
            let kind = Entry::from_bytes(&log.entry(live.0)?)?.kind;
            return Ok(ExchangeProof {
                key: log.key().to_string(),
                checkpoint: String::from_utf8_lossy(&log.note().to_bytes()).into_owned(),
                batch: LeafProof { index: live.0, kind, salt, record, path: log.prove(live.0)?.path },
                account: account.clone(),
                row: row.clone(),
            });
        }
    }
    let text = format!("exchange {id} is not in the ledger yet (stillwatch ingest adds what is missing)");
    Err(Failure::Usage(text))
}

fn verify(arguments: &VerifyLedgerArguments) -> Result<ExitCode, Failure> {
    let known = arguments.checkpoint.iter().map(|file| {
        let bytes = files::small(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        let note = Note::parse(&bytes).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        Ok(Known { name: file.clone(), note })
    });
    let mut known = known.collect::<Result<Vec<_>, Failure>>()?;
    let root = ledger_of(&arguments.data_dir);
    if !root.is_dir() {
        let text = format!("there is no ledger in {} (stillwatch ingest makes one)", arguments.data_dir.display());
        return Err(Failure::Usage(text));
    }
    known.extend(stamps::known_heads(&root));
    let told = ledger::verify(&root, &known)?;
    let mut faults: Vec<(String, String)> =
        told.faults.iter().map(|fault| (format!("{:?}", fault.kind).to_lowercase(), fault.to_string())).collect();
    let mut stamps = 0;
    if faults.is_empty() {
        let (right, wrong) = stamps::check_all(&open_ledger(&arguments.data_dir)?, &root);
        stamps = right;
        faults.extend(wrong.into_iter().map(|what| ("timestamp".to_owned(), what)));
    }
    let mut table = None;
    if faults.is_empty() && !arguments.log_only {
        let bar = Bar::new(&arguments.show);
        let checked = check_table(&arguments.data_dir, &open_ledger(&arguments.data_dir)?, &bar);
        bar.finish();
        let checked = checked?;
        faults.extend(checked.faults.iter().map(|fault| ("table".to_owned(), fault.to_string())));
        table = Some(checked);
    }
    let size = told.checkpoint.as_ref().map_or(0, |head| head.size);
    let (files, rows, waiting) = table.as_ref().map_or((0, 0, 0), |table| (table.files, table.rows, table.waiting));
    if arguments.show.json {
        let listed: Vec<_> =
            faults.iter().map(|(kind, what)| serde_json::json!({ "kind": kind, "what": what })).collect();
        print_json(&serde_json::json!({
            "well": faults.is_empty(), "entries": size, "files": files, "exchanges": rows, "waiting": waiting,
            "witnesses": told.witnesses, "known_heads": told.known, "timestamps": stamps, "faults": listed,
        }))?;
    } else if !arguments.show.quiet {
        let mut text = String::new();
        for (_, what) in faults.iter().take(SHOWN) {
            let _ = writeln!(text, "{what}");
        }
        if faults.len() > SHOWN {
            let _ = writeln!(text, "and {} more (--json lists them)", faults.len() - SHOWN);
        }
        let _ = write!(text, "{size} entries");
        if table.is_some() {
            let _ = write!(text, ", {rows} exchanges in {files} files");
        }
        if stamps > 0 {
            let _ = write!(text, ", {stamps} time-stamps");
        }
        if waiting > 0 {
            let _ = write!(text, ", {waiting} files that the next ingest adds");
        }
        let _ = write!(
            text,
            ": {}",
            if faults.is_empty() { "all is as it was signed" } else { "not all is as it was signed" }
        );
        terminal::print(&text);
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_HELD) })
}

fn cosign(data_dir: &Path, key: &Path, name: &str) -> Result<ExitCode, Failure> {
    let log = open_ledger(data_dir)?;
    let witness = Witness::open(key, name)?;
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let note = match witness.cosign(&log, seconds) {
        Err(error) if error.kind() == ledger::ErrorKind::Inconsistent => {
            terminal::error(&error.to_string());
            return Ok(ExitCode::from(NOT_HELD));
        }
        signed => signed?,
    };
    log.keep_cosigned(&ledger_of(data_dir), &note, &witness.key())?;
    terminal::print_raw(&note.to_bytes());
    Ok(ExitCode::SUCCESS)
}
