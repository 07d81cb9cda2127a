//! What a hypothesis is worth: its rank among honest groups.

use std::collections::BTreeMap;

use cohort::Items;
use evidence::RankedScores;
use verdict::Family;

use crate::bank::Bank;
use crate::bank::Peers;
use crate::candidate::Candidate;
use crate::class::Class;
use crate::class::STRUCTURE;
use crate::class::Scores;
use crate::class::Sizes;
use crate::hypothesis::Hypothesis;
use crate::hypothesis::specific_parts;

/// The e-value from which a family corroborates.
pub const CORROBORATES: f64 = 20.0;

/// The other families corroborate together where they say more than those of all but one in so many honest groups.
///
/// It is what two families that corroborate amount to. Each is above all but one in forty; of five families there are ten pairs;
/// and were families independent, one honest group in `40 * 40 / 10` would show one of these pairs.
pub const OTHERS_CORROBORATE_ONE_IN: usize = 160;

/// What the three ranks of a group weigh in its e-value: that of its whole score, that of the family that formed it, and
/// that of its score lifted by its size.
const OF_ALL: f64 = 0.4;
const OF_OWN_FAMILY: f64 = 0.4;
const OF_LIFTED: f64 = 0.2;

/// The fewest groups of a class from which the level of a log is told.
const MIN_GROUPS: usize = 20;
/// The share of groups at which scores are compared between log and bank: the middle. A log's upper groups may be hostile,
/// and a bank's are the kinds that are most easily taken for hostile, of which it holds more than a log does.
const BULK: f64 = 0.5;

/// What a bank says of one candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// What it is compared with.
    pub class: Class,
    /// What it scores, as it stands.
    pub scores: Scores,
    /// How far the scores were lowered, because the log's other groups score higher than the bank's; `None` where the log
    /// has too few groups of the class to tell.
    pub lowered: Option<f64>,
    /// Honest groups of its class.
    pub bank_size: usize,
    /// How many of these are the deployment's own.
    pub own: usize,
    /// Their sizes; `None` where there are none.
    pub sizes: Option<Sizes>,
    /// The largest e-value that any score could have among them.
    pub largest_e_value: f64,
    /// How many of them score as much or more.
    pub above: usize,
    /// Its e-value.
    pub e_value: f64,
    /// Each family's.
    pub families: BTreeMap<Family, f64>,
    /// Whether the families other than its strongest say more together than those of all but one in
    /// [`OTHERS_CORROBORATE_ONE_IN`] honest groups.
    pub others_stand_out: bool,
}

impl Ranked {
    /// Whether a family other than rhythm scores at least twenty to one: rhythm supports and never accuses.
    fn has_structure(&self) -> bool {
        let others = self.scores.families.iter().filter(|(family, _)| **family != Family::Rhythm);
        others.map(|(_, score)| *score).fold(0.0, f64::max) >= STRUCTURE
    }

    /// Families that corroborate. Rhythm supports and never accuses, so it is none of them.
    pub fn corroborating(&self) -> impl Iterator<Item = Family> + '_ {
        let others = self.families.iter().filter(|(family, _)| **family != Family::Rhythm);
        others.filter(|(_, e_value)| **e_value >= CORROBORATES).map(|(family, _)| *family)
    }

    /// What corroborates it: families, and the others together where one family alone does.
    ///
    /// A campaign may be plain in one family and faint in each of three others. That three are faint at once is as rare among
    /// honest groups as that a second one is plain.
    #[must_use]
    pub fn corroboration(&self) -> Corroboration {
        let families: Vec<Family> = self.corroborating().collect();
        let by_others = families.len() == 1 && self.others_stand_out;
        Corroboration { families, by_others }
    }
}

/// What corroborates a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Corroboration {
    /// The families that do, each alone.
    pub families: Vec<Family>,
    /// Whether the families other than its strongest do together. It is asked only where one family does alone.
    pub by_others: bool,
}

impl Corroboration {
    /// How many times it is corroborated; the others together count once.
    #[must_use]
    pub fn count(&self) -> usize {
        self.families.len() + usize::from(self.by_others)
    }
}

/// What the bank says of a hypothesis.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Its e-value.
    pub e_value: f64,
    /// Each family's.
    pub families: BTreeMap<Family, f64>,
    /// What corroborates it, in the candidate in which most does.
    pub corroboration: Corroboration,
    /// Whether a family other than rhythm scores at least twenty to one in one of its candidates.
    pub has_structure: bool,
    /// The candidate that is corroborated most, and of these the one with the largest e-value.
    pub strongest: usize,
}

/// Ranks every candidate among the bank's groups of its class.
///
/// *Assumption:* the log's honest groups are like the bank's. It is checked as far as it can be: where the
/// median of the log's groups is above that of the bank's, every score of the pool is lowered by the difference. Hostile
/// groups make it larger than it should be, which costs power and not validity. What this cannot see is a log whose honest
/// groups are as the bank's in the middle and score higher at the top.
#[must_use]
pub fn rank_all(candidates: &[Candidate], bank: &Bank) -> Vec<Ranked> {
    let mut of_pool: BTreeMap<PoolKey, Vec<f64>> = BTreeMap::new();
    let scores: Vec<Scores> = candidates.iter().map(Candidate::scores).collect();
    for (candidate, scores) in candidates.iter().zip(&scores) {
        of_pool.entry(pool_key(bank, candidate.class())).or_default().push(scores.all);
    }
    let lowered: BTreeMap<PoolKey, Option<f64>> =
        of_pool.into_iter().map(|(pool, scores)| (pool, excess(bank, pool, scores))).collect();
    let rank = |(candidate, scores): (&Candidate, Scores)| {
        let class = candidate.class();
        let lowered = lowered.get(&pool_key(bank, class)).copied().flatten();
        let peers = bank.peers(class);
        rank_one(candidate.formed_by, class, scores, lowered, peers)
    };
    candidates.iter().zip(scores).map(rank).collect()
}

