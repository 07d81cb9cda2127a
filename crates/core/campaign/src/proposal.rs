//! From candidates to discoveries.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use cohort::Population;
use detect::Finding;
use evidence::Weighed;
use evidence::weighted_e_benjamini_hochberg;
use verdict::Family;
use verdict::Status;

use crate::candidate::Candidate;

/// The e-value from which a family corroborates.
pub const CORROBORATES: f64 = 20.0;

/// Detectors whose members do what the group does, rather than merely look like it.
const IS_ITS_WORK: [&str; 5] = [
    "content.template_family",
    "content.dealt_tasks",
    "continuity.conversation_migration",
    "continuity.answer_return",
    "continuity.signature_replay",
];

/// A set of accounts held to be one campaign.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Its accounts, ascending.
    pub accounts: Vec<u32>,
    /// The pools it runs on: groups found by identity or client, ascending.
    pub pools: Vec<Vec<u32>>,
    /// Accounts of its main group, the first that the others joined.
    main: usize,
    /// Candidates that it was made of.
    pub candidates: Vec<Candidate>,
    /// E-value of each family: the average over the candidates that other families formed, weighted by size.
    pub families: BTreeMap<Family, f64>,
    /// E-value over families: the average of the candidates', weighted by size.
    pub e_value: f64,
    /// What it is held to be.
    pub status: Status,
}

impl Proposal {
    /// Number of families that corroborate.
    #[must_use]
    pub fn corroboration(&self) -> usize {
        self.families.values().filter(|e_value| **e_value >= CORROBORATES).count()
    }

    /// Whether a family formed one of its candidates.
    #[must_use]
    pub fn is_formed_by(&self, family: Family) -> bool {
        self.candidates.iter().any(|candidate| candidate.formed_by == family)
    }

    /// What it weighs among all hypotheses.
    fn weight(&self) -> f64 {
        weight(self.main, self.candidates.iter().all(|candidate| candidate.low_specificity))
    }

    /// Whether a family other than rhythm corroborates: flatness and steadiness may nominate, and never accuse.
    fn has_structure(&self) -> bool {
        self.families.iter().any(|(family, e_value)| *family != Family::Rhythm && *e_value >= CORROBORATES)
    }

    /// Whether there is more to it than one operator behind several names, which an agency is too: content that
    /// found it or corroborates, or two families.
    fn is_collection_work(&self) -> bool {
        let content = self.families.get(&Family::Content).is_some_and(|e_value| *e_value >= CORROBORATES);
        content || self.is_formed_by(Family::Content) || self.corroboration() >= 2
    }

    /// The findings of one family, the most significant first.
    #[must_use]
    pub fn findings(&self, family: Family) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> =
            self.candidates.iter().flat_map(|c| &c.findings).filter(|finding| finding.family == family).collect();
        findings.sort_by(|a, b| b.e_value.total_cmp(&a.e_value).then_with(|| a.what.cmp(&b.what)));
        findings
    }
}

/// Joins candidates into proposals and keeps those that are discoveries at `fdr`.
///
/// *Hypotheses:* every joined proposal and every candidate that joined none. *Control:* weighted e-BH over the
/// e-values of those that could be reported, at the bar of all hypotheses.
/// Candidates found by content or identity are joined when they are the same accounts seen from two sides; those
/// found by client are pools, which may serve several campaigns, and join nothing.
#[must_use]
pub fn propose(candidates: &[Candidate], population: &Population, fdr: f64) -> Vec<Proposal> {
    let sets: Vec<BTreeSet<u32>> =
        candidates.iter().map(|candidate| candidate.group.accounts.iter().copied().collect()).collect();
    let significant: Vec<bool> = candidates
        .iter()
        .map(|candidate| candidate.family_e_values().values().any(|e_value| *e_value >= CORROBORATES))
        .collect();
    let Joined { mut parts, redundant } = join(candidates, &sets, &significant);
    // What joined nothing is a hypothesis all the same: it was searched.
    let joined: BTreeSet<usize> = parts.iter().flatten().chain(&redundant).copied().collect();
    parts.extend((0..candidates.len()).filter(|at| !joined.contains(at)).map(|at| vec![at]));
    let pools = Pools::of(candidates);
    let proposals: Vec<Proposal> =
        parts.iter().map(|part| assemble(part, candidates, &sets, &significant, &pools)).collect();
    let of_redundant = redundant
        .iter()
        .filter_map(|at| candidates.get(*at))
        .map(|candidate| weight(candidate.group.accounts.len(), true));
    let total_weight = proposals.iter().map(Proposal::weight).chain(of_redundant).sum();
    // Who is trusted is not accused for the company it keeps.
    let trusted = |at: &u32| population.is_trusted() && population.reference().binary_search(at).is_ok();
    let mut kept: Vec<Proposal> = proposals
        .into_iter()
        .filter(|proposal| proposal.has_structure() && proposal.is_collection_work())
        .map(|mut proposal| {
            proposal.accounts.retain(|at| !trusted(at));
            proposal
        })
        .filter(|proposal| is_more_than_one_customer(proposal, population))
        .collect();
    suppress_overlaps(&mut kept, total_weight / fdr);
    // Fragments of a campaign are dropped before the rate is controlled, so that they do not lower the bar for others.
    let asked: Vec<Weighed> =
        kept.iter().map(|proposal| Weighed { e_value: proposal.e_value, weight: proposal.weight() }).collect();
    let discovered: BTreeSet<usize> = weighted_e_benjamini_hochberg(&asked, total_weight, fdr).into_iter().collect();
    let at_rate = kept.into_iter().enumerate().filter(|(at, _)| discovered.contains(at));
    at_rate.map(|(_, proposal)| proposal).collect()
}

