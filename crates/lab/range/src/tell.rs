//! Telling the accounts of a cast, one after the other, and counting what was told.

use record::native::write_account;

use crate::cast::Cast;
use crate::cast::Member;
use crate::emit::Sink;
use crate::emit::emit;
use crate::error::Error;
use crate::stage::Stage;

/// What was done so far.
pub(crate) struct Counts<'a> {
    /// Exchanges written.
    pub(crate) done: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Exchanges that are planned.
    expected: u64,
    /// Exchanges written, by group.
    pub(crate) by_group: Vec<u64>,
    progress: &'a dyn Fn(u64, u64),
}

impl<'a> Counts<'a> {
    /// Begins with nothing done.
    pub(crate) fn new(cast: &Cast, progress: &'a dyn Fn(u64, u64)) -> Counts<'a> {
        let expected = cast.expected();
        progress(0, expected);
        Counts { done: 0, bytes: 0, expected, by_group: vec![0; cast.groups.len()], progress }
    }

    /// Counts the exchanges of some accounts, by group.
    pub(crate) fn add(&mut self, by_group: &[(u32, u64)]) {
        for (group, exchanges) in by_group {
            self.done += exchanges;
            if let Some(count) = self.by_group.get_mut(*group as usize) {
                *count += exchanges;
            }
        }
        (self.progress)(self.done, self.expected.max(self.done));
    }
}

/// Tells some accounts: exchanges into `sink`, registration records into `accounts`.
pub(crate) fn tell<'m>(
    stage: &Stage,
    cast: &Cast,
    members: impl IntoIterator<Item = &'m Member>,
    sink: &mut dyn Sink,
    accounts: &mut Vec<u8>,
) -> Result<Vec<(u32, u64)>, Error> {
    let mut made = Vec::new();
    for member in members {
        if let Some(group) = cast.group(member.group) {
            let mut profile = group.profile(stage, member.index);
            let segments = group.segments(stage, member.index, &profile);
            if profile.switches.is_empty() && cast.is_honest(member.group) {
                profile.try_releases(stage);
            }
            if !member.guest {
                write_account(&profile.account, accounts);
            }
            made.push((member.group, emit(stage, &profile, &segments, member.deal, member.banned_us, sink)?));
        }
    }
    Ok(made)
}
