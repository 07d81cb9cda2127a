//! client.egress_rotation: many source addresses for little traffic.
//!
//! *Sees:* accounts with unusually many distinct source addresses for their number of exchanges.
//! *Needs:* source addresses, at least five exchanges an account.
//! *Null and reference:* conformal p-value of addresses per exchange among reference accounts of like volume.
//! *Benign twin:* users of VPNs and of mobile networks, a key used by a fleet. They are in the reference.
//! *Source:* one account from many addresses, advisory AA26-251A; egress rotation of commercial proxy pools.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "client.egress_rotation",
    family: Family::Client,
    what: "come from unusually many addresses for their traffic",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_EXCHANGES: u64 = 5;

/// Distinct addresses per exchange.
pub fn score(context: &Context<'_>, at: u32) -> Option<f64> {
    let profile = &context.population.get(at)?.profile;
    let seen = profile.exchanges >= MIN_EXCHANGES && !profile.ips.is_empty();
    seen.then(|| profile.ips.distinct() / profile.exchanges as f64)
}

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    Shown::Ranks(context.p_values(DETECTOR.name, members))
}
