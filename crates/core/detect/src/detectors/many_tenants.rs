//! continuity.many_tenants: many downstream users under accounts that declare to be one person's.
//!
//! *Sees:* accounts of no verified organisation that name at least five end users.
//! *Needs:* the caller's own user ids.
//! *Null and reference:* random groups of the same size.
//! *Benign twin:* a small product on its maker's own key; a reseller, who should say so.
//! *Source:* resale of pooled accounts, advisory AA26-251A and the public reports of 2026.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.many_tenants",
    family: Family::Continuity,
    what: "serve five end users or more and are of no verified organisation",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_TENANTS: f64 = 5.0;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let tenants = |at: &u32| {
        let entity = context.population.get(*at)?;
        let users = &entity.profile.end_users;
        (!users.is_empty()).then(|| entity.identity.organization == 0 && users.distinct() >= MIN_TENANTS)
    };
    Shown::Property { members: members.iter().map(tenants).collect(), rate: None }
}
