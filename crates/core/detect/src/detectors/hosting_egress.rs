//! client.hosting_egress: requests from hosting companies and proxies, for accounts that say they are people.
//!
//! *Sees:* accounts of no verified organisation that come from a network of the list that the user gave.
//! *Needs:* `--hosting-asns FILE`, and network numbers in the log.
//! *Null and reference:* random groups of the same size.
//! *Benign twin:* developers on rented machines, users of VPNs.
//! *Source:* commercial proxy services in the public reports of 2026.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "client.hosting_egress",
    family: Family::Client,
    what: "come from hosting or proxy networks and are of no verified organisation",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let hosting = &context.population.lists().hosting_asns;
    let hosted = |at: &u32| {
        let entity = context.population.get(*at)?;
        let asns = &entity.profile.asns;
        let told = !asns.is_empty() && !hosting.is_empty();
        told.then(|| entity.identity.organization == 0 && asns.iter().any(|(asn, _)| hosting.contains(&asn)))
    };
    Shown::Property { members: members.iter().map(hosted).collect(), rate: None }
}
