//! From hypotheses to campaigns, and what is left of the others.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cohort::Population;
use detect::Context;
use detect::Finding;
use evidence::Weighed;
use evidence::closed_e_benjamini_hochberg;
use sketch::hash::value_hash;
use verdict::Family;
use verdict::Status;

use crate::candidate::Candidate;
use crate::candidate::View;
use crate::hypothesis::Hypothesis;
use crate::hypothesis::knows_work;
use crate::hypothesis::merge;
use crate::hypothesis::specific;
use crate::judged::Judged;
use crate::judged::Ranked;
use crate::judged::judge;
use crate::looks::Look;
use crate::looks::Looks;
use crate::looks::Sight;
use crate::members::Holdings;
use crate::members::Member;
use crate::members::members;

/// False discovery rates at which it is asked whether a campaign is one: what is reported of it is the smallest.
const RATES: [f64; 9] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/// The fewest families that corroborate in one candidate before accounts are acted on.
const FAMILIES_TO_ACT: usize = 2;

/// The score from which a group is worth a look though nothing is claimed of it, as a decimal logarithm: one to twenty.
const LEAD_SCORE: f64 = 1.3;

/// At which rates campaigns are told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// False discovery rate of those whose accounts are implicated.
    pub action: f64,
    /// False discovery rate of those that are looked into.
    pub investigation: f64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { action: 0.01, investigation: 0.1 }
    }
}

/// A set of accounts held to be one campaign.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Its members, each with its own evidence, ascending.
    pub members: Vec<Member>,
    /// Its members' accounts, ascending.
    pub accounts: Vec<u32>,
    /// Accounts of its groups without evidence of their own, ascending.
    pub others: Vec<u32>,
    /// The pools it runs on: groups found by identity or client, ascending.
    pub pools: Vec<Vec<u32>>,
    /// Candidates that it was made of.
    pub candidates: Vec<Candidate>,
    /// What the bank says of each.
    pub ranked: Vec<Ranked>,
    /// The one of these that says most.
    pub strongest: usize,
    /// E-value of each family.
    pub families: BTreeMap<Family, f64>,
    /// E-value of all together.
    pub e_value: f64,
    /// The most families that corroborate in one candidate, rhythm not among them; the others together count as one.
    pub corroboration: usize,
    /// Whether one of these is the others together.
    pub by_others: bool,
    /// What all looks at it say together; `None` where each assessment stands by itself.
    pub look: Option<Look>,
    /// The smallest false discovery rate, of those tried, at which it is one.
    pub fdr_at: f64,
    /// The share of its e-value with which it would still be told at the investigation rate, by as many families as its tier asks
    /// for, all others being as they are.
    pub enough: f64,
    /// What it is held to be.
    pub status: Status,
    /// Whether it is acted on only since it was at an earlier look; `fdr_at` is then the rate of that.
    pub is_kept: bool,
    /// In how many of [`PARTS`](crate::PARTS) runs, each without a tenth of its accounts, it stands.
    pub survived: usize,
}

impl Proposal {
    /// Whether a family formed one of its candidates.
    #[must_use]
    pub fn is_formed_by(&self, family: Family) -> bool {
        self.candidates.iter().any(|candidate| candidate.formed_by == family)
    }

    /// The findings of one family: those of the strongest candidate first, and of each the one that scores most.
    #[must_use]
    pub fn findings(&self, family: Family) -> Vec<&Finding> {
        let all = self.candidates.iter().enumerate().flat_map(|(at, one)| one.findings.iter().map(move |f| (at, f)));
        let mut findings: Vec<(usize, &Finding)> = all.filter(|(_, finding)| finding.family == family).collect();
        findings.sort_by(|(at, a), (bt, b)| {
            let is_other = |at: &usize| *at != self.strongest;
            is_other(at).cmp(&is_other(bt)).then(b.score.total_cmp(&a.score)).then_with(|| a.what.cmp(&b.what))
        });
        findings.into_iter().map(|(_, finding)| finding).collect()
    }

