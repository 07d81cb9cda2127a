//! A conversation that is to be laid on one of a campaign's accounts.

use crate::segment::Segment;

/// One conversation that has to be placed.
pub(super) struct Job {
    /// Seed of the conversation.
    pub(super) seed: u64,
    /// When it begins.
    pub(super) start_us: i64,
    /// Its number in what is dealt out.
    pub(super) ordinal: u32,
    /// Which of the campaign's kinds of work.
    pub(super) work: u16,
    /// Number of its turns.
    pub(super) turns: u32,
}

impl Job {
    /// The job on one account.
    pub(super) fn whole(&self) -> Segment {
        Segment {
            seed: self.seed,
            start_us: self.start_us,
            ordinal: self.ordinal,
            work: self.work,
            first: 0,
            end: self.turns as u16,
            refused: false,
        }
    }
}
