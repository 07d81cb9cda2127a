//! What no log shows to this method, and how what one run could not see is said.

/// What could not be seen, without the reason: `who the accounts are: no records` is about who the accounts are.
pub fn unseen(line: &str) -> &str {
    line.split_once(": ").map_or(line, |(what, _)| what)
}

/// What no log shows to this method.
pub const NEVER: [&str; 4] = [
    "One account alone: evidence is of groups.",
    "A campaign whose accounts share no wording, meaning, card or address and hand nothing over.",
    "Work that was bought from others, and sessions relayed without a shared exit or client.",
    "A campaign that declares itself one organisation: it is one customer, and limits on customers bound it.",
];
