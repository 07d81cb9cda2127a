//! `stillwatch audit`.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use audit::Finding;
use audit::Inputs;
use audit::Options;

use crate::cli::AuditArguments;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::exit::NOT_HELD;
use crate::terminal;

/// The most bytes of a file.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// `stillwatch audit`.
pub fn audit(arguments: &AuditArguments) -> Result<ExitCode, Failure> {
    let ours = audit::read_case(&name(&arguments.ours), &bytes(&arguments.ours)?)?;
    let suspect = audit::read_answers(&name(&arguments.suspect), &bytes(&arguments.suspect)?)?;
    let mut compared = Vec::new();
    for path in &arguments.compare {
        compared.push((name(path), audit::read_answers(&name(path), &bytes(path)?)?));
    }
    let decoys = match &arguments.decoys {
        Some(path) => audit::read_decoys(&name(path), &bytes(path)?)?,
        None => Vec::new(),
    };
    let assignment = match &arguments.assignment_key {
        Some(path) => Some((bytes(path)?.trim_ascii_end().to_vec(), arguments.assignment_share)),
        None => None,
    };
    let outcome =
        audit::audit(&Inputs { ours, suspect, compared, decoys }, &Options { level: arguments.level, assignment })?;
    if arguments.json {
        print_json(&outcome)?;
    } else {
        terminal::print(audit::text(&outcome).trim_end());
    }
    Ok(if outcome.finding == Finding::Refused { ExitCode::from(NOT_HELD) } else { ExitCode::SUCCESS })
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    record::read_file(path, MAX_BYTES).map_err(|error| {
        let fix = if error.kind() == ErrorKind::FileTooLarge { " (draw a part of the prompts at random)" } else { "" };
        Failure::Usage(format!("{}: {error}{fix}", path.display()))
    })
}