    /// What the bank says of the candidate that says most.
    #[must_use]
    pub fn main(&self) -> Option<&Ranked> {
        self.ranked.get(self.strongest)
    }
}

/// A group that scores and of which nothing is claimed.
#[derive(Debug, Clone)]
pub struct Lead {
    /// Its accounts, ascending.
    pub accounts: Vec<u32>,
    /// What the bank says of its strongest candidate.
    pub ranked: Ranked,
    /// E-value of each family.
    pub families: BTreeMap<Family, f64>,
    /// E-value of all together.
    pub e_value: f64,
    /// What is at stake: its weight among all hypotheses.
    pub weight: f64,
    /// The candidates that were merged into it: how many accounts each has, and what the bank says.
    pub parts: Vec<(usize, Ranked)>,
    /// Why it is no campaign.
    pub set_aside_by: SetAside,
}

/// The rule that set a group aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAside {
    /// The bank has too few honest groups of its class for any score to reach the investigation rate.
    SmallBank,
    /// Honest groups of its class score as much too often.
    Rate,
    /// No family but rhythm scores.
    Rhythm,
    /// Fewer than two customers in it have evidence of their own.
    Members,
    /// Most of its members are in a campaign that has more evidence.
    Overlap,
    /// People found most of its accounts to be honest.
    Cleared,
    /// It would be one if this assessment were the only one; over all looks it is not one yet.
    Looks,
}

/// Campaigns, and the groups that are none.
#[derive(Debug, Clone, Default)]
pub struct Selected {
    /// Campaigns, the strongest first.
    pub proposals: Vec<Proposal>,
    /// Groups that score, the best first.
    pub leads: Vec<Lead>,
    /// Hypotheses that were searched: candidates that are one operation count once.
    pub hypotheses: usize,
    /// Exchanges of the accounts in them.
    pub exchanges_at_stake: f64,
    /// What is known of all looks, this one among them; `None` where the assessment stands by itself.
    pub looks: Option<Looks>,
}

