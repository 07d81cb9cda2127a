//! identity.address_pattern: e-mail addresses of one make.
//!
//! *Sees:* members whose address has the shape (runs of letters, digits and signs, with their lengths, at one domain)
//! of at least two other customers' in the group.
//! *Needs:* e-mail addresses in the clear.
//! *Null and reference:* random groups of like size: common shapes such as a name and two digits are met there as often.
//! *Benign twin:* an institution's own scheme, which is why an institution's domain is not looked at.
//! *Source:* similar registration details, advisory AA26-251A; registration graphs, Ianus, CCS 2019.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::shared::held_by_several;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "identity.address_pattern",
    family: Family::Identity,
    what: "have an e-mail address of the same make as two other members",
    least: 5,
    null: Null::BySize,
    shows,
};

const MIN_ALIKE: usize = 3;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let shape = |at: u32| {
        let identity = context.population.get(at)?.identity;
        (identity.mail_shape != 0 && context.is_public_domain(identity.email_domain)).then_some(identity.mail_shape)
    };
    Shown::Property { members: held_by_several(context, members, MIN_ALIKE, shape), rate: None }
}
