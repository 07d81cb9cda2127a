//! Results for people.

mod found;
mod numbers;
#[cfg(feature = "policy")]
pub mod policy;
mod shown;

use std::fmt::Write;
use std::path::Path;

use campaign::Bank;
use columns::Ingested;
use hunt::Increments;

pub use found::hunt;
use report::grouped;
pub use shown::Matches;
pub use shown::show;

/// What an ingest did.
pub fn ingest(ingested: &Ingested, data_dir: &Path) -> String {
    let mut text = format!(
        "read {} records in {} files: {} new, {} known, {} refused\n",
        grouped(ingested.read),
        ingested.files,
        grouped(ingested.accepted),
        grouped(ingested.duplicates),
        grouped(ingested.refused),
    );
    for reject in ingested.rejects.iter().take(5) {
        let _ = writeln!(text, "refused: {} line {}: {}", reject.file, reject.line, reject.reason);
    }
    for note in hunt::losses(ingested) {
        let _ = writeln!(text, "note: {note}");
    }
    let _ = write!(text, "next: stillwatch hunt {} --out found", data_dir.display());
    text
}

/// What folding ahead did.
pub fn fold(made: &Increments, data_dir: &Path) -> String {
    format!(
        "{} parts by the hour, {} days and {} blocks: {} profiles in {} MB; {} parts removed\nnext: stillwatch hunt {} \
         --out found",
        grouped(made.hours),
        grouped(made.days),
        grouped(made.blocks),
        grouped(made.profiles),
        grouped(made.bytes / 1_000_000),
        grouped(made.removed),
        data_dir.display()
    )
}

/// What a bank holds, by what is ranked together.
pub fn bank_table(bank: &Bank) -> String {
    let mut text = format!("{} honest groups\n", grouped(bank.len() as u64));
    let _ = writeln!(
        text,
        "{:<20} {:>12} {:>6} {:>8} {:>6} {:>8} {:>8} {:>10}",
        "ties", "customers", "open", "groups", "own", "median", "largest", "e-value to"
    );
    for (ties, open, peers) in bank.pools() {
        let _ = writeln!(
            text,
            "{:<20} {:>12} {:>6} {:>8} {:>6} {:>8.2} {:>8.2} {:>10.0}",
            ties.as_str().replace('_', " "),
            peers.sizes.to_string(),
            if open { "yes" } else { "no" },
            peers.len(),
            peers.own(),
            peers.all().quantile(0.5).unwrap_or(0.0),
            peers.all().quantile(1.0).unwrap_or(0.0),
            peers.all().largest_e_value(),
        );
    }
    let _ = write!(
        text,
        "median and largest: of scores, as decimal logarithms; e-value to: the most that a group can have among them"
    );
    text
}
