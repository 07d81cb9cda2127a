//! Candidates that are one operation, merged before any score is known.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use cohort::Population;
use link::DisjointSets;
use verdict::Family;

use crate::candidate::Candidate;

/// Candidates that are held to be one operation: what is tested, and what a campaign is made of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hypothesis {
    /// Its candidates, as indices, ascending.
    pub parts: Vec<usize>,
    /// The accounts of those that are specific, ascending; of all of them where none is. Ties of low specificity say who is in
    /// an operation only where nothing else does.
    pub accounts: Vec<u32>,
    /// What is at stake: the exchanges of its accounts, those of an account shared out equally over the hypotheses that it is
    /// in; over those of specific ties, where there are any. Its weight among all hypotheses: groups without traffic cost the
    /// others nothing, and all together weigh no more than the log.
    pub weight: f64,
    /// Whether ties say who is in it that do not run several bodies of work together.
    pub is_specific: bool,
}

/// What a hypothesis of low specificity weighs beside others with as much at stake. Any weights that are fixed before scores
/// are known keep the guarantee; these spend nine tenths of it where a discovery says who is in an operation. Groups of low
/// specificity alone hold most of the exchanges of a log, since all who write about one thing are in one.
const WEIGHT_OF_LOW_SPECIFICITY: f64 = 0.1;

impl Hypothesis {
    /// Its weight in the search: what is at stake, a tenth of that where its ties are of low specificity.
    #[must_use]
    pub fn search_weight(&self) -> f64 {
        self.weight * if self.is_specific { 1.0 } else { WEIGHT_OF_LOW_SPECIFICITY }
    }
}

/// Merges candidates into hypotheses, by their members and ties alone.
///
/// Two candidates are one where they are the same accounts seen twice. Of groups that know the work, which wordings and
/// moved conversations do: from both halves of the items of one kind of ties, each holding most of the other; from two kinds,
/// with more accounts in common than apart. A pool of cards or exits knows no work and may serve two jobs; two of equal size
/// have half of it each, so it is the same as a group only where two thirds of both together are in both. (Two views that
/// each see a share `r` of one operation have `r / (2 - r)` in common: four fifths are enough.)
///
/// And a candidate is a part of the smallest other one that holds most of it and ties its accounts more tightly: a card lies
/// in the job that it pays for. A group that knows the work lies in no pool. No group lies in a larger one of its own kind of
/// ties from the other half: the halves see the same accounts alike, so what is larger by far runs several jobs or pools
/// together. Ties of low specificity do that always, and hold nothing.
///
/// Scores play no part in it, so that a hypothesis's e-value may be the mean of its parts'.
#[must_use]
pub fn merge(candidates: &[Candidate], population: &Population) -> Vec<Hypothesis> {
    let mut of_account: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        candidate.group.accounts.iter().for_each(|account| of_account.entry(*account).or_default().push(at));
    }
    let mut sets = DisjointSets::new(candidates.len());
    for at in 0..candidates.len() {
        if let Some(holder) = holder_of(at, candidates, &of_account) {
            sets.join(at as u32, holder as u32);
        }
    }
    join_pinned(candidates, population, &mut sets);
    let mut parts: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for at in 0..candidates.len() {
        parts.entry(sets.root(at as u32)).or_default().push(at);
    }
    let accounts_of = |parts: &[usize]| -> Vec<u32> {
        let accounts: BTreeSet<u32> =
            specific(parts, candidates).flat_map(|candidate| candidate.group.accounts.iter().copied()).collect();
        accounts.into_iter().collect()
    };
    let is_specific = |parts: &[usize]| specific(parts, candidates).any(|part| !part.low_specificity);
    let hypothesis = |parts: Vec<usize>| Hypothesis {
        accounts: accounts_of(&parts),
        is_specific: is_specific(&parts),
        parts,
        weight: 0.0,
    };
    let mut hypotheses: Vec<Hypothesis> = parts.into_values().map(hypothesis).collect();
    share_out(&mut hypotheses, population);
    hypotheses
}

/// Joins the candidates most of whose accounts people hold to be one operation; never across a cut. Who is in it is told by the
/// accounts' own evidence all the same.
fn join_pinned(candidates: &[Candidate], population: &Population, sets: &mut DisjointSets) {
    let ruled = population.ruled();
    let mut first_of: BTreeMap<(usize, Vec<usize>), u32> = BTreeMap::new();
    for (at, candidate) in (0_u32..).zip(candidates) {
        for pin in ruled.pins_of(&candidate.group.accounts) {
            // A cut goes through no candidate: all of its accounts are on one side.
            let side = candidate.group.accounts.first().map(|account| ruled.side(*account)).unwrap_or_default();
            sets.join(at, *first_of.entry((pin, side)).or_insert(at));
        }
    }
}

