//! What a hunt found, on one screen.

use std::fmt::Write;
use std::path::Path;

use campaign::CORROBORATES;
use campaign::Campaign;
use campaign::Event;
use hunt::Outcome;

use crate::summary::numbers::second;
use crate::summary::numbers::table;
use report::grouped;

/// The most campaigns that have a line.
const SHOWN: usize = 20;

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
        let _ = writeln!(text, "{note}");
    }
    text.push('\n');
    if outcome.campaigns.is_empty() {
        let _ = writeln!(
            text,
            "no campaign at {} % false discovery ({} groups were tested)",
            100.0 * summary.fdr_suspected,
            grouped(summary.groups_tested)
        );
    } else {
        text.push_str(&campaigns(&outcome.campaigns));
    }
    for event in &summary.events {
        // Without a data directory every campaign is new, and nothing was known before.
        if !matches!(event, Event::Appeared { .. }) {
            let _ = writeln!(text, "{}", event_text(event));
        }
    }
    text.push('\n');
    text.push_str(&ending(outcome, out));
    text
}

fn campaigns(campaigns: &[Campaign]) -> String {
    let heads = [
        "CAMPAIGN",
        "STATUS",
        ">CONFIDENCE",
        ">ACCOUNTS",
        ">EXCHANGES",
        "FIRST SEEN (UTC)",
        "LAST SEEN (UTC)",
        "FAMILIES THAT CORROBORATE",
    ];
    let row = |campaign: &Campaign| {
        let mut families: Vec<&str> = Vec::new();
        for family in campaign.families.iter().filter(|family| family.e_value >= CORROBORATES) {
            families.push(family.family.as_str());
        }
        vec![
            campaign.id.clone(),
            campaign.status.as_str().to_owned(),
            campaign.confidence.to_string(),
            grouped(campaign.accounts.len() as u64),
            grouped(campaign.exchanges),
            second(&campaign.first_seen),
            second(&campaign.last_seen),
            families.join(", "),
        ]
    };
    let rows: Vec<Vec<String>> = campaigns.iter().take(SHOWN).map(row).collect();
    let mut text = table(&heads, &rows);
    if campaigns.len() > SHOWN {
        let _ = writeln!(text, "… and {} more in campaigns.json", campaigns.len() - SHOWN);
    }
    text
}

/// What it comes to, and where to look next.
fn ending(outcome: &Outcome, out: &Path) -> String {
    let summary = &outcome.summary;
    let mut text = format!(
        "{} discovered, {} suspected; {} accounts implicated. {} more groups score, and nothing is claimed of them.\n",
        summary.discovered,
        summary.suspected,
        grouped(summary.implicated),
        grouped(summary.leads),
    );
    let mut next = vec![(out.join("report.html").display().to_string(), "to look at")];
    if let Some(campaign) = outcome.campaigns.first() {
        next.push((
            format!("stillwatch show {} --found {}", campaign.id, out.display()),
            "its evidence and its limits",
        ));
        next.push((out.join("campaigns.json").display().to_string(), "the same for programs"));
        next.push((out.join("accounts.jsonl").display().to_string(), "each account's reasons"));
    }
    if summary.leads > 0 {
        next.push((out.join("leads.json").display().to_string(), "what else scores"));
    }
    if summary.refused > 0 {
        next.push((out.join("rejects.jsonl").display().to_string(), "what was refused, and why"));
    }
    text.push_str("Look next:");
    let width = next.iter().map(|(place, _)| place.chars().count()).max().unwrap_or(0);
    for (place, what) in next {
        let _ = write!(text, "\n  {place:<width$}  {what}");
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