/// A hypothesis weighs by its accounts, up to a hundred: a search finds hundreds of handfuls, and what is looked for is
/// large. One that only ties of low specificity formed weighs a quarter, since these form many. A group's size and ties do not depend on
/// its tests; which of several like groups is a part's main one does, see [`join`], and so, a little, does the weight.
fn weight(accounts: usize, low_specificity: bool) -> f64 {
    accounts.min(100) as f64 * if low_specificity { 0.25 } else { 1.0 }
}

/// Groups of candidates, as indices, that are one set of accounts: strongest and then largest first, each candidate joins
/// the part that holds most of it, if that is two thirds, or begins a part. A small group joins a part of more than twice
/// its size only if the part's main group has evidence of its own: a large weak group may hold a small one by chance, and
/// its accounts are not accused of what the small one does. Parts do not join each other: a small group between two
/// campaigns is no reason to take them for one. Groups of low specificity come last, and those a third of whose accounts are in parts
/// already, but not in one, are redundant: the same accounts seen again.
fn join(candidates: &[Candidate], sets: &[BTreeSet<u32>], significant: &[bool]) -> Joined {
    let size = |at: usize| sets.get(at).map_or(0, BTreeSet::len);
    let mut order: Vec<usize> = (0..candidates.len())
        .filter(|at| significant.get(*at).copied().unwrap_or(false))
        .filter(|at| candidates.get(*at).is_some_and(|candidate| candidate.formed_by != Family::Client))
        .collect();
    let low_specificity = |at: usize| candidates.get(at).is_some_and(|candidate| candidate.low_specificity);
    // In steps of a factor of a hundred: of groups of like strength the larger one comes first.
    let strength =
        |at: usize| candidates.get(at).map_or(0, |one| (one.e_value().max(1.0).log10() / 2.0).floor() as i64);
    order.sort_by(|a, b| {
        let rank = |at: usize| (low_specificity(at), std::cmp::Reverse(strength(at)), std::cmp::Reverse(size(at)));
        rank(*a).cmp(&rank(*b)).then_with(|| sets.get(*a).cmp(&sets.get(*b)))
    });
    let mut redundant = Vec::new();
    let mut parts: Vec<(BTreeSet<u32>, Vec<usize>)> = Vec::new();
    for at in order {
        let Some(set) = sets.get(at) else { continue };
        let shared = |part: &(BTreeSet<u32>, Vec<usize>)| part.0.intersection(set).count();
        let is_strong = |part: &(BTreeSet<u32>, Vec<usize>)| {
            let main = part.1.first().and_then(|at| candidates.get(*at));
            main.is_some_and(|main| main.e_value() >= CORROBORATES)
        };
        let joins = |part: &(BTreeSet<u32>, Vec<usize>)| {
            shared(part) * 3 >= set.len() * 2 && (set.len() * 2 >= part.0.len() || is_strong(part))
        };
        let home = (0..parts.len())
            .filter(|place| parts.get(*place).is_some_and(joins))
            .max_by_key(|place| (parts.get(*place).map_or(0, shared), std::cmp::Reverse(*place)));
        let claimed = || set.iter().filter(|account| parts.iter().any(|(part, _)| part.contains(account))).count();
        match home {
            Some(place) => parts.get_mut(place).into_iter().for_each(|(_, part)| part.push(at)),
            None if low_specificity(at) && claimed() * 3 >= set.len() => redundant.push(at),
            None => parts.push((set.clone(), vec![at])),
        }
    }
    Joined { parts: parts.into_iter().map(|(_, part)| part).collect(), redundant }
}