/// Gives hypotheses their weights.
fn share_out(hypotheses: &mut [Hypothesis], population: &Population) {
    let mut times: HashMap<u32, (u32, u32)> = HashMap::new();
    for one in hypotheses.iter() {
        for account in &one.accounts {
            let (specific, others) = times.entry(*account).or_default();
            *(if one.is_specific { specific } else { others }) += 1;
        }
    }
    for one in hypotheses {
        let own_is_specific = one.is_specific;
        let share = |account: &u32| {
            let exchanges = population.get(*account).map_or(0, |entity| entity.profile.exchanges) as f64;
            match (times.get(account).copied().unwrap_or_default(), own_is_specific) {
                ((0, others), false) => exchanges / f64::from(others),
                (_, false) => 0.0,
                ((specific, _), true) => exchanges / f64::from(specific),
            }
        };
        one.weight = one.accounts.iter().map(share).sum();
    }
}

/// The candidates that say who is in a hypothesis.
pub fn specific<'a>(parts: &'a [usize], candidates: &'a [Candidate]) -> impl Iterator<Item = &'a Candidate> {
    specific_parts(parts, candidates).map(|(_, candidate)| candidate)
}

/// As [`specific`], each with its index.
pub fn specific_parts<'a>(
    parts: &'a [usize],
    candidates: &'a [Candidate],
) -> impl Iterator<Item = (usize, &'a Candidate)> {
    let all = move || parts.iter().filter_map(|at| Some((*at, candidates.get(*at)?)));
    let is_any = all().any(|(_, candidate)| !candidate.low_specificity);
    all().filter(move |(_, candidate)| !(is_any && candidate.low_specificity))
}

/// Whether a candidate was formed by what its accounts do, and not by what they pay with or come from.
pub const fn knows_work(candidate: &Candidate) -> bool {
    matches!(candidate.formed_by, Family::Content | Family::Continuity)
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
        let union = size(at) + size(*other) - both;
        let is_same = if !(knows_work(candidate) && knows_work(own)) {
            both * 3 >= union * 2
        } else if candidate.ties == own.ties {
            both * 2 > size(*other)
        } else {
            both * 2 > union
        };
        let is_tighter = candidate.group.bits_per_account > own.group.bits_per_account;
        let may_hold = candidate.ties != own.ties && (knows_work(candidate) || !knows_work(own));
        let holds = may_hold && is_tighter && !candidate.low_specificity;
        is_larger && holds_most && (is_same || holds)
    };
    let holders = shared.into_iter().filter(|(other, both)| holds(other, *both)).map(|(other, _)| other);
    holders.min_by_key(|other| (size(*other), *other))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests may panic")]
mod tests {
    use cohort::Entity;
    use cohort::Items;
    use link::Group;
    use verdict::ViewKind;

    use super::*;

    use Items::First;
    use Items::Second;
    use ViewKind::Addresses;
    use ViewKind::Frames;
    use ViewKind::Phrases;
    use ViewKind::Registration;

    fn group(ties: ViewKind, half: Items, bits_per_account: f64, accounts: impl IntoIterator<Item = u32>) -> Candidate {
        let formed_by = match ties {
            Addresses => Family::Client,
            Registration => Family::Identity,
            ViewKind::TransferredContent => Family::Continuity,
            Frames | Phrases => Family::Content,
        };
        let accounts: Vec<u32> = accounts.into_iter().collect();
        Candidate {
            formed_by,
            ties,
            low_specificity: ties == Phrases,
            formed_on: half,
            customers: accounts.len(),
            open: false,
            group: Group { accounts, values: Vec::new(), bits_per_account },
            findings: Vec::new(),
            part_of: None,
        }
    }

    /// A hundred accounts of ten exchanges.
    fn population() -> Population {
        let entity = |at: u32| {
            let mut entity = Entity { account: format!("acct_{at:03}"), ..Entity::default() };
            entity.profile.exchanges = 10;
            entity
        };
        Population::new((0..100).map(entity).collect())
    }

    /// The hypotheses, each as the places of its candidates.
    fn merged(candidates: &[Candidate]) -> Vec<Vec<usize>> {
        merge(candidates, &population()).into_iter().map(|one| one.parts).collect()
    }

