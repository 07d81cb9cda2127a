//! A stretch of one conversation, as plans lay it on accounts.

use crate::rng::{mix, sub};

/// A stretch of one conversation that runs on one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Seed of the conversation.
    pub(crate) seed: u64,
    /// When turn 0 was, or would have been.
    pub(crate) start_us: i64,
    /// Number of the conversation in what is dealt out.
    pub(crate) ordinal: u32,
    /// Which of the account's kinds of work.
    pub(crate) work: u16,
    /// First turn on this account.
    pub(crate) first: u16,
    /// First turn that is no longer on this account.
    pub(crate) end: u16,
    /// The last turn was refused for its rate, and went elsewhere.
    pub(crate) refused: bool,
}

/// Seed of an account's conversation of that number.
pub(crate) fn conversation_seed(account: u64, ordinal: u64) -> u64 {
    mix(sub(account, "conversation"), ordinal)
}
