//! What was lost on the way from a log to its exchanges, in words.

use columns::Ingested;
use verdict::ViewKind;

use crate::output::Summary;

/// Names of files that are said; the others are counted.
const SHOWN: usize = 3;

/// Notes on what is counted and is no exchange, and on what exchanges lack.
pub fn losses(ingested: &Ingested) -> Vec<String> {
    let mut notes = Vec::new();
    if !ingested.unread.is_empty() {
        let names = ingested.unread.iter().map(|unread| unread.file.as_str());
        notes.push(format!(
            "{} files could not be read: {} (rejects.jsonl has the reasons)",
            ingested.unread.len(),
            first(names)
        ));
    }
    if !ingested.skipped.is_empty() {
        let names = ingested.skipped.iter().map(String::as_str);
        let count = ingested.skipped.len();
        notes.push(format!(
            "{count} files of folders were skipped for their names: {} (name a file to have it read)",
            first(names)
        ));
    }
    let counts = &ingested.counts;
    for (kind, count) in &counts.passed_over {
        notes.push(format!("passed over: {count} of {kind}"));
    }
    if ingested.reused_ids > 0 {
        notes.push(format!(
            "{} exchanges have an id that another exchange had before, at another time or with other tokens: both count",
            ingested.reused_ids
        ));
    }
    if counts.without_text > 0 {
        notes.push(format!(
            "{} of {} exchanges have no text: nothing is seen of what was asked",
            counts.without_text, ingested.accepted
        ));
    }
    if counts.without_status > 0 {
        notes.push(format!("{} of {} exchanges have no status", counts.without_status, ingested.accepted));
    }
    if counts.accounts_by_key > 0 {
        notes.push(format!(
            "{} exchanges name no account, and are counted under their keys: a customer with several keys is several accounts",
            counts.accounts_by_key
        ));
    }
    let second = &ingested.second_log;
    if second.records + second.refused > 0 {
        notes.push(format!(
            "the joined log says more of {} of {} exchanges{}",
            second.exchanges,
            ingested.accepted,
            if second.exchanges == 0 { ": no id or trace of it is one of the log's" } else { "" }
        ));
    }
    if let Some(first) = &second.first_refused {
        notes.push(format!("{} records of the joined log could not be read, the first: {first}", second.refused));
    }
    if counts.joins_left_out > 0 {
        notes.push(format!(
            "{} records waited for others of their key or call and were too many to be held (ingest the log in smaller parts)",
            counts.joins_left_out
        ));
    }
    notes
}

/// What a run could not see, in words: what that is, why, and what would let it be seen. Of exchanges it is what nine in ten of
/// them lack; of data directories, whose exchanges are not counted so, what no tie was found in.
pub(crate) fn cannot_see(ingested: &Ingested, summary: &Summary) -> Vec<String> {
    let counts = &ingested.counts;
    let accepted = ingested.accepted;
    let lacks = |count: u64, views: &[ViewKind]| {
        let has_tie = || views.iter().any(|view| summary.ties.get(view).is_some_and(|ties| *ties > 0));
        let is_most = accepted > 0 && count.saturating_mul(10) >= accepted.saturating_mul(9);
        is_most || (accepted == 0 && !views.is_empty() && !has_tie())
    };
    let unseen = [
        (
            summary.account_records == 0,
            "who the accounts are, what cards and devices they share and when they registered: no account records were given (give --accounts)",
        ),
        (
            summary.acts == 0,
            "who takes over when accounts are shut out: no enforcement acts were given (give --actions)",
        ),
        (
            lacks(counts.without_text, &[ViewKind::Frames, ViewKind::Phrases]),
            "what is asked, so no shared wording, dealt-out tasks or asking for reasoning: the log has no text (log the text of requests)",
        ),
        (
            lacks(counts.without_answer, &[ViewKind::TransferredContent]),
            "answers that come back elsewhere: the log has no answers (log the text of answers)",
        ),
        (
            lacks(counts.without_address, &[ViewKind::Addresses]),
            "where requests come from, so no shared or rotated exits: the log has no addresses (log them, or give a log of the gateway with --join)",
        ),
        (
            lacks(counts.without_fingerprint, &[]),
            "what clients they come from, so no frozen headers and no shared TLS: the log has no fingerprints (log headers or JA4)",
        ),
        (
            lacks(counts.without_tokens, &[]),
            "what was served, beside exchanges: the log counts no tokens (log the usage)",
        ),
        (lacks(counts.without_status, &[]), "how calls end, so no refusals and limits: the log has no status (log it)"),
    ];
    unseen.into_iter().filter(|(is_unseen, _)| *is_unseen).map(|(_, what)| what.to_owned()).collect()
}

/// The first names, and how many more there are.
fn first<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = names.take(SHOWN).collect();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