    #[test]
    fn cards_lie_in_the_job_that_they_pay_for() {
        let job = group(Frames, First, 60.0, 0..40);
        let cards = (0..4).map(|card| group(Registration, First, 9.0, card * 10..card * 10 + 10));
        assert_eq!(merged(&[vec![job], cards.collect()].concat()), [[0, 1, 2, 3, 4]]);
    }

    #[test]
    fn a_card_that_is_used_elsewhere_too_lies_in_no_job() {
        let cards = group(Registration, First, 9.0, 35..55);
        assert_eq!(merged(&[group(Frames, First, 60.0, 0..40), cards]), [[0], [1]]);
    }

    #[test]
    fn two_jobs_on_one_pool_stay_two() {
        for ties in [Addresses, Registration] {
            for bits in [5.0, 500.0] {
                let pool = group(ties, First, bits, 0..80);
                let jobs = [group(Frames, First, 60.0, 0..40), group(Frames, First, 60.0, 40..80)];
                assert_eq!(merged(&[vec![pool], jobs.to_vec()].concat()), [[0], [1], [2]], "{ties:?} {bits}");
            }
        }
    }

    #[test]
    fn a_pool_that_serves_one_job_is_a_part_of_it() {
        assert_eq!(merged(&[group(Addresses, First, 5.0, 2..42), group(Frames, First, 60.0, 0..40)]), [[0, 1]]);
    }

    #[test]
    fn both_halves_of_the_items_find_one_group() {
        assert_eq!(merged(&[group(Phrases, First, 90.0, 0..40), group(Phrases, Second, 90.0, 12..52)]), [[0, 1]]);
        // Less than most of each other: two groups.
        assert_eq!(merged(&[group(Phrases, First, 90.0, 0..40), group(Phrases, Second, 90.0, 21..61)]), [[0], [1]]);
    }

    #[test]
    fn bodies_of_work_that_one_half_runs_together_stay_apart() {
        let [class, graders] = [group(Frames, First, 26.0, 0..30), group(Frames, First, 21.0, 30..50)];
        let mixture = group(Frames, Second, 37.0, 0..90);
        assert_eq!(merged(&[class.clone(), graders, mixture.clone()]), [[0], [1], [2]]);
        // Two pools that one half runs together stay two, each with its job.
        let pools = [group(Addresses, First, 9.0, 0..30), group(Addresses, First, 9.0, 30..60)];
        let jobs = [group(Frames, First, 26.0, 0..30), group(Frames, First, 21.0, 30..60)];
        let together = group(Addresses, Second, 12.0, 0..60);
        assert_eq!(
            merged(&[pools.to_vec(), jobs.to_vec(), vec![together]].concat()),
            [vec![0, 2], vec![1, 3], vec![4]]
        );
        // Conversations that move between the accounts of two wordings do hold both.
        let moved = group(ViewKind::TransferredContent, Second, 37.0, 0..90);
        assert_eq!(merged(&[class, moved]), [[0, 1]]);
    }

    #[test]
    fn ties_of_low_specificity_hold_nothing() {
        let crowd = group(Phrases, First, 500.0, 0..90);
        let jobs = [group(Frames, First, 60.0, 0..30), group(Frames, First, 60.0, 40..70)];
        assert_eq!(merged(&[vec![crowd], jobs.to_vec()].concat()), [[0], [1], [2]]);
    }

    #[test]
    fn all_hypotheses_together_weigh_no_more_than_the_log() {
        let candidates: Vec<Candidate> =
            (0..9).map(|at| group(Frames, First, f64::from(at), at * 5..at * 5 + 50)).collect();
        let hypotheses = merge(&candidates, &population());
        let weight: f64 = hypotheses.iter().map(|one| one.weight).sum();
        assert!((weight - 900.0).abs() < 1e-9, "ninety of the accounts are in groups: {weight}");
        let alone = merge(&candidates[..1], &population());
        assert!((alone[0].weight - 500.0).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_candidates_does_not_show() {
        let candidates = [
            group(Frames, First, 60.0, 0..40),
            group(Frames, Second, 61.0, 3..41),
            group(Registration, First, 9.0, 0..12),
            group(Addresses, Second, 30.0, 0..80),
            group(Phrases, First, 80.0, 20..75),
        ];
        let sets = |candidates: &[Candidate]| {
            let mut sets: Vec<Vec<u32>> =
                merge(candidates, &population()).into_iter().map(|one| one.accounts).collect();
            sets.sort_unstable();
            sets
        };
        let mut turned = candidates.to_vec();
        turned.reverse();
        assert_eq!(sets(&candidates), sets(&turned));
    }
}
