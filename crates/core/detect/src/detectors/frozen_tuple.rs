//! client.frozen_tuple: one exact client where a population varies.
//!
//! *Sees:* members that use the group's most common user agent *and* its most common full tuple (user agent, header
//! fingerprint, JA4): relay software sends one frozen tuple for all its customers, while people who use the same
//! client have different systems and versions.
//! *Needs:* user agent and at least one of header fingerprint and JA4; at least twenty accounts outside the group
//! that use that user agent, since without them nobody knows how much it varies.
//! *Null and reference:* the share of that tuple among outside customers with that user agent.
//! *Benign twin:* users of one tool at one version, and the twins of a campaign that use the same library.
//! *Source:* the public design of relay software, in which one header tuple serves all customers.

use std::collections::BTreeMap;

use crate::client_pairs::usual_pair;
use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "client.frozen_tuple",
    family: Family::Client,
    what: "send one exact client tuple, of the many that others with their user agent send",
    least: 10,
    null: Null::WithoutGroup,
    shows,
};

const MIN_OUTSIDE: u64 = 20;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let nothing = || Shown::Property { members: vec![None; members.len()], rate: Some(0.5) };
    let pairs: Vec<Option<(u64, u64)>> =
        context.profiles(members).into_iter().map(|profile| profile.and_then(usual_pair)).collect();
    let mut counts: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    for pair in pairs.iter().flatten() {
        *counts.entry(*pair).or_default() += 1;
    }
    let Some((&(agent, tuple), _)) = counts.iter().max_by_key(|(pair, count)| (**count, std::cmp::Reverse(**pair)))
    else {
        return nothing();
    };
    // The reference without the members.
    let own = members.iter().zip(&pairs).filter(|(at, _)| context.population.reference().binary_search(at).is_ok());
    let (mut outside, mut same) = context.reference_clients(agent, tuple);
    for (other_agent, other_tuple) in own.filter_map(|(_, pair)| *pair) {
        outside -= u64::from(other_agent == agent);
        same -= u64::from(other_agent == agent && other_tuple == tuple);
    }
    if outside < MIN_OUTSIDE {
        return nothing();
    }
    let members = pairs
        .into_iter()
        .map(|pair| pair.filter(|(other, _)| *other == agent).map(|(_, other)| other == tuple))
        .collect();
    Shown::Property { members, rate: Some((same + 1) as f64 / (outside + 1) as f64) }
}
