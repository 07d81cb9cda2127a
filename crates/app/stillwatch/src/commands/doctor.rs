//! `stillwatch doctor`: what would go wrong, and how it is mended.

mod data;
mod finding;
#[cfg(any(feature = "watch", feature = "gate"))]
mod parts;

use std::process::ExitCode;

use crate::cli::DoctorArguments;
use crate::commands::doctor::data::data_dir;
use crate::commands::doctor::finding::Finding;
use crate::commands::doctor::finding::Grade;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::exit::NOT_HELD;
use crate::terminal;

/// `stillwatch doctor`.
pub fn doctor(arguments: &DoctorArguments) -> Result<ExitCode, Failure> {
    let findings = findings(arguments);
    if arguments.json {
        print_json(&findings)?;
    } else {
        findings.iter().for_each(|finding| terminal::print(&finding.to_string()));
    }
    let is_well = findings.iter().all(|finding| finding.grade != Grade::Wrong);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(NOT_HELD) })
}

#[cfg_attr(not(any(feature = "watch", feature = "gate")), expect(unused_mut, reason = "only configurations add to it"))]
fn findings(arguments: &DoctorArguments) -> Vec<Finding> {
    let mut findings: Vec<Finding> = arguments.data_dir.as_deref().map(data_dir).unwrap_or_default();
    #[cfg(feature = "watch")]
    if let Some(path) = &arguments.watch {
        findings.extend(parts::watch_file(path));
    }
    #[cfg(feature = "gate")]
    if let Some(path) = &arguments.gate {
        findings.extend(parts::gate_file(path));
    }
    #[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
    if let Some(path) = &arguments.up {
        findings.extend(parts::up_file(path));
    }
    findings
}
