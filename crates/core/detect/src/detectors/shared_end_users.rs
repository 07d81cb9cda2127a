//! continuity.shared_end_users: one downstream user under many accounts.
//!
//! *Sees:* members that name an end user whom another customer of the group names too, and that most of
//! its holders in the whole log are in the group. A relay that passes its clients'
//! ids on shows the same client on every account it has.
//! *Needs:* the caller's own user ids.
//! *Null and reference:* random groups of like size, which share ids by chance.
//! *Benign twin:* two products of one firm; ids that a library fills in.
//! *Source:* public design notes of relays, which hand the downstream client's hash through.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.shared_end_users",
    family: Family::Continuity,
    what: "serve end users whom another member serves too",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let mut inside: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    let users = |at: &u32| context.population.get(*at).into_iter().flat_map(|entity| entity.profile.end_users.iter());
    for at in members {
        for (user, _) in users(at) {
            inside.entry(user).or_default().insert(context.population.customer(*at));
        }
    }
    // An id that most of its holders outside the group have too is what a library fills in.
    let everywhere = |user: u64| context.end_user_customers.of(user) as usize;
    let shared = |user: u64| inside.get(&user).is_some_and(|held| held.len() >= 2 && held.len() * 2 > everywhere(user));
    let shows = |at: &u32| {
        let mut own = users(at).peekable();
        own.peek()?;
        Some(own.any(|(user, _)| shared(user)))
    };
    Shown::Property { members: members.iter().map(shows).collect(), rate: None }
}
