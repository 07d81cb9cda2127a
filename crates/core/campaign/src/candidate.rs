//! Candidate groups: formed from one half of the items that accounts share, and scored by every family.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use cohort::Identity;
use cohort::Items;
use cohort::Population;
use detect::Context;
use detect::Detector;
use detect::Finding;
use detect::test_group;
use evidence::ranked_average;
use evidence::two_digits;
use link::Group;
use link::Limits;
use link::Shared;
use link::Tie;
use link::Value;
use link::dense_groups;
use record::ObservableKind;
use verdict::Family;
use verdict::ViewKind;
use workers::parallel_map;

use crate::class::Class;
use crate::class::Scores;
use crate::class::SizeClass;

/// A group that the ties of one family formed, with what every family says of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The family whose ties formed the group. It is asked on the half of the items that did not.
    pub formed_by: Family,
    /// The kind of ties that formed it.
    pub ties: ViewKind,
    /// Whether the ties have so low a specificity that groups of several bodies of work run together.
    pub low_specificity: bool,
    /// The half of the items that formed it.
    pub formed_on: Items,
    /// The group.
    pub group: Group,
    /// How many customers its accounts are.
    pub customers: usize,
    /// Whether most of it is openly tied: see [`Class::open`].
    pub open: bool,
    /// What every detector found: those of the family that formed it, on the other half of the items.
    pub findings: Vec<Finding>,
    /// What the group scored that this is a part of, where people cut one: a part counts for no more than the whole did, so that
    /// nobody makes evidence by choosing whom to leave out.
    pub part_of: Option<Scores>,
}

/// All candidates of a hunt.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// The candidates, by family and then by size.
    pub all: Vec<Candidate>,
    /// Ties that were left unsearched because the work was bounded.
    pub ties_unsearched: usize,
}

impl Candidate {
    /// What it scores: each family that was seen, and all together.
    ///
    /// A family's score is the mean of its detectors', weighed by their rank among those that could be asked; the list is
    /// ordered by how telling they are, and was before any log was read. Together they are the product of half-bets
    /// `(1 + score) / 2`, which is large where several families speak: what honest groups have in common is mostly of one.
    /// Scores are decimal logarithms with two digits, and nothing below zero is told apart. They claim nothing by
    /// themselves; only the rank of a score among honest groups does.
    #[must_use]
    pub fn scores(&self) -> Scores {
        let mut by_family: BTreeMap<Family, Vec<f64>> = BTreeMap::new();
        for finding in &self.findings {
            by_family.entry(finding.family).or_default().push(finding.score);
        }
        let ratios: BTreeMap<Family, f64> =
            by_family.into_iter().map(|(family, scores)| (family, ranked_average(&scores).max(1.0))).collect();
        let all = ratios.values().map(|ratio| f64::midpoint(1.0, *ratio)).product();
        let families = ratios.into_iter().map(|(family, ratio)| (family, logarithm(ratio))).collect();
        let scores = Scores { all: logarithm(all), families };
        match &self.part_of {
            Some(whole) => scores.at_most(whole),
            None => scores,
        }
    }

    /// The same accounts, looked at by every family: its own on the half of the items that did not form it.
    fn tested(self, context: &Context<'_>) -> Self {
        let accounts = &self.group.accounts;
        let units: Vec<u32> = accounts.iter().map(|at| context.population.customer(*at)).collect();
        let test = |detector: &&Detector| {
            let items = if detector.family == self.formed_by { self.formed_on.others() } else { Items::All };
            test_group(context, detector, accounts, &units, items)
        };
        Self {
            findings: detect::ALL.iter().filter_map(test).collect(),
            customers: units.iter().collect::<BTreeSet<_>>().len(),
            open: is_open(context, accounts),
            ..self
        }
    }

    /// What is left of it without some of its accounts, looked at anew.
    pub(crate) fn without(&self, context: &Context<'_>, is_gone: impl Fn(u32) -> bool) -> Self {
        let accounts: Vec<u32> = self.group.accounts.iter().copied().filter(|at| !is_gone(*at)).collect();
        if accounts.len() == self.group.accounts.len() {
            return self.clone();
        }
        let group = Group { accounts, values: Vec::new(), bits_per_account: self.group.bits_per_account };
        Self { group, findings: Vec::new(), ..self.clone() }.tested(context)
    }

    /// The class of groups that it is compared with.
    #[must_use]
    pub fn class(&self) -> Class {
        Class { ties: self.ties, size: SizeClass::of(self.customers), open: self.open }
    }
}

/// With two digits, and nothing below zero told apart.
fn logarithm(ratio: f64) -> f64 {
    two_digits(ratio.clamp(1.0, 1e300).log10())
}

/// The kind of ties that an item makes between the accounts that hold it.
#[must_use]
pub const fn ties_of(kind: ObservableKind) -> ViewKind {
    match kind {
        ObservableKind::Root | ObservableKind::Answer | ObservableKind::Signature => ViewKind::TransferredContent,
        ObservableKind::Frame => ViewKind::Frames,
        ObservableKind::Phrase => ViewKind::Phrases,
        ObservableKind::Ip => ViewKind::Addresses,
        ObservableKind::Payment | ObservableKind::Device | ObservableKind::Phone | ObservableKind::Mailbox => {
            ViewKind::Registration
        }
    }
}

/// Ties of one family, and what counts as a group among them.
#[derive(Debug, Clone)]
pub struct View {
    /// The family whose evidence the ties are.
    pub family: Family,
    /// The kind of the ties.
    pub kind: ViewKind,
    /// Whether a group of these ties may run several bodies of work together. Such a group says something of accounts
    /// that no other group holds, and nothing of others.
    pub low_specificity: bool,
    /// What counts as a group.
    pub limits: Limits,
    /// The ties.
    pub ties: Vec<Tie>,
}

