//! What sources tell of a case from outside.

use std::collections::BTreeMap;

use attribution::source::Source;
use attribution::source::Standing;
use attribution::source::standing;
use serde::Serialize;

use crate::act::What;
use crate::state::Case;

/// A claim with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// What is claimed.
    pub claim: String,
    /// The numbers of the acts that added a source for it.
    pub acts: Vec<u64>,
    /// The numbers of the acts that added one against it.
    pub contested_by: Vec<u64>,
    /// How many independent sources there are on each side, and how the claim spread.
    pub standing: Standing,
}

/// Sources with the numbers of the acts that added them.
type Numbered<'c> = Vec<(u64, &'c Source)>;

/// The sources of one claim.
struct Sides<'c> {
    claim: &'c str,
    supporting: Numbered<'c>,
    against: Numbered<'c>,
}

impl Case {
    /// Every claim that sources make of the case, in the order in which they were added. What was withdrawn is not there.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        let mut claims: Vec<Sides<'_>> = Vec::new();
        let mut claim_of: BTreeMap<u64, usize> = BTreeMap::new();
        let mut all: Vec<&Source> = Vec::new();
        for act in self.holding() {
            match &act.what {
                What::Source { claim, source } => {
                    let at = claims.iter().position(|known| known.claim == claim).unwrap_or_else(|| {
                        claims.push(Sides { claim, supporting: Vec::new(), against: Vec::new() });
                        claims.len() - 1
                    });
                    claim_of.insert(act.number, at);
                    if let Some(sides) = claims.get_mut(at) {
                        sides.supporting.push((act.number, source));
                    }
                    all.push(source);
                }
                What::Contest { of, source } => {
                    // What contradicts a source that was withdrawn contradicts nothing.
                    if let Some(sides) = claim_of.get(of).and_then(|at| claims.get_mut(*at)) {
                        sides.against.push((act.number, source));
                    }
                    all.push(source);
                }
                _ => {}
            }
        }
        let numbers = |side: &Numbered<'_>| side.iter().map(|(number, _)| *number).collect();
        let judged = |sides: &Sides<'_>| {
            let supporting: Vec<&Source> = sides.supporting.iter().map(|(_, source)| *source).collect();
            let against: Vec<&Source> = sides.against.iter().map(|(_, source)| *source).collect();
            Claim {
                claim: sides.claim.to_owned(),
                acts: numbers(&sides.supporting),
                contested_by: numbers(&sides.against),
                standing: standing(&supporting, &against, &all),
            }
        };
        claims.iter().map(judged).collect()
    }

    /// Whether a source of this id was added and holds.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.holding().any(|act| match &act.what {
            What::Source { source, .. } | What::Contest { source, .. } => source.id == id,
            _ => false,
        })
    }

    /// Whether an act added a source and holds.
    pub(crate) fn is_source(&self, number: u64) -> bool {
        self.holding().any(|act| act.number == number && matches!(act.what, What::Source { .. }))
    }
}
