//! From a population to proposals.

use std::time::Duration;
use std::time::Instant;

use campaign::BANK_HALF;
use campaign::Bank;
use campaign::Candidate;
use campaign::Candidates;
use campaign::Looks;
use campaign::Ranked;
use campaign::Rates;
use campaign::Selected;
use campaign::View;
use campaign::form_candidates;
use campaign::judge_without_tenths;
use campaign::propose;
use campaign::rank_all;
use cohort::Items;
use cohort::Population;
use detect::Context;
use verdict::Status;
use workers::Interrupted;
use workers::Phase;
use workers::Progress;
use workers::check;

use crate::ties::Index;
use crate::ties::index;

/// What an assessment is set to.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// False discovery rates, in (0, 1).
    pub rates: Rates,
    /// Threads that may be used. The result does not depend on it.
    pub workers: usize,
    /// What earlier looks at the same groups found; `None` where this assessment stands by itself.
    pub looks: Option<&'a Looks>,
}

/// What is held of a population.
#[derive(Debug)]
pub struct Assessment<'a> {
    /// The tables that groups were tested with.
    pub context: Context<'a>,
    /// The values that accounts share, family by family.
    pub views: Vec<View>,
    /// Every group that was formed and tested.
    pub candidates: Candidates,
    /// What the bank says of each of these.
    pub ranked: Vec<Ranked>,
    /// The groups that are held to be campaigns, and those that score and are none.
    pub selected: Selected,
    /// Ties that were not looked at, because the work is bounded.
    pub ties_left_out: usize,
    /// How long it took: the only part that is no function of the population and the settings.
    pub timings: Timings,
}

/// How long the steps took, from the beginning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timings {
    /// Until the values that accounts share were known.
    pub to_ties: Duration,
    /// Until every group was tested.
    pub to_tests: Duration,
}

/// Finds the groups of a population that are held to be campaigns, judged against the honest groups of a bank.
///
/// # Errors
/// [`Interrupted`] when `progress` says to stop.
pub fn assess<'a>(
    population: &'a Population,
    bank: &Bank,
    settings: Settings<'_>,
    progress: &dyn Progress,
) -> Result<Assessment<'a>, Interrupted> {
    let started = Instant::now();
    progress.begin(Phase::Link, None);
    let Index { views, ties_left_out } = index(population, settings.workers);
    check(progress)?;
    let context = Context::for_all(population);
    let to_ties = started.elapsed();
    progress.begin(Phase::Test, None);
    let tested = |done: usize, _all: usize| progress.advance(done as u64, done as u64);
    let candidates = form_candidates(&context, &views, &Items::HALVES, settings.workers, &tested);
    check(progress)?;
    let to_tests = started.elapsed();
    let ranked = rank_all(&candidates.all, bank);
    let mut selected = propose(&context, &views, &candidates.all, &ranked, settings.rates, settings.looks);
    judge_without_tenths(&context, bank, &mut selected.proposals, settings.workers);
    latch(&mut selected, settings.rates.action);
    check(progress)?;
    let ties_left_out = ties_left_out + candidates.ties_unsearched;
    let timings = Timings { to_ties, to_tests };
    Ok(Assessment { context, views, candidates, ranked, selected, ties_left_out, timings })
}

/// Remembers which groups are acted on.
fn latch(selected: &mut Selected, rate: f64) {
    let Some(looks) = &mut selected.looks else { return };
    let acted_on = selected.proposals.iter().filter(|proposal| proposal.status == Status::Discovered);
    for (look, proposal) in acted_on.filter_map(|proposal| Some((proposal.look.as_ref()?, proposal))) {
        looks.latch(look, proposal.corroboration, rate);
    }
}

/// The groups of a population in which everybody is honest, scored as those of [`assess`] are: what a bank is made of.
///
/// They are formed from one half of the items. The other forms much the same groups again, and copies make a bank seem
/// larger than it is.
///
/// # Errors
/// [`Interrupted`] when `progress` says to stop.
pub fn honest_groups(
    population: &Population,
    workers: usize,
    progress: &dyn Progress,
) -> Result<Vec<Candidate>, Interrupted> {
    progress.begin(Phase::Link, None);
    let Index { views, .. } = index(population, workers);
    check(progress)?;
    progress.begin(Phase::Test, None);
    let tested = |done: usize, _all: usize| progress.advance(done as u64, done as u64);
    let candidates = form_candidates(&Context::for_all(population), &views, &[BANK_HALF], workers, &tested);
    check(progress)?;
    Ok(candidates.all)
}