/// Candidates as parts of proposals, by index, and those that are none.
struct Joined {
    parts: Vec<Vec<usize>>,
    redundant: Vec<usize>,
}

/// Groups that were found by client, by account: a hunt of a million accounts has thousands, of which a part meets a few.
struct Pools {
    of_account: HashMap<u32, Vec<usize>>,
}

impl Pools {
    fn of(candidates: &[Candidate]) -> Self {
        let mut of_account: HashMap<u32, Vec<usize>> = HashMap::new();
        for (at, candidate) in candidates.iter().enumerate().filter(|(_, one)| one.formed_by == Family::Client) {
            candidate.group.accounts.iter().for_each(|account| of_account.entry(*account).or_default().push(at));
        }
        Self { of_account }
    }

    /// How many of some accounts are in each pool that has any.
    fn shared_with(&self, members: &BTreeSet<u32>) -> BTreeMap<usize, usize> {
        let mut shared = BTreeMap::new();
        for at in members.iter().filter_map(|account| self.of_account.get(account)).flatten() {
            *shared.entry(*at).or_default() += 1;
        }
        shared
    }
}

fn assemble(
    part: &[usize],
    candidates: &[Candidate],
    sets: &[BTreeSet<u32>],
    significant: &[bool],
    pools: &Pools,
) -> Proposal {
    let is_significant = part.iter().any(|at| significant.get(*at).copied().unwrap_or(false));
    let mut members = members_of(part, candidates, sets);
    let first = part.first().and_then(|at| sets.get(*at)).cloned().unwrap_or_default();
    let main = first.len();
    // Client pools that hold at least a fifth of the members, and of which a fifth are members, are where it runs. What
    // they show is evidence on it only where they are mostly the same accounts, four fifths of the part and half of the
    // pool, whatever it says; and only on a part of which something is told without them.
    let shared = pools.shared_with(&members);
    let shared_with = |at: usize| shared.get(&at).copied().unwrap_or(0);
    let size = |at: usize| sets.get(at).map_or(0, BTreeSet::len);
    let runs_on: Vec<usize> = shared
        .keys()
        .copied()
        .filter(|at| !part.contains(at))
        .filter(|at| shared_with(*at) * 5 >= members.len() && shared_with(*at) * 5 >= size(*at))
        .collect();
    let contributes =
        |at: &usize| is_significant && shared_with(*at) * 5 >= members.len() * 4 && shared_with(*at) * 2 >= size(*at);
    let doing = doing_its_work(runs_on.iter().filter(|at| contributes(at)).filter_map(|at| candidates.get(*at)));
    let evidence = part.iter().copied().chain(runs_on.iter().copied().filter(contributes));
    let mut own: Vec<Candidate> = evidence.filter_map(|at| candidates.get(at).cloned()).collect();
    // Each kind of ties contributes once, by the group that is most nearly the part: the others are some of the same accounts
    // seen again, or more than these.
    own.sort_by_cached_key(|candidate| {
        let accounts = &candidate.group.accounts;
        let both = accounts.iter().filter(|at| first.contains(at)).count();
        let likeness = (both << 32) / (accounts.len() + main - both).max(1);
        (std::cmp::Reverse(likeness), accounts.clone())
    });
    let mut seen = BTreeSet::new();
    own.retain(|candidate| seen.insert(candidate.ties));
    members.extend(doing);
    if part.first().and_then(|at| candidates.get(*at)).is_some_and(|main| main.formed_by == Family::Client) {
        // An exit has strangers behind it too: who came through one is not accused of what others there do.
        let showing: BTreeSet<u32> = own.iter().flat_map(accused).collect();
        members.retain(|at| showing.contains(at));
    }
    let (families, e_value) = averages(&own);
    let corroborated = families.values().filter(|e_value| **e_value >= CORROBORATES).count();
    let of_identity =
        part.iter().filter(|at| candidates.get(**at).is_some_and(|candidate| candidate.formed_by == Family::Identity));
    let pools = of_identity.chain(&runs_on).filter_map(|at| candidates.get(*at)).map(|c| c.group.accounts.clone());
    let pools = pools.collect();
    Proposal {
        main,
        accounts: members.into_iter().collect(),
        pools,
        candidates: own,
        families,
        e_value,
        status: if corroborated >= 2 { Status::Discovered } else { Status::Suspected },
    }
}

