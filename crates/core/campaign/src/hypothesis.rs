//! Candidates that are one operation, merged before any score is known.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use cohort::Population;
use verdict::Family;

use crate::candidate::Candidate;

/// Candidates that are held to be one operation: what is tested, and what a campaign is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Its candidates, as indices, ascending.
    pub parts: Vec<usize>,
    /// The accounts of all of them, ascending.
    pub accounts: Vec<u32>,
    /// What is at stake: the exchanges of its accounts, those of an account shared out equally over all hypotheses that it
    /// is in. Its weight among all hypotheses: groups without traffic cost the others nothing, and all together weigh no
    /// more than the log.
    pub weight: f64,
}

/// Merges candidates into hypotheses, by their members and ties alone.
///
/// Two candidates are one where they are the same accounts seen twice: from both halves of the items of one kind of ties,
/// each holding most of the other; or from two kinds, with more accounts in common than apart. And a candidate is a part of
/// the smallest other one that holds most of it and ties its accounts more tightly: a card lies in the job that it pays for.
/// A group that knows the work, which wordings and moved conversations do, lies in no group that does not: two jobs that
/// share a pool of cards or exits do not lie in the pool. Ties of low specificity run several bodies of work together, and
/// hold nothing.
///
/// Scores play no part in it, so that a hypothesis's e-value may be the mean of its parts'.
#[must_use]
pub fn merge(candidates: &[Candidate], population: &Population) -> Vec<Hypothesis> {
    let mut of_account: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        candidate.group.accounts.iter().for_each(|account| of_account.entry(*account).or_default().push(at));
    }
    let mut parents: Vec<usize> = (0..candidates.len()).collect();
    for at in 0..candidates.len() {
        if let Some(holder) = holder_of(at, candidates, &of_account) {
            join(&mut parents, at, holder);
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..candidates.len() {
        parts.entry(root(&parents, at)).or_default().push(at);
    }
    let accounts_of = |parts: &[usize]| -> Vec<u32> {
        let groups = parts.iter().filter_map(|at| candidates.get(*at)).map(|candidate| &candidate.group);
        let accounts: BTreeSet<u32> = groups.flat_map(|group| group.accounts.iter().copied()).collect();
        accounts.into_iter().collect()
    };
    let mut hypotheses: Vec<Hypothesis> =
        parts.into_values().map(|parts| Hypothesis { accounts: accounts_of(&parts), parts, weight: 0.0 }).collect();
    let mut times: HashMap<u32, f64> = HashMap::new();
    for account in hypotheses.iter().flat_map(|one| &one.accounts) {
        *times.entry(*account).or_default() += 1.0;
    }
    let share = |account: &u32| {
        let exchanges = population.get(*account).map_or(0, |entity| entity.profile.exchanges);
        exchanges as f64 / times.get(account).copied().unwrap_or(1.0)
    };
    for hypothesis in &mut hypotheses {
        hypothesis.weight = hypothesis.accounts.iter().map(share).sum();
    }
    hypotheses
}

/// The smallest other candidate that holds most of one and is not smaller.
fn holder_of(at: usize, candidates: &[Candidate], of_account: &HashMap<u32, Vec<usize>>) -> Option<usize> {
    let own = candidates.get(at)?;
    let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
    for other in own.group.accounts.iter().filter_map(|account| of_account.get(account)).flatten() {
        *shared.entry(*other).or_default() += 1;
    }
    let size = |at: usize| candidates.get(at).map_or(0, |candidate| candidate.group.accounts.len());
    let holds = |other: &usize, both: usize| {
        let Some(candidate) = candidates.get(*other) else { return false };
        let is_larger = (size(*other), *other) > (size(at), at);
        let holds_most = both * 2 > size(at);
        let is_same = if candidate.ties == own.ties {
            both * 2 > size(*other)
        } else {
            both * 2 > size(at) + size(*other) - both
        };
        let knows_work = |one: &Candidate| matches!(one.formed_by, Family::Content | Family::Continuity);
        let is_tighter = candidate.group.bits_per_account > own.group.bits_per_account;
        let may_hold = knows_work(candidate) || !knows_work(own);
        let holds = may_hold && is_tighter && !candidate.low_specificity;
        is_larger && holds_most && (is_same || holds)
    };
    let holders = shared.into_iter().filter(|(other, both)| holds(other, *both)).map(|(other, _)| other);
    holders.min_by_key(|other| (size(*other), *other))
}

fn root(parents: &[usize], mut at: usize) -> usize {
    while let Some(parent) = parents.get(at).copied().filter(|parent| *parent != at) {
        at = parent;
    }
    at
}

/// A part's root is always the larger index of its chain's end, which has no parent of its own yet.
fn join(parents: &mut [usize], at: usize, holder: usize) {
    let (own, other) = (root(parents, at), root(parents, holder));
    if let Some(parent) = parents.get_mut(own) {
        *parent = other;
    }
}