/// Merges candidates into hypotheses, compares them with the bank, and keeps those that are discoveries.
///
/// *Hypotheses:* everything that was searched, weighed by the exchanges at stake. *Control:* closed e-BH at the action
/// rate over those that two families corroborate in one candidate; and at the investigation rate over those in which any
/// family but rhythm scores. With `looks`, what counts is what all looks say together, and the rates hold over all of them
/// ([`Looks`] says how).
#[must_use]
pub fn propose(
    context: &Context<'_>,
    views: &[View],
    candidates: &[Candidate],
    ranked: &[Ranked],
    rates: Rates,
    looks: Option<&Looks>,
) -> Selected {
    let population = context.population;
    let hypotheses = merge(candidates, population);
    let judged: Vec<Judged> = hypotheses.iter().map(|one| judge(one, candidates, ranked)).collect();
    let cleared = hypotheses.iter().map(|one| population.ruled().is_cleared(&one.accounts)).collect();
    let mut looked = looks.map(|looks| Looked::at(looks, context, &hypotheses, &judged));
    let alone: Vec<f64> = judged.iter().map(|one| one.e_value).collect();
    let e_values = looked.as_ref().map_or(alone, |looked| looked.each.iter().map(|look| look.e_value).collect());
    let control = Control { hypotheses: &hypotheses, judged: &judged, e_values, cleared };
    let latched = looked.as_ref().map_or_else(BTreeSet::new, |looked| looked.latched(&control.cleared));
    let asserted = control.at(rates.action, FAMILIES_TO_ACT);
    let discovered: BTreeSet<usize> = asserted.union(&latched).copied().collect();
    let suspected = control.at(rates.investigation, 0);
    let reported: BTreeSet<usize> = discovered.union(&suspected).copied().collect();
    let of_reported = reported.iter().filter_map(|at| hypotheses.get(*at)).flat_map(|one| one.accounts.iter().copied());
    let holdings = Holdings::of(context, views, &of_reported.collect());
    let exchanges_at_stake = hypotheses.iter().map(|one| one.weight).sum();
    let mut selected = Selected { hypotheses: hypotheses.len(), exchanges_at_stake, ..Selected::default() };
    let mut order: Vec<usize> = reported.into_iter().collect();
    let strength = |at: usize| control.e_values.get(at).copied().unwrap_or(0.0);
    order.sort_by(|a, b| {
        let size = |at: usize| hypotheses.get(at).map_or(0, |one| one.accounts.len());
        let acted_on = discovered.contains(b).cmp(&discovered.contains(a));
        // A pool comes after the jobs that it serves: there may be several of them.
        let is_job = |at: usize| hypotheses.get(at).is_some_and(|one| specific(&one.parts, candidates).any(knows_work));
        acted_on
            .then(is_job(*b).cmp(&is_job(*a)))
            .then(strength(*b).total_cmp(&strength(*a)))
            .then(size(*b).cmp(&size(*a)))
            .then(a.cmp(b))
    });
    let ladder = control.ladder();
    let mut set_aside: BTreeMap<usize, SetAside> = BTreeMap::new();
    let mut taken: BTreeSet<u32> = BTreeSet::new();
    for at in order {
        let (Some(hypothesis), Some(judged)) = (hypotheses.get(at), judged.get(at)) else { continue };
        let members = members(context, &holdings, hypothesis, candidates);
        let known = members.iter().filter(|member| taken.contains(&member.account)).count();
        if !is_more_than_one_customer(&members, population) {
            set_aside.insert(at, SetAside::Members);
        } else if known * 2 > members.len() {
            set_aside.insert(at, SetAside::Overlap);
        } else {
            taken.extend(members.iter().map(|member| member.account));
            let status = if discovered.contains(&at) { Status::Discovered } else { Status::Suspected };
            let proposal = assemble(hypothesis, members, candidates, ranked, judged, status);
            let look = looked.as_ref().and_then(|looked| looked.each.get(at).copied());
            let enough = control.enough(at, rates.investigation, families_asked(status));
            let corroboration = proposal.corroboration.max(look.map_or(0, |look| look.latched));
            let is_kept = status == Status::Discovered && !asserted.contains(&at);
            let fdr_at = ladder.smallest(at, status).min(if is_kept { rates.action } else { 1.0 });
            selected.proposals.push(Proposal { look, fdr_at, enough, corroboration, is_kept, ..proposal });
        }
    }
    if looked.is_some() {
        let alone = control.alone().at(rates.investigation, 0);
        for at in alone.difference(&suspected) {
            set_aside.entry(*at).or_insert(SetAside::Looks);
        }
    }
    selected.leads = leads(&control, candidates, ranked, &set_aside, &selected, rates);
    selected.looks = looked.take().map(|looked| looked.spent(&discovered.union(&suspected).copied().collect()));
    selected
}

/// How many families must corroborate a campaign of a tier.
pub(crate) const fn families_asked(status: Status) -> usize {
    match status {
        Status::Discovered => FAMILIES_TO_ACT,
        Status::Suspected => 0,
    }
}

/// The groups of an assessment as they are looked at.
struct Looked {
    looks: Looks,
    groups: Vec<Sight>,
    each: Vec<Look>,
}

impl Looked {
    fn at(earlier: &Looks, context: &Context<'_>, hypotheses: &[Hypothesis], judged: &[Judged]) -> Self {
        let hash = |at: &u32| context.population.get(*at).map(|entity| value_hash(&entity.account));
        let sight = |(one, judged): (&Hypothesis, &Judged)| Sight {
            accounts: one.accounts.iter().filter_map(hash).collect(),
            weight: one.search_weight(),
            e_value: judged.e_value,
        };
        let groups: Vec<Sight> = hypotheses.iter().zip(judged).map(sight).collect();
        let (mut looks, log_us) = (earlier.clone(), context.population.log_us());
        let each = looks.take(log_us, &groups);
        Self { looks, groups, each }
    }

