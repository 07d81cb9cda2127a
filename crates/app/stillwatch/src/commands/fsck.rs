//! `stillwatch fsck`.

use std::fmt::Write;
use std::process::ExitCode;

use columns::Checked;
use columns::FaultKind;
use columns::Mending;
use columns::check_data_dir;

use crate::cli::FsckArguments;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::progress::Bar;
use crate::terminal;

/// Faults that are named on the screen; `--json` has all.
const SHOWN: usize = 40;

/// `stillwatch fsck`.
pub fn fsck(arguments: &FsckArguments) -> Result<ExitCode, Failure> {
    let mending = Mending { repair: arguments.repair, forget_missing: arguments.forget_missing };
    let bar = Bar::new(&arguments.show);
    let result = check_data_dir(&arguments.data_dir, mending, &bar);
    bar.finish();
    let checked = result?;
    if arguments.show.json {
        let faults = checked.faults.iter().map(|fault| {
            serde_json::json!({
                "path": fault.path.to_string_lossy(), "kind": name(&fault.kind), "what": fault.kind.to_string(),
                "mended": fault.is_mended,
            })
        });
        print_json(&serde_json::json!({
            "files": checked.files, "rows": checked.rows, "well": checked.is_well(), "faults": faults.collect::<Vec<_>>(),
        }))?;
    } else if !arguments.show.quiet {
        terminal::print(&told(&checked));
    }
    Ok(if checked.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The kind of a fault, for programs.
const fn name(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::NoManifest => "no_manifest",
        FaultKind::ManifestDamaged(_) => "manifest_damaged",
        FaultKind::Missing => "missing",
        FaultKind::Damaged(_) => "damaged",
        FaultKind::Unlisted => "unlisted",
        FaultKind::RepeatedRows(_) => "repeated_rows",
        FaultKind::Secret(_) => "secret",
    }
}

fn told(checked: &Checked) -> String {
    let mut text = String::new();
    for fault in checked.faults.iter().take(SHOWN) {
        let mended = if fault.is_mended { "mended: " } else { "" };
        let _ = writeln!(text, "{mended}{} {}", fault.path.display(), fault.kind);
    }
    if checked.faults.len() > SHOWN {
        let _ = writeln!(text, "and {} more (--json lists them)", checked.faults.len() - SHOWN);
    }
    let state = match (checked.faults.is_empty(), checked.is_well()) {
        (true, _) => "all is well",
        (false, true) => "all is well now",
        (false, false) => "not all is well",
    };
    let _ = write!(text, "{} files with {} exchanges: {state}", checked.files, checked.rows);
    text
}
