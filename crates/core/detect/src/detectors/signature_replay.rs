//! continuity.signature_replay: signed reasoning, minted for one account and presented by another.
//!
//! *Sees:* members that present a signature under reasoning which another customer of the group was given or presents.
//! *Needs:* signed or encrypted blocks of reasoning in requests and answers.
//! *Null and reference:* random groups of like size. A signature is minted once; benign sharing is a bug or a move.
//! *Benign twin:* an organisation that moves its sessions to new keys; a restored backup.
//! *Source:* "Detecting and countering misuse of AI", September 2026: signatures kept, a new session opened, and the
//! reasoning elicited in full.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::shared::shared_with_others;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.signature_replay",
    family: Family::Continuity,
    what: "present signed reasoning that another member was given",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let mut shown = shared_with_others(context, members, |entity| {
        let profile = &entity.profile;
        profile
            .minted
            .iter()
            .chain(profile.presented.iter())
            .map(|(signature, _)| signature)
            .filter(|one| items.hold(*one))
            .collect()
    });
    for (shown, at) in shown.iter_mut().zip(members) {
        // Whose signatures were taken has presented none of another's.
        let presents = context.population.get(*at).is_some_and(|entity| !entity.profile.presented.is_empty());
        *shown = shown.map(|shows| shows && presents);
    }
    Shown::Property { members: shown, rate: None }
}
