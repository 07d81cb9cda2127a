//! continuity.shared_end_users: one downstream user under many accounts.
//!
//! *Sees:* members that name an end user whom another customer of the group names too. A relay that passes its clients'
//! ids on shows the same client on every account it has.
//! *Needs:* the caller's own user ids.
//! *Null and reference:* random groups of like size, in which ids like `user-1` are shared as often as they are common.
//! *Benign twin:* two products of one firm; ids that a library fills in.
//! *Source:* public design notes of relays, which hand the downstream client's hash through.

use crate::family::Family;
use crate::population::Context;
use crate::shared::shared_with_others;
use crate::test::Detector;
use crate::test::Null;
use crate::test::Shown;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.shared_end_users",
    family: Family::Continuity,
    what: "serve end users whom another member serves too",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32]) -> Shown {
    let members =
        shared_with_others(context, members, |entity| entity.profile.end_users.iter().map(|(user, _)| user).collect());
    Shown { members, rate: None }
}