/// The e-value of each family and over all families: averages of the candidates', weighted by size.
fn averages(own: &[Candidate]) -> (BTreeMap<Family, f64>, f64) {
    let mut sums: BTreeMap<Family, (f64, f64)> = BTreeMap::new();
    let (mut e_sum, mut weight_sum) = (0.0, 0.0);
    for candidate in own {
        let weight = candidate.group.accounts.len() as f64;
        e_sum += weight * candidate.e_value();
        weight_sum += weight;
        for (family, e_value) in candidate.family_e_values() {
            let (sum, weights) = sums.entry(family).or_default();
            *sum += weight * e_value;
            *weights += weight;
        }
    }
    let families: BTreeMap<Family, f64> =
        sums.into_iter().map(|(family, (sum, weight))| (family, sum / weight)).collect();
    (families, if weight_sum > 0.0 { (e_sum / weight_sum).min(1e300) } else { 1.0 })
}

/// The accounts of a part: those of its main group, and of every other group that lies in it by four fifths those
/// that show what the group is accused of. A group of low specificity says who is in a campaign only where nothing else does.
fn members_of(part: &[usize], candidates: &[Candidate], sets: &[BTreeSet<u32>]) -> BTreeSet<u32> {
    let mut members = part.first().and_then(|at| sets.get(*at)).cloned().unwrap_or_default();
    for at in part.iter().skip(1) {
        let (Some(candidate), Some(group)) = (candidates.get(*at), sets.get(*at)) else { continue };
        if !candidate.low_specificity && group.intersection(&members).count() * 5 >= group.len() * 4 {
            members.extend(accused(candidate));
        }
    }
    members
}

/// The members of a group that show what it is accused of.
fn accused(candidate: &Candidate) -> impl Iterator<Item = u32> + '_ {
    let accused = |finding: &&Finding| finding.family != Family::Rhythm && finding.e_value >= CORROBORATES;
    candidate.findings.iter().filter(accused).flat_map(|finding| finding.showing.iter().copied())
}

/// Accounts of pools that are mostly the same accounts as a part, and that do its work though they show too little of it
/// to have been grouped by it.
fn doing_its_work<'a>(pools: impl Iterator<Item = &'a Candidate>) -> BTreeSet<u32> {
    pools
        .filter(|candidate| candidate.e_value() >= CORROBORATES)
        .flat_map(|candidate| {
            candidate
                .findings
                .iter()
                .filter(|finding| finding.e_value >= CORROBORATES && IS_ITS_WORK.contains(&finding.detector))
        })
        .flat_map(|finding| finding.showing.iter().copied())
        .collect()
}

fn is_more_than_one_customer(proposal: &Proposal, population: &Population) -> bool {
    let customers: BTreeSet<u32> = proposal.accounts.iter().map(|at| population.customer(*at)).collect();
    customers.len() >= 2
}

/// A proposal most of whose accounts are in another one is that one seen again, and is left out: if the other has more
/// evidence, or enough to stand alone, which is `bar` over its weight.
fn suppress_overlaps(proposals: &mut Vec<Proposal>, bar: f64) {
    proposals.sort_by(|a, b| {
        // Of two views of one campaign, the one that knows its content says who is in it.
        let rank = |proposal: &Proposal| {
            let stands_alone = proposal.e_value * proposal.weight() >= bar;
            let knows_content = proposal.is_formed_by(Family::Content);
            (stands_alone, proposal.status == Status::Discovered, knows_content, proposal.accounts.len())
        };
        rank(b).cmp(&rank(a)).then_with(|| b.e_value.total_cmp(&a.e_value)).then_with(|| a.accounts.cmp(&b.accounts))
    });
    let mut kept: Vec<(f64, f64, BTreeSet<u32>)> = Vec::new();
    proposals.retain(|proposal| {
        let own: BTreeSet<u32> = proposal.accounts.iter().copied().collect();
        let casts = |(e_value, weight, other): &(f64, f64, BTreeSet<u32>)| {
            let stands = *e_value >= proposal.e_value || e_value * weight >= bar;
            stands && own.intersection(other).count() * 2 > own.len()
        };
        let is_overlap = kept.iter().any(casts);
        if !is_overlap {
            kept.push((proposal.e_value, proposal.weight(), own));
        }
        !is_overlap
    });
}