    /// Those that were acted on at an earlier look, but for what people cleared.
    fn latched(&self, cleared: &[bool]) -> BTreeSet<usize> {
        let is_latched = |(at, look): &(usize, &Look)| look.latched > 0 && cleared.get(*at) != Some(&true);
        self.each.iter().enumerate().filter(is_latched).map(|(at, _)| at).collect()
    }

    fn spent(mut self, claimed: &BTreeSet<usize>) -> Looks {
        self.looks.spend(&self.groups, &self.each, claimed);
        self.looks
    }
}

/// The hypotheses of a hunt, with what is held of each.
struct Control<'a> {
    hypotheses: &'a [Hypothesis],
    judged: &'a [Judged],
    /// What decides of each: its e-value, over all looks where there are several.
    e_values: Vec<f64>,
    /// Which of them people found to be honest. They are never discoveries, and weigh among the others all the same.
    cleared: Vec<bool>,
}

impl Control<'_> {
    /// The same, as if this assessment were the only one.
    fn alone(&self) -> Self {
        let e_values = self.judged.iter().map(|one| one.e_value).collect();
        Self { e_values, cleared: self.cleared.clone(), ..*self }
    }

    fn ladder(&self) -> Ladder {
        let tier = |families: usize| RATES.iter().map(|rate| self.at(*rate, families)).collect();
        Ladder { acted_on: tier(FAMILIES_TO_ACT), looked_into: tier(0) }
    }

    /// The smallest share of its e-value with which a hypothesis that is a discovery would still be one, within an eighth, all
    /// others being as they are; never less than `2^-14`.
    fn enough(&self, at: usize, rate: f64, families: usize) -> f64 {
        let mut control = Self { e_values: self.e_values.clone(), cleared: self.cleared.clone(), ..*self };
        let whole = self.e_values.get(at).copied().unwrap_or(0.0);
        let (mut holds, mut fails) = (0.0_f64, 14.0_f64);
        while fails - holds > 0.15 {
            let middle = f64::midpoint(holds, fails);
            if let Some(e_value) = control.e_values.get_mut(at) {
                *e_value = whole * (-middle).exp2();
            }
            let bound = if control.at(rate, families).contains(&at) { &mut holds } else { &mut fails };
            *bound = middle;
        }
        (-holds).exp2()
    }

    /// Those that are discoveries at a rate, of those that so many families corroborate.
    fn at(&self, rate: f64, families: usize) -> BTreeSet<usize> {
        let weigh = |(((hypothesis, judged), e_value), cleared): (((&Hypothesis, &Judged), &f64), &bool)| Weighed {
            e_value: *e_value,
            weight: hypothesis.search_weight(),
            is_asked: !cleared && judged.has_structure && judged.corroboration.count() >= families,
        };
        let all = self.hypotheses.iter().zip(self.judged).zip(&self.e_values).zip(&self.cleared);
        let all: Vec<Weighed> = all.map(weigh).collect();
        closed_e_benjamini_hochberg(&all, rate).into_iter().collect()
    }
}

/// What is a discovery at each of [`RATES`].
struct Ladder {
    acted_on: Vec<BTreeSet<usize>>,
    looked_into: Vec<BTreeSet<usize>>,
}

impl Ladder {
    /// The smallest rate at which a hypothesis is a discovery of its tier; one where it is at none.
    fn smallest(&self, at: usize, status: Status) -> f64 {
        let tier = if status == Status::Discovered { &self.acted_on } else { &self.looked_into };
        RATES.iter().zip(tier).find(|(_, found)| found.contains(&at)).map_or(1.0, |(rate, _)| *rate)
    }
}

