//! Rules tried over many situations: each once for what it reads.

use std::collections::HashMap;

use crate::outcome::Match;
use crate::outcome::judged;
use crate::policy::Policy;
use crate::situation::Situation;
use crate::space::of_attributes;

/// What rules of a policy said. A rule is a function of the attributes that it reads, so that situations which agree in
/// those are asked once.
pub struct Tried<'p> {
    policy: &'p Policy,
    known: HashMap<(u16, u64), bool>,
}

impl<'p> Tried<'p> {
    /// Nothing was tried yet.
    pub fn new(policy: &'p Policy) -> Self {
        Self { policy, known: HashMap::new() }
    }

    /// Whether a rule matches.
    pub fn matches(&mut self, place: u16, situation: &Situation) -> bool {
        let Some(rule) = self.policy.rules().get(usize::from(place)) else { return false };
        let read = of_attributes(&rule.reads, situation);
        let policy = self.policy;
        *self.known.entry((place, read.number())).or_insert_with(|| policy.matches_alone(place, &read))
    }

    /// What these rules say of a situation, the strictest first: as [`Policy::evaluate`] says it.
    pub fn outcome(&mut self, places: &[u16], situation: &Situation) -> Vec<Match> {
        let matching: Vec<u16> = places.iter().copied().filter(|place| self.matches(*place, situation)).collect();
        let cleared = situation.cleared();
        judged(self.policy.rules(), situation, &matching, |place| !self.matches(place, &cleared))
    }
}
