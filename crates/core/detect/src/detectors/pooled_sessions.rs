//! client.pooled_sessions: a few session ids for many conversations.
//!
//! *Sees:* accounts that name sessions, and have at least three times as many conversations as session ids, and at least
//! six: ids that are drawn from a pool and say nothing of who talks.
//! *Needs:* conversation ids, and messages with the model's earlier turns.
//! *Null and reference:* random groups of the same size.
//! *Benign twin:* an application that names a session for the day.
//! *Source:* a pool of at most five session ids, rotated every six hours, in public relay design notes.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "client.pooled_sessions",
    family: Family::Client,
    what: "name one session for several conversations",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_CONVERSATIONS: f64 = 6.0;
const MIN_RATIO: f64 = 3.0;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let pooled = |at: &u32| {
        let profile = &context.population.get(*at)?.profile;
        let (named, real) = (profile.conversations.distinct(), profile.roots.distinct());
        (named > 0.0 && real >= MIN_CONVERSATIONS).then_some(real >= MIN_RATIO * named)
    };
    Shown::Property { members: members.iter().map(pooled).collect(), rate: None }
}
