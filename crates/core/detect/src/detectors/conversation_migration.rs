//! continuity.conversation_migration: a conversation, our own turns in it, that goes on under another account.
//!
//! *Sees:* members that hold the beginning of a conversation (see `sketch::Opening`)
//! which another customer of the group holds too, and fewer than nine in all. What most of an account's exchanges begin with is an example or a
//! greeting, and no conversation.
//! *Needs:* messages with the model's earlier turns, or logged answers.
//! *Null and reference:* random groups of like size, in which public examples and popular exports are shared as often as
//! they are popular.
//! *Benign twin:* a key moved between two teams, a chat exported and continued by friends, an example in a manual.
//! They are two or few; a pool hands over all the time.
//! *Source:* failover of relays, advisory AA26-251A; sticky sessions in public relay documentation.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::shared::shared_with_others;
use cohort::Items;
use cohort::conversations;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.conversation_migration",
    family: Family::Continuity,
    what: "hold conversations that another member holds too",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let members = shared_with_others(context, members, |entity| {
        let rare = |root: &u64| items.hold(*root) && context.root_customers.is_rare(*root);
        conversations(&entity.profile).map(|(root, _)| root).filter(rare).collect()
    });
    Shown::Property { members, rate: None }
}
