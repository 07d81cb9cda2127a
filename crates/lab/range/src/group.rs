//! Accounts that belong together: a crowd, a campaign, its twins.

use crate::profile::Profile;
use crate::segment::Segment;
use crate::stage::Stage;

/// Accounts that belong together, planned and cast on demand.
pub(crate) trait Group: Send + Sync {
    /// Number of accounts.
    fn accounts(&self) -> u32;

    /// The word that the id of an account is made from.
    fn id(&self, index: u32) -> u64;

    /// Number of exchanges planned for an account.
    fn volume(&self, index: u32) -> u32;

    /// Everything about an account.
    fn profile(&self, stage: &Stage, index: u32) -> Profile;

    /// Whether the account's record is told by another group that it runs on.
    fn is_guest(&self, _index: u32) -> bool {
        false
    }

    /// When the account is banned, if it is.
    fn banned_us(&self, _index: u32) -> Option<i64> {
        None
    }

    /// How many conversations of people run on all accounts together, where they are told by more than one.
    fn shared_conversations(&self) -> Option<u64> {
        None
    }

    /// What an account does.
    fn segments(&self, stage: &Stage, index: u32, profile: &Profile) -> Vec<Segment>;
}
