//! What a data directory is in need of.

use std::fs;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use columns::Holdings;
use columns::TableKey;
use record::clock::now_us;
use record::time::DAY_US;
use record::time::HOUR_US;
use rustix::fs::statvfs;

use crate::commands::doctor::finding::Finding;

/// Free space below which a disk is told of, in bytes.
const LITTLE: u64 = 10 << 30;
/// Free space below which nothing more will fit soon.
const NONE: u64 = 1 << 30;
/// Days without an exchange from which that is told.
const SILENT_DAYS: i64 = 2;

/// Looks at a data directory.
pub fn data_dir(root: &Path) -> Vec<Finding> {
    if !root.is_dir() {
        let fix = "it is made by `stillwatch ingest`, `watch` or `up`; check the path otherwise";
        return vec![Finding::wrong("data directory", format!("{} is no folder ({fix})", root.display()))];
    }
    let mut findings = vec![folder("data directory", root), privacy(root), secret(root)];
    findings.extend(disk(root));
    findings.extend(table(root));
    findings.push(ledger(root));
    findings
}

/// Whether a folder can be written to.
pub fn folder(what: &str, root: &Path) -> Finding {
    let probe = root.join(format!(".doctor-{}", std::process::id()));
    let made = File::create(&probe);
    let _ = fs::remove_file(&probe);
    match made {
        Ok(_) => Finding::well(what, format!("{} can be written to", root.display())),
        Err(error) => Finding::wrong(
            what,
            format!("{} cannot be written to: {error} (give it to the user that runs this)", root.display()),
        ),
    }
}

fn privacy(root: &Path) -> Finding {
    let mode = fs::metadata(root).map(|found| found.permissions().mode()).unwrap_or(0);
    match mode & 0o077 {
        0 => Finding::well("privacy", "no other user of this machine can look into it"),
        _ => Finding::warning(
            "privacy",
            format!("other users of this machine may look into {0} (chmod 700 {0})", root.display()),
        ),
    }
}

fn secret(root: &Path) -> Finding {
    match TableKey::of(root, None) {
        Ok(TableKey::Secret(_)) => Finding::well("secret", "values are hashed under a secret, which is there"),
        Ok(TableKey::Any) => Finding::well("secret", "nothing was hashed yet"),
        Ok(TableKey::Public) => Finding::warning(
            "secret",
            "values are hashed by public functions: whoever has the data can try values (ingest the logs anew into another directory)",
        ),
        Err(error) => Finding::wrong("secret", error.to_string()),
    }
}

/// Free space. It is told where the system tells it.
fn disk(root: &Path) -> Option<Finding> {
    let found = statvfs(root).ok()?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let text = format!("{:.1} GB are free at {}", free as f64 / 1e9, root.display());
    Some(match free {
        free if free < NONE => Finding::wrong("disk", format!("{text} (make room: nothing more can be kept soon)")),
        free if free < LITTLE => Finding::warning("disk", format!("{text} (make room, or move older days away)")),
        _ => Finding::well("disk", text),
    })
}

fn table(root: &Path) -> Vec<Finding> {
    let holdings = match columns::is_columnar(root).and_then(|_| Holdings::read(root)) {
        Ok(holdings) => holdings,
        Err(error) => {
            return vec![Finding::wrong("table", format!("{error} (stillwatch fsck {} says more)", root.display()))];
        }
    };
    let days = holdings.exchanges.keys().map(|partition| partition.day.saturating_mul(DAY_US));
    let Some(newest) = days.max() else { return vec![Finding::well("table", "there are no exchanges yet")] };
    let files: usize = holdings.exchanges.values().map(|one| one.files.len()).sum();
    let held = format!("{} partitions of exchanges in {files} files", holdings.exchanges.len());
    let age_us = now_us().saturating_sub(newest);
    let lag = if age_us < -HOUR_US {
        Finding::warning(
            "clock",
            "the newest day of exchanges is in the future (set this machine's clock, or that of what writes the logs)",
        )
    } else if age_us > (SILENT_DAYS + 1) * DAY_US {
        Finding::warning(
            "lag",
            format!("the newest exchanges are of {} days ago (is what writes them still running?)", age_us / DAY_US),
        )
    } else {
        Finding::well("lag", "there are exchanges of the last two days")
    };
    vec![Finding::well("table", held), lag]
}

fn ledger(root: &Path) -> Finding {
    match ledger::Reader::open(&columns::ledger_of(root)) {
        Ok(reader) => Finding::well(
            "ledger",
            format!(
                "its head is signed by its key, and has {} entries (`ledger verify` reads all of them)",
                reader.checkpoint().size
            ),
        ),
        Err(error) if error.kind() == ledger::ErrorKind::NoLog => Finding::warning(
            "ledger",
            "there is none yet: what was ingested cannot be proven (the next ingest begins it)",
        ),
        Err(error) => {
            Finding::wrong("ledger", format!("{error} (restore it from a backup; nothing is added to it before)"))
        }
    }
}