/// Forms groups from each family's ties, one of the given halves of the items at a time, and scores each group by every
/// family.
///
/// The family that formed a group is looked at on the half of the items that did not form it; the other families formed
/// nothing and are looked at whole. The result depends on neither the order of the ties nor the number of `workers`.
/// `progress` is told groups tested and groups in all.
#[must_use]
pub fn form_candidates(
    context: &Context<'_>,
    views: &[View],
    halves: &[Items],
    workers: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Candidates {
    let population = context.population;
    let searched: Vec<(&View, Items)> =
        views.iter().flat_map(|view| halves.iter().map(move |half| (view, *half))).collect();
    let search = |(view, half): &(&View, Items)| {
        let ties: Vec<Tie> = view.ties.iter().filter(|tie| half.hold(tie.value.hash)).copied().collect();
        dense_groups(&ties, population.customers(), &view.limits)
    };
    let mut groups: Vec<Formed<'_>> = Vec::new();
    let mut ties_unsearched = 0;
    for ((view, half), found) in searched.iter().zip(parallel_map(&searched, workers, search)) {
        ties_unsearched += found.ties_unsearched;
        groups.extend(found.groups.into_iter().flat_map(|group| cut(population, view, *half, group)));
    }
    let done = AtomicUsize::new(0);
    let test = |formed: &Formed<'_>| {
        let whole = formed.part_of.as_ref().map(|whole| formed.tested(context, whole, None).scores());
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, groups.len());
        formed.tested(context, &formed.group, whole)
    };
    Candidates { all: parallel_map(&groups, workers, test), ties_unsearched }
}

/// A group before it is scored.
struct Formed<'a> {
    view: &'a View,
    formed_on: Items,
    group: Group,
    /// The group that it is a part of, where people cut one.
    part_of: Option<Group>,
}

impl Formed<'_> {
    fn tested(&self, context: &Context<'_>, group: &Group, part_of: Option<Scores>) -> Candidate {
        let candidate = Candidate {
            formed_by: self.view.family,
            ties: self.view.kind,
            formed_on: self.formed_on,
            low_specificity: self.view.low_specificity,
            customers: 0,
            open: false,
            group: group.clone(),
            findings: Vec::new(),
            part_of,
        };
        candidate.tested(context)
    }
}

/// The parts of a group by the cuts that people made; the group itself where no cut goes through it.
fn cut<'a>(population: &Population, view: &'a View, formed_on: Items, group: Group) -> Vec<Formed<'a>> {
    let ruled = population.ruled();
    let mut sides: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
    if !ruled.is_uncut() {
        group.accounts.iter().for_each(|account| sides.entry(ruled.side(*account)).or_default().push(*account));
    }
    if sides.len() < 2 {
        return vec![Formed { view, formed_on, group, part_of: None }];
    }
    let part = |accounts: Vec<u32>| {
        let customers: BTreeSet<u32> = accounts.iter().map(|at| population.customer(*at)).collect();
        if customers.len() < view.limits.min_customers {
            return None;
        }
        let mut inside: BTreeMap<Value, u32> = BTreeMap::new();
        let is_own = |tie: &&Tie| formed_on.hold(tie.value.hash) && accounts.binary_search(&tie.account).is_ok();
        view.ties.iter().filter(is_own).for_each(|tie| *inside.entry(tie.value).or_default() += 1);
        let shared = |shared: &Shared| {
            let inside = inside.get(&shared.value).copied().filter(|inside| *inside > 1)?;
            Some(Shared { inside, ..*shared })
        };
        let values: Vec<Shared> = group.values.iter().filter_map(shared).collect();
        let bits: f64 = values.iter().map(|shared| shared.bits * f64::from(shared.inside)).sum();
        let group_part = Group { bits_per_account: bits / accounts.len() as f64, values, accounts };
        Some(Formed { view, formed_on, group: group_part, part_of: Some(group.clone()) })
    };
    sides.into_values().filter_map(part).collect()
}

/// Whether most accounts of a group declare one organisation, have one institution's e-mail domain, one address of registration, one referrer or one
/// user agent that is not common among all accounts. Where most have no account record it cannot be told, and the group is compared with those that are openly
/// tied, which score higher.
fn is_open(context: &Context<'_>, members: &[u32]) -> bool {
    let identities = || members.iter().filter_map(|at| context.population.get(*at)).map(|entity| &entity.identity);
    if identities().filter(|identity| identity.known).count() * 2 <= members.len() {
        return true;
    }
    let most = |values: &mut dyn Iterator<Item = u64>| {
        let mut held: BTreeMap<u64, usize> = BTreeMap::new();
        for value in values.filter(|value| *value != 0) {
            *held.entry(value).or_default() += 1;
        }
        held.into_values().max().unwrap_or(0) * 2 > members.len()
    };
    let domain = |identity: &Identity| match identity.email_domain {
        domain if context.is_public_domain(domain) => 0,
        domain => domain,
    };
    let user_agent = |at: &u32| {
        let agent = context.population.get(*at)?.profile.user_agents.most_seen()?;
        (!context.is_common_agent(agent)).then_some(agent)
    };
    most(&mut identities().map(|identity| identity.declared))
        || most(&mut identities().map(domain))
        || most(&mut identities().map(|identity| identity.signup_ip))
        || most(&mut identities().map(|identity| identity.referrer))
        || most(&mut members.iter().filter_map(user_agent))
}
