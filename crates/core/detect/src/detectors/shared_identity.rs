//! identity.shared_identity: one payment card, device, phone or mailbox behind several customers.
//!
//! *Sees:* members that share a personal value with a member of another customer of the group.
//! *Needs:* account records with at least one personal value.
//! *Null and reference:* random groups of the same size, in which a value shared by many (a reseller's card, a
//! device fingerprint of a common model) is met as often as it is common: rarity damping is the null itself.
//! *Benign twin:* an agency with many keys and one card, a family with one device. They share values, but are found
//! by them, and a group is not tested on the values that formed it.
//! *Source:* shared payment methods in "Detecting and preventing distillation attacks", February 2026; Ianus, CCS 2019.

use record::ObservableKind;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "identity.shared_identity",
    family: Family::Identity,
    what: "share a payment instrument, device, phone or mailbox with another member",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let personal = |at: u32| {
        let identity = context.population.get(at).map(|entity| entity.identity).unwrap_or_default();
        identity.personal().into_iter().filter(|(_, hash)| *hash != 0 && items.hold(*hash))
    };
    let mut held: Vec<((ObservableKind, u64), u32)> =
        members.iter().flat_map(|at| personal(*at).map(|value| (value, context.population.customer(*at)))).collect();
    held.sort_unstable();
    held.dedup();
    let several = held.chunk_by(|a, b| a.0 == b.0).filter(|customers| customers.len() >= 2);
    let several: Vec<(ObservableKind, u64)> = several.filter_map(|run| run.first()).map(|(value, _)| *value).collect();
    let shared = |at: u32| personal(at).any(|value| several.binary_search(&value).is_ok());
    let members = members.iter().map(|at| personal(*at).next().map(|_| shared(*at))).collect();
    Shown::Property { members, rate: None }
}
