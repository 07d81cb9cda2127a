//! Whether a folder of policies is fit, beyond what it must be to be loaded.

use std::collections::BTreeSet;

use crate::attribute::Attribute;
use crate::fault::Fault;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::space::Edges;
use crate::space::space;
use crate::tried::Tried;
use crate::words::Basis;

/// What is wrong with a policy that could be loaded: rules that expired, and rules that would do more to somebody for a
/// verdict than the program lets them.
///
/// The situations that the rules can tell apart are tried one by one. `now_us` is in microseconds since
/// 1970-01-01T00:00:00Z.
#[must_use]
pub fn check(policy: &Policy, now_us: i64) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in policy.rules().iter().filter(|rule| rule.expires_us <= now_us) {
        let what = match rule.basis {
            Basis::Contract => "it no longer counts (renew it, or take it out)",
            Basis::Law => "it still acts, and counsel was to look at it by then (renew it)",
        };
        let told = format!("it expired on {}: {what}", rule.expires);
        faults.push(Fault::of_one(&rule.file, &rule.id, rule.place, told));
    }
    faults.extend(above_ceilings(policy));
    faults
}

/// Rules that some situation holds below what they say.
fn above_ceilings(policy: &Policy) -> Vec<Fault> {
    let places = (0_u16..).zip(policy.rules()).filter(|(_, rule)| rule.reads.contains(&Attribute::Verdict));
    let (places, judging): (Vec<u16>, Vec<&Rule>) = places.unzip();
    let attributes: BTreeSet<Attribute> = judging.iter().flat_map(|rule| rule.reads.iter().copied()).collect();
    let mut tried = Tried::new(policy);
    let mut faults = Vec::new();
    let mut told = BTreeSet::new();
    for situation in space(&attributes, &Edges::of(judging.iter().copied())) {
        for one in tried.outcome(&places, &situation) {
            let Some(rule) = policy.rules().get(usize::from(one.place)) else { continue };
            if one.measure != rule.measure && told.insert(rule.id.clone()) {
                let told = format!(
                    "it would {} an account that is {}, which no rule may (the program only observes there; see the ladder in \
                     docs/policy.md)",
                    rule.measure.as_str(),
                    Attribute::Verdict.value(&situation),
                );
                faults.push(Fault::of_one(&rule.file, &rule.id, rule.place, told));
            }
        }
    }
    faults
}