/// Ranks what is left of a candidate, its score lowered as the whole's was, as if it were so many times as large.
pub(crate) fn rank_rest(left: &Candidate, whole: &Ranked, times: f64, bank: &Bank) -> Ranked {
    let class = left.class();
    rank_one(left.formed_by, class, left.scores().times(times), whole.lowered, bank.peers(class))
}

/// A class that stands for the pool of honest groups that a class is ranked in: the one of its smallest size.
type PoolKey = Class;

fn pool_key(bank: &Bank, class: Class) -> PoolKey {
    Class { size: bank.peers(class).map_or(class.size, |peers| peers.sizes.least), ..class }
}

/// The e-value is the mean of three, with weights that were fixed before any score was known: of the score of all families;
/// of the score of the family that formed the group, on the half of the items that did not form it; and of the score lifted
/// by the group's size. A group may be unlike honest ones in the whole picture, or plainly so in the one thing that it was
/// found by. And it may be larger than any honest group of such ties that scores: that counts where honest groups of its size
/// are so rare that smaller ones are ranked with it, and says nothing elsewhere.
fn rank_one(formed_by: Family, class: Class, scores: Scores, lowered: Option<f64>, peers: Option<Peers<'_>>) -> Ranked {
    let level = lowered.unwrap_or(0.0);
    let nobody = RankedScores::default();
    let all = peers.as_ref().map_or(&nobody, Peers::all);
    let lifted_peers = peers.as_ref().map_or(&nobody, Peers::lifted);
    let others = peers.as_ref().map_or(&nobody, Peers::without_strongest);
    let of_family = |family: Family| peers.as_ref().and_then(|peers| peers.of_family(family)).unwrap_or(&nobody);
    let family_e_value = |family: Family, score: f64| of_family(family).family_e_value(score - level);
    let families: BTreeMap<Family, f64> =
        scores.families.iter().map(|(family, score)| (*family, family_e_value(*family, *score))).collect();
    let own_family = scores.families.get(&formed_by).map_or(0.0, |score| of_family(formed_by).e_value(score - level));
    let whole = scores.all - level;
    let others_stand_out =
        others.is_above_all_but_one_in(OTHERS_CORROBORATE_ONE_IN, scores.without_strongest() - level);
    Ranked {
        class,
        lowered,
        bank_size: all.len(),
        own: peers.map_or(0, |peers| peers.own()),
        sizes: peers.map(|peers| peers.sizes),
        above: all.above(whole),
        e_value: OF_ALL * all.e_value(whole)
            + OF_OWN_FAMILY * own_family
            + OF_LIFTED * lifted_peers.e_value(class.size.lifted(whole)),
        largest_e_value: all.largest_e_value(),
        families,
        others_stand_out,
        scores,
    }
}

/// By how much the bulk of a log's groups scores higher than the bulk of the bank's; zero where it does not, `None` where
/// the log has too few to tell.
fn excess(bank: &Bank, pool: PoolKey, mut scores: Vec<f64>) -> Option<f64> {
    if scores.len() < MIN_GROUPS {
        return None;
    }
    scores.sort_unstable_by(f64::total_cmp);
    let own = scores.get((BULK * (scores.len() - 1) as f64).round() as usize)?;
    Some((own - bank.peers(pool)?.all().quantile(BULK)?).max(0.0))
}

/// What a hypothesis's parts say of it together.
///
/// The e-value is the mean over both halves of the items, and in each half the mean of the parts that say who is in it: found
/// from one half alone, it is worth half. A part weighs by its accounts. Which parts count and what they weigh is known before
/// any score is, so that the mean of e-values is one. Families corroborate in any of its parts.
#[must_use]
pub fn judge(hypothesis: &Hypothesis, candidates: &[Candidate], ranked: &[Ranked]) -> Judged {
    let parts = || hypothesis.parts.iter().filter_map(|at| Some((*at, candidates.get(*at)?, ranked.get(*at)?)));
    let telling = || specific_parts(&hypothesis.parts, candidates).filter_map(|(at, one)| Some((one, ranked.get(at)?)));
    let mean = |e_value: &dyn Fn(&Ranked) -> f64| {
        let of_half = |half: Items| {
            let own = telling().filter(move |(candidate, _)| candidate.formed_on == half);
            let (sum, weight) = own.fold((0.0, 0.0), |(sum, weight), (candidate, ranked)| {
                let accounts = candidate.group.accounts.len() as f64;
                (sum + accounts * e_value(ranked), weight + accounts)
            });
            if weight > 0.0 { sum / weight } else { 0.0 }
        };
        Items::HALVES.into_iter().map(of_half).sum::<f64>() / 2.0
    };
    let families = Family::ALL.into_iter().filter(|family| parts().any(|(.., one)| one.families.contains_key(family)));
    let strongest = parts().max_by(|(a, _, one), (b, _, other)| {
        let rank = |ranked: &Ranked| ranked.corroboration().count();
        rank(one).cmp(&rank(other)).then(one.e_value.total_cmp(&other.e_value)).then(b.cmp(a))
    });
    Judged {
        e_value: mean(&|ranked| ranked.e_value),
        families: families
            .map(|family| (family, mean(&|one| one.families.get(&family).copied().unwrap_or(0.0))))
            .collect(),
        corroboration: strongest.as_ref().map(|(.., ranked)| ranked.corroboration()).unwrap_or_default(),
        has_structure: parts().any(|(.., ranked)| ranked.has_structure()),
        strongest: strongest.map_or(0, |(at, ..)| at),
    }
}
