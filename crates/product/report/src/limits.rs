//! What a log is too poor to show.

use hunt::Summary;

/// What this run could not see: in a few words, and what would let it be seen.
pub fn cannot_see(summary: &Summary) -> Vec<(&'static str, &'static str)> {
    let mut blind = Vec::new();
    if summary.accounts > 0 && summary.account_records == 0 {
        blind.push((
            "Who the accounts are: no account records were given.",
            "Shared cards, devices, telephone numbers and mailboxes, and bursts of registrations: give --accounts.",
        ));
    }
    if summary.accounts > 0 && summary.acts == 0 {
        blind.push((
            "Who takes over when accounts are shut out: no enforcement acts were given.",
            "Work that moves from banned accounts to others: give --actions.",
        ));
    }
    let has = |kind: &str| summary.ties.iter().any(|(view, ties)| view.as_str() == kind && *ties > 0);
    if summary.accounts > 0 && !has("frames") && !has("phrases") {
        blind.push((
            "What is asked: no wording is repeated, or the log carries no text.",
            "Shared wordings and paraphrases: log the text of requests.",
        ));
    }
    if summary.accounts > 0 && !has("transferred_content") {
        blind.push((
            "Work that moves between accounts: no conversation, answer or signature is held by two.",
            "Conversations that go on elsewhere: log whole requests, with the model’s turns, and answers.",
        ));
    }
    if summary.accounts > 0 && !has("addresses") {
        blind.push((
            "Where requests come from: no address is shared, or the log carries none.",
            "Shared exits and pools of addresses: log the source address.",
        ));
    }
    blind
}

/// What no log shows to this method.
pub const NEVER: [&str; 4] = [
    "One account alone: evidence is of groups.",
    "A campaign whose accounts share no wording, meaning, card or address and hand nothing over.",
    "Work that was bought from others, and sessions relayed without a shared exit or client.",
    "A campaign that declares itself one organisation: it is one customer, and limits on customers bound it.",
];
