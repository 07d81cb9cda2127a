//! `stillwatch backup` and `stillwatch restore`.

use std::process::ExitCode;

use backup::Head;
use backup::Options;
use serde_json::json;

use crate::cli::BackupArguments;
use crate::cli::RestoreArguments;
use crate::commands::case_store::store_url;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::progress::Bar;
use crate::terminal;

/// `stillwatch backup`.
pub fn back_up(arguments: &BackupArguments) -> Result<ExitCode, Failure> {
    let bar = Bar::new(&arguments.show);
    let options = Options { without_keys: arguments.without_keys };
    let result = backup::back_up(&arguments.data_dir, &arguments.out, &options, &bar);
    bar.finish();
    let made = result?;
    if arguments.show.json {
        print_json(&json!({
            "file": arguments.out.to_string_lossy(), "files": made.files, "bytes": made.bytes,
            "packed_bytes": made.packed_bytes, "made_at": made.head.made_at, "left_out": made.head.left_out,
        }))?;
    } else if !arguments.show.quiet {
        terminal::print(&format!(
            "{}: {} files with {:.1} MB, in {:.1} MB",
            arguments.out.display(),
            made.files,
            made.bytes as f64 / 1e6,
            made.packed_bytes as f64 / 1e6,
        ));
        terminal::print(&match made.head.left_out.as_slice() {
            [] => "it holds the secret and the key of the ledger: keep it as safe as the data directory".to_owned(),
            left_out => {
                format!("left out: {} (keep them elsewhere: without them nothing is added)", left_out.join(", "))
            }
        });
        if store_url().is_some() {
            terminal::note("cases are in the database that $STILLWATCH_CASES names, and not in it: back that up too");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `stillwatch restore`.
pub fn restore(arguments: &RestoreArguments) -> Result<ExitCode, Failure> {
    let bar = Bar::new(&arguments.show);
    let result = match &arguments.data_dir {
        Some(data_dir) => backup::restore(&arguments.file, data_dir, &bar),
        None => backup::check(&arguments.file, &bar),
    };
    bar.finish();
    let checked = result?;
    let Head { program, made_at, left_out, .. } = &checked.head;
    if arguments.show.json {
        print_json(&json!({
            "file": arguments.file.to_string_lossy(), "files": checked.files, "bytes": checked.bytes,
            "made_at": made_at, "program": program, "left_out": left_out,
        }))?;
    } else if !arguments.show.quiet {
        let (files, mega) = (checked.files, checked.bytes as f64 / 1e6);
        terminal::print(&format!("whole: {files} files with {mega:.1} MB, made {made_at} by stillwatch {program}"));
        if !left_out.is_empty() {
            terminal::print(&format!("not in it: {} (put them into the data directory)", left_out.join(", ")));
        }
        if let Some(data_dir) = &arguments.data_dir {
            let place = data_dir.display();
            terminal::print(&format!("restored at {place}; look at it with: stillwatch doctor --data-dir {place}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
