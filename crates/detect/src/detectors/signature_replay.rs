//! continuity.signature_replay: signed reasoning, minted for one account and presented by another.
//!
//! *Sees:* members that present a signature under reasoning which another customer of the group was given or presents.
//! *Needs:* signed or encrypted blocks of reasoning in requests and answers.
//! *Null and reference:* random groups of like size. A signature is minted once; benign sharing is a bug or a move.
//! *Benign twin:* an organisation that moves its sessions to new keys; a restored backup.
//! *Source:* "Detecting and countering misuse of AI", September 2026: signatures kept, a new session opened, and the
//! reasoning elicited in full.

use crate::family::Family;
use crate::population::Context;
use crate::shared::shared_with_others;
use crate::test::Detector;
use crate::test::Null;
use crate::test::Shown;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.signature_replay",
    family: Family::Continuity,
    what: "present signed reasoning that another member was given",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32]) -> Shown {
    let members = shared_with_others(context, members, |entity| {
        let profile = &entity.profile;
        profile.minted.iter().chain(profile.presented.iter()).map(|(signature, _)| signature).collect()
    });
    Shown { members, rate: None }
}
