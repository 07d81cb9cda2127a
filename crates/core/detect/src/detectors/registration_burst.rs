//! identity.registration_burst: accounts registered together that have no visible reason to be.
//!
//! *Sees:* members registered within half an hour of at least two other members of other customers, who share
//! neither an institution's e-mail domain, nor an address of registration, nor a referrer with them. A venue, a class
//! or a programme explains a burst by one of these; strangers on different networks have no such reason.
//! *Needs:* account records with the time of registration.
//! *Null and reference:* random groups of the same size: days of many registrations make bursts of chance.
//! *Benign twin:* a launch or a viral post, after which strangers come within the same hours.
//! *Source:* Ianus, CCS 2019 (registration-time graphs); similar registration details in advisory AA26-251A.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Identity;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "identity.registration_burst",
    family: Family::Identity,
    what: "registered within half an hour of two others, with no domain, address or referrer in common",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

const WINDOW_US: i64 = 30 * 60 * 1_000_000;
const MIN_OTHERS: usize = 2;
/// Neighbours looked at on each side; a larger burst is one all the same.
const MAX_LOOKED_AT: usize = 64;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let identity =
        |at: u32| context.population.get(at).map(|entity| entity.identity).filter(|id| id.created_at_us != 0);
    let mut by_time: Vec<(i64, u32)> =
        members.iter().filter_map(|at| identity(*at).map(|identity| (identity.created_at_us, *at))).collect();
    by_time.sort_unstable();
    let unexplained = |a: &Identity, b: &Identity| {
        let one_domain = a.email_domain == b.email_domain && !context.is_public_domain(a.email_domain);
        let one_address = a.signup_ip != 0 && a.signup_ip == b.signup_ip;
        let one_referrer = a.referrer != 0 && a.referrer == b.referrer;
        !one_domain && !one_address && !one_referrer
    };
    let in_burst = |at: u32| {
        let own = identity(at)?;
        let place = by_time.binary_search(&(own.created_at_us, at)).ok()?;
        let near = |other: &&(i64, u32)| (other.0 - own.created_at_us).abs() <= WINDOW_US;
        let before = by_time.iter().take(place).rev().take(MAX_LOOKED_AT).take_while(near);
        let after = by_time.iter().skip(place + 1).take(MAX_LOOKED_AT).take_while(near);
        let others = before
            .chain(after)
            .filter(|(_, other)| context.population.customer(*other) != context.population.customer(at))
            .filter(|(_, other)| identity(*other).is_some_and(|other| unexplained(&own, &other)))
            .count();
        Some(others >= MIN_OTHERS)
    };
    Shown::Property { members: members.iter().map(|at| in_burst(*at)).collect(), rate: None }
}