fn assemble(
    hypothesis: &Hypothesis,
    members: Vec<Member>,
    candidates: &[Candidate],
    ranked: &[Ranked],
    judged: &Judged,
    status: Status,
) -> Proposal {
    let accounts: Vec<u32> = members.iter().map(|member| member.account).collect();
    let own = || hypothesis.parts.iter().filter_map(|at| candidates.get(*at));
    let is_pool = |candidate: &&Candidate| matches!(candidate.formed_by, Family::Identity | Family::Client);
    let pools: BTreeSet<Vec<u32>> = own().filter(is_pool).map(|candidate| candidate.group.accounts.clone()).collect();
    Proposal {
        others: hypothesis.accounts.iter().copied().filter(|at| accounts.binary_search(at).is_err()).collect(),
        accounts,
        members,
        pools: pools.into_iter().collect(),
        candidates: own().cloned().collect(),
        ranked: hypothesis.parts.iter().filter_map(|at| ranked.get(*at)).cloned().collect(),
        strongest: hypothesis.parts.iter().position(|at| *at == judged.strongest).unwrap_or(0),
        families: judged.families.clone(),
        e_value: judged.e_value,
        corroboration: judged.corroboration.count(),
        by_others: judged.corroboration.by_others,
        look: None,
        fdr_at: 1.0,
        enough: 1.0,
        status,
        is_kept: false,
        survived: 0,
    }
}

/// Every group that scores and is no part of a campaign, the best first, with the rule that set it aside.
fn leads(
    control: &Control<'_>,
    candidates: &[Candidate],
    ranked: &[Ranked],
    set_aside: &BTreeMap<usize, SetAside>,
    selected: &Selected,
    rates: Rates,
) -> Vec<Lead> {
    let campaigns: BTreeSet<Vec<u32>> = selected
        .proposals
        .iter()
        .map(|proposal| {
            let mut all = [proposal.accounts.as_slice(), proposal.others.as_slice()].concat();
            all.sort_unstable();
            all
        })
        .collect();
    let total: f64 = control.hypotheses.iter().map(Hypothesis::search_weight).sum();
    let lead = |(at, (hypothesis, judged)): (usize, (&Hypothesis, &Judged))| {
        let strongest = ranked.get(judged.strongest)?;
        if campaigns.contains(&hypothesis.accounts) || strongest.scores.all < LEAD_SCORE {
            return None;
        }
        // What the best score of all would come to, alone.
        let possible = strongest.largest_e_value * hypothesis.search_weight();
        let rule = set_aside.get(&at).copied().unwrap_or(if control.cleared.get(at) == Some(&true) {
            SetAside::Cleared
        } else if !judged.has_structure {
            SetAside::Rhythm
        } else if possible * rates.investigation < total {
            SetAside::SmallBank
        } else {
            SetAside::Rate
        });
        Some(Lead {
            accounts: hypothesis.accounts.clone(),
            weight: hypothesis.weight,
            ranked: strongest.clone(),
            families: judged.families.clone(),
            e_value: judged.e_value,
            parts: hypothesis
                .parts
                .iter()
                .filter_map(|at| Some((candidates.get(*at)?.group.accounts.len(), ranked.get(*at)?.clone())))
                .collect(),
            set_aside_by: rule,
        })
    };
    let mut leads: Vec<Lead> = control.hypotheses.iter().zip(control.judged).enumerate().filter_map(lead).collect();
    leads.sort_by(|a, b| {
        let score = |lead: &Lead| lead.ranked.scores.all - lead.ranked.lowered.unwrap_or(0.0);
        b.e_value.total_cmp(&a.e_value).then(score(b).total_cmp(&score(a))).then_with(|| a.accounts.cmp(&b.accounts))
    });
    leads
}

fn is_more_than_one_customer(members: &[Member], population: &Population) -> bool {
    let customers: BTreeSet<u32> = members.iter().map(|member| population.customer(member.account)).collect();
    customers.len() >= 2
}
