//! Results for people.

use std::fmt::Write;
use std::path::Path;

use campaign::Bank;
use campaign::Campaign;
use campaign::Event;
use columns::Ingested;
use hunt::Increments;
use hunt::Outcome;

/// The most campaigns that are shown in full.
const SHOWN: usize = 8;

/// What a hunt found.
pub fn hunt(outcome: &Outcome, out: &Path) -> String {
    let mut text = String::new();
    let summary = &outcome.summary;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "read {} records of {} accounts in {:.1} s: {} accepted, {} duplicate, {} refused",
        grouped(summary.read),
        grouped(summary.accounts),
        summary.wall_seconds,
        grouped(summary.accepted),
        grouped(summary.duplicates),
        grouped(summary.refused),
    );
    let _ = writeln!(text, "judged against a {}", summary.calibration);
    for note in &summary.notes {
        let _ = writeln!(text, "note: {note}");
    }
    if outcome.campaigns.is_empty() {
        let _ = writeln!(
            text,
            "\nno campaign at {} % false discovery ({} groups were tested)",
            100.0 * summary.fdr,
            summary.groups_tested
        );
    }
    for campaign in outcome.campaigns.iter().take(SHOWN) {
        describe(&mut text, campaign);
    }
    if outcome.campaigns.len() > SHOWN {
        let _ = writeln!(text, "\n… and {} more", outcome.campaigns.len() - SHOWN);
    }
    for event in &summary.events {
        // Without a data directory every campaign is new, and nothing was known before.
        if !matches!(event, Event::Appeared { .. }) {
            let _ = writeln!(text, "\n{}", event_text(event));
        }
    }
    let _ = write!(
        text,
        "\n{} discovered, {} suspected; {} accounts implicated. {} more groups score, and nothing is claimed of them.\n\
         Look next: {} for the evidence, {} for each account's reasons, {} for what else scores",
        summary.discovered,
        summary.suspected,
        grouped(summary.implicated),
        grouped(summary.leads),
        out.join("campaigns.json").display(),
        out.join("accounts.jsonl").display(),
        out.join("leads.json").display(),
    );
    if summary.refused > 0 {
        let _ = write!(text, ", {} for what was refused", out.join("rejects.jsonl").display());
    }
    text
}

fn event_text(event: &Event) -> String {
    match event {
        Event::Appeared { id } => format!("{id} appeared"),
        Event::Merged { id, into } => format!("{id} is now part of {into}"),
        Event::Split { id, part } => format!("{part} split off {id}"),
        Event::Rested { id } => format!("{id}, known from an earlier run, was not seen"),
        other => format!("{other:?}"),
    }
}

fn describe(text: &mut String, campaign: &Campaign) {
    let _ = writeln!(
        text,
        "\n{}  {}  confidence {}  impact {}  {} accounts  {} exchanges",
        campaign.id,
        campaign.status.as_str(),
        campaign.confidence,
        campaign.impact,
        grouped(campaign.accounts.len() as u64),
        grouped(campaign.exchanges),
    );
    let _ = writeln!(text, "  from {} to {}", campaign.first_seen, campaign.last_seen);
    let work: Vec<String> = campaign
        .capabilities
        .iter()
        .take(3)
        .map(|capability| format!("{} {:.0} %", capability.name.replace('_', " "), 100.0 * capability.share))
        .collect();
    let _ = writeln!(text, "  aimed at {}", work.join(", "));
    let leak = &campaign.leak;
    let _ = writeln!(
        text,
        "  attributed responses: {} (between {} and {})",
        grouped(leak.exchanges),
        grouped(leak.low),
        grouped(leak.high)
    );
    for strength in &campaign.strengths {
        let _ = writeln!(text, "  + {strength}");
    }
    for limitation in &campaign.limitations {
        let _ = writeln!(text, "  - {limitation}");
    }
}

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

/// A number with thin separators: 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
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

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
