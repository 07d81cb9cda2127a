//! Which rules match, and which attribute decided.

use serde::Serialize;

use crate::attribute::Attribute;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::situation::Situation;
use crate::space::Edges;
use crate::space::variants;
use crate::tried::Tried;
use crate::words::Measure;
use crate::words::Mode;

/// A rule that matches, with what decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The rule.
    pub rule: String,
    /// What it does here.
    pub decision: Measure,
    /// Whether it acts.
    pub mode: Mode,
    /// Whether it expired and no longer counts.
    pub expired: bool,
    /// Whether the ceiling of the verdict lowered it.
    pub lowered: bool,
    /// The clause that it enforces.
    pub clause: String,
    /// The file that it is in.
    pub file: String,
    /// Attributes without whose value it would not match.
    pub decided_by: Vec<Decisive>,
}

/// An attribute without whose value a rule would not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decisive {
    /// The attribute.
    pub attribute: Attribute,
    /// Its value.
    pub value: String,
    /// Values with which the rule would not match, all else equal.
    pub not_with: Vec<String>,
}

/// Explains the rules that match in a situation, the strictest first. An attribute decides where the rule stops matching if
/// it alone had another value: each is tried.
#[must_use]
pub fn explain(policy: &Policy, situation: &Situation, now_us: i64) -> Vec<Explained> {
    let outcome = policy.evaluate(situation);
    let rules = policy.rules();
    let explained = outcome.matches.iter().filter_map(|one| {
        let rule = rules.get(usize::from(one.place))?;
        Some(Explained {
            rule: rule.id.clone(),
            decision: one.measure,
            mode: rule.mode,
            expired: rule.is_over(now_us),
            lowered: one.measure != rule.measure,
            clause: rule.clause.clone(),
            file: rule.file.clone(),
            decided_by: decisive(policy, rule, one.place, situation),
        })
    });
    explained.collect()
}

fn decisive(policy: &Policy, rule: &Rule, place: u16, situation: &Situation) -> Vec<Decisive> {
    let edges = Edges::of([rule]);
    let mut tried = Tried::new(policy);
    let mut decided = Vec::new();
    for attribute in &rule.reads {
        let others = variants(*attribute, situation, &edges).into_iter().filter(|other| other != situation);
        let fails = |other: &Situation| !tried.matches(place, other);
        let mut not_with: Vec<String> = others.filter(fails).map(|other| attribute.value(&other)).collect();
        not_with.dedup();
        if !not_with.is_empty() {
            decided.push(Decisive { attribute: *attribute, value: attribute.value(situation), not_with });
        }
    }
    decided
}
