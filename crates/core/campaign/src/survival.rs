//! Whether a campaign stands without some of its accounts.
//!
//! A campaign that hangs on one or two accounts, or on chance, is not one to act on. So each is judged ten times more, each
//! time without a tenth of the accounts of its groups. The tenths are drawn by the accounts' ids, and nobody is in two of them.
//!
//! *What is asked:* whether what is left would still be told at the investigation rate, corroborated by as many families as its
//! tier asks for, all other campaigns being as they are. That the whole is one at its own rate is what its e-value says; here it is
//! asked whether few accounts make it a campaign at all. To ask for the action rate again would ask for more than that: what is
//! left is a tenth smaller, and a rank among honest groups falls in steps, so that every campaign near the bar would fall without
//! some tenth, whoever is in it.
//!
//! A tenth of the evidence goes with any tenth of the accounts, and with it what a smaller group scores less for being smaller. So
//! what is left is scored as if it were whole again: its scores, which are logarithms, are raised by a ninth. Evidence that is
//! spread evenly stands then where the whole does, and evidence that is with few accounts is gone with them.
//!
//! *What it does not ask:* whether the groups would have been formed without those accounts; and whether many imitators, who
//! are in every tenth, decide it.

use cohort::Population;
use detect::Context;
use sketch::hash::mix;
use sketch::hash::value_hash;
use verdict::Status;
use workers::parallel_map;

use crate::bank::Bank;
use crate::candidate::Candidate;
use crate::hypothesis::Hypothesis;
use crate::judged::judge;
use crate::judged::rank_rest;
use crate::proposal::Proposal;
use crate::proposal::families_asked;

/// In how many parts the accounts of a campaign are dealt.
pub const PARTS: u64 = 10;

/// How many times what is left the whole is.
const WHOLE_OF_REST: f64 = PARTS as f64 / (PARTS - 1) as f64;

/// Keeps this draw apart from other uses of the same hashes.
const DRAW: u64 = 0x7465_6e74_6873_0001;

/// The fewest customers of a group that is left.
const MIN_CUSTOMERS: usize = 5;

/// Judges each campaign without each tenth of its accounts, and writes down in how many of the runs it stands. One that is
/// acted on and does not stand in all of them is looked into instead: no tenth of its accounts decides a campaign. One that was
/// acted on at an earlier look stood then.
pub fn judge_without_tenths(context: &Context<'_>, bank: &Bank, proposals: &mut [Proposal], workers: usize) {
    let runs: Vec<(usize, u64)> = (0..proposals.len()).flat_map(|at| (0..PARTS).map(move |part| (at, part))).collect();
    let stands = parallel_map(&runs, workers, |(at, part)| {
        proposals.get(*at).is_some_and(|proposal| stands_without(context, bank, proposal, *part))
    });
    for ((at, _), stands) in runs.iter().zip(stands) {
        if let Some(proposal) = proposals.get_mut(*at).filter(|_| stands) {
            proposal.survived += 1;
        }
    }
    let is_latched = |one: &Proposal| one.look.is_some_and(|look| look.latched > 0);
    for proposal in proposals.iter_mut().filter(|one| one.survived < PARTS as usize && !is_latched(one)) {
        proposal.status = Status::Suspected;
    }
    // Those that are acted on come first, and are else in the order they were in.
    proposals.sort_by_key(|proposal| proposal.status != Status::Discovered);
}

fn stands_without(context: &Context<'_>, bank: &Bank, whole: &Proposal, part: u64) -> bool {
    let is_gone = |at: u32| part_of(context.population, at) == part;
    let left: Vec<(Candidate, usize)> = whole
        .candidates
        .iter()
        .enumerate()
        .map(|(at, candidate)| (candidate.without(context, is_gone), at))
        .filter(|(candidate, _)| candidate.customers >= MIN_CUSTOMERS)
        .collect();
    let ranked: Vec<_> =
        left.iter().filter_map(|(one, at)| Some(rank_rest(one, whole.ranked.get(*at)?, WHOLE_OF_REST, bank))).collect();
    let candidates: Vec<Candidate> = left.into_iter().map(|(candidate, _)| candidate).collect();
    let hypothesis = Hypothesis { parts: (0..candidates.len()).collect(), ..Hypothesis::default() };
    let judged = judge(&hypothesis, &candidates, &ranked);
    judged.has_structure
        && judged.corroboration.count() >= families_asked(whole.status)
        && judged.e_value >= whole.e_value * whole.enough
}

/// The tenth that an account is in.
fn part_of(population: &Population, at: u32) -> u64 {
    population.get(at).map_or(0, |entity| mix(value_hash(&entity.account) ^ DRAW) % PARTS)
}
