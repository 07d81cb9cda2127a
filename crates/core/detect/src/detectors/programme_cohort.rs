//! identity.programme_cohort: places in a programme, held by people of no institution.
//!
//! *Sees:* accounts of an education, research or start-up programme that have an address at a public domain and declare
//! no organisation, with at least two other such customers of the same programme in the group.
//! *Needs:* account records with kind or plan.
//! *Null and reference:* random groups of like size.
//! *Benign twin:* students with private addresses; a true cohort shares its institution's domain, or declares it.
//! *Source:* programmes named as the pathways most used for fraud, "Detecting and preventing distillation attacks",
//! February 2026.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::shared::held_by_several;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "identity.programme_cohort",
    family: Family::Identity,
    what: "hold a place in a programme without any institution, as two other members do",
    least: 5,
    null: Null::BySize,
    shows,
};

const MIN_ALIKE: usize = 3;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let programme = |at: u32| {
        let identity = context.population.get(at)?.identity;
        let loose = identity.declared == 0 && context.is_public_domain(identity.email_domain);
        identity.known.then_some(if loose { identity.programme } else { 0 })
    };
    Shown::Property { members: held_by_several(context, members, MIN_ALIKE, programme), rate: None }
}
