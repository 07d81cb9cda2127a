//! client.agent_contradiction: a program that says it is another.
//!
//! *Sees:* accounts whose usual user agent is elsewhere seen with other TLS fingerprints: of at least twenty accounts
//! outside the group that send it, fewer than one in twenty has the account's fingerprint.
//! *Needs:* user agents and JA4.
//! *Null and reference:* random groups of the same size: proxies of firms and old builds contradict themselves too.
//! *Benign twin:* corporate TLS proxies; a library rebuilt with another TLS stack.
//! *Source:* imitated headers over another TLS stack in public relay design notes.

use std::collections::BTreeMap;

use crate::client_pairs::usual_stack;
use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "client.agent_contradiction",
    family: Family::Client,
    what: "send a user agent that others send with another TLS fingerprint",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

const MIN_OTHERS: u32 = 20;
const RARE: f64 = 0.05;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let own: Vec<Option<(u64, u64)>> =
        context.profiles(members).into_iter().map(|profile| profile.and_then(usual_stack)).collect();
    let mut agents: BTreeMap<u64, u32> = BTreeMap::new();
    let mut stacks: BTreeMap<(u64, u64), u32> = BTreeMap::new();
    for (agent, ja4) in own.iter().flatten() {
        *agents.entry(*agent).or_default() += 1;
        *stacks.entry((*agent, *ja4)).or_default() += 1;
    }
    let contradicts = |stack: &Option<(u64, u64)>| {
        let (agent, ja4) = (*stack)?;
        let inside = agents.get(&agent).copied().unwrap_or(0);
        let with_agent = context.agent_accounts(agent).saturating_sub(inside);
        let inside = stacks.get(&(agent, ja4)).copied().unwrap_or(0);
        let with_both = context.stack_accounts(agent, ja4).saturating_sub(inside);
        Some(with_agent >= MIN_OTHERS && f64::from(with_both) < RARE * f64::from(with_agent))
    };
    Shown::Property { members: own.iter().map(contradicts).collect(), rate: None }
}
