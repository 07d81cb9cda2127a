//! What was lost on the way from a log to its exchanges, in words.

use columns::Ingested;

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

/// What a log is too poor to show, in words: what nine in ten of its exchanges lack.
pub(crate) fn cannot_see(ingested: &Ingested) -> Vec<String> {
    let counts = &ingested.counts;
    let lacks = [
        (
            counts.without_text,
            "what was asked: no shared wording, no tasks dealt out, no reasoning elicitation can be seen",
        ),
        (
            counts.without_answer,
            "what was answered: no conversation that moves between accounts can be seen by its answers",
        ),
        (counts.without_address, "the addresses of callers: no shared or rotated exits can be seen"),
        (counts.without_fingerprint, "the fingerprints of clients: no frozen headers and no shared TLS can be seen"),
        (counts.without_tokens, "tokens: what was served is counted in exchanges alone"),
        (counts.without_status, "how calls ended: no refusals and no limits can be seen"),
    ];
    let is_most = |count: u64| ingested.accepted > 0 && count.saturating_mul(10) >= ingested.accepted.saturating_mul(9);
    lacks.into_iter().filter(|(count, _)| is_most(*count)).map(|(_, what)| what.to_owned()).collect()
}

/// The first names, and how many more there are.
fn first<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = names.take(SHOWN).collect();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
