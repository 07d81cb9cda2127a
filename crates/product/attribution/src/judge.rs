//! Who is behind a campaign: all hypotheses side by side.
//!
//! "None of these" and "several share one pool" are always among them. What an organisation can be held to is limited, whatever
//! the numbers say. Two families that cannot be forged have to speak: what can be forged is free, and corroborates nothing. And
//! facts of one source hold it to [`ONE_SOURCE_CAP`]. A limit takes probability away from the organisation and gives it to
//! "none of these".

use std::collections::BTreeSet;

use serde::Serialize;

use crate::days::Calendar;
use crate::entity::Entity;
use crate::item::ItemKind;
use crate::measure::Question;
use crate::observed::Account;
use crate::observed::Observed;
use crate::reference::Compared;
use crate::source::ONE_SOURCE_CAP;
use crate::weigh::FamilyWeight;
use crate::weigh::Item;
use crate::weigh::families;
use crate::weigh::weigh;
use crate::words::BELOW_LIKELY;
use crate::words::LEAST;
use crate::words::LIKELY;
use crate::words::MOST;
use crate::words::Word;
use crate::words::word;

/// The name of the hypothesis that it is somebody who is not listed.
pub const NONE: &str = "none of these";
/// The name of the hypothesis that several organisations use one pool.
pub const SEVERAL: &str = "several share one pool";
/// Its prior probability. One half: the list is short, and the world is not.
pub const PRIOR_NONE: f64 = 0.5;
/// The prior probability that several share one pool. The rest is shared evenly by the organisations.
pub const PRIOR_SEVERAL: f64 = 0.1;

/// One hypothesis.
#[derive(Debug, Clone, Serialize)]
pub struct Hypothesis {
    /// The organisation, [`NONE`] or [`SEVERAL`].
    pub entity: String,
    /// Its prior probability.
    pub prior: f64,
    /// The likelihood ratio against [`NONE`], as a decimal logarithm, as far as it counts.
    pub log10_against_none: f64,
    /// The likelihood ratio against the next best hypothesis, as a decimal logarithm.
    pub log10_lr: f64,
    /// The probability after the evidence. Of an organisation: that it is behind the campaign, alone or with another.
    pub posterior: f64,
    /// The probability that it is so alone. Over all hypotheses these add up to one.
    pub alone: f64,
    /// The word for it.
    pub likelihood: Word,
    /// Whether it is named: likely or more.
    pub named: bool,
    /// What each family says.
    pub families: Vec<FamilyWeight>,
    /// Every item that was asked.
    pub items: Vec<Item>,
    /// Why it is not named, or held to less than the numbers say.
    pub refused: Vec<String>,
    /// What sources contradict, and is not counted.
    pub contradicted: Vec<String>,
}

/// Accounts of a campaign that show what cannot be forged of one organisation and of no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The organisation.
    pub entity: String,
    /// How many accounts.
    pub accounts: usize,
    /// Their exchanges.
    pub exchanges: u64,
}

/// What is said of who is behind one campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Attributed {
    /// The campaign.
    pub campaign: String,
    /// Organisations that are named: each that is likely or more, alone or with another. Sorted.
    pub named: Vec<String>,
    /// All hypotheses, the most probable first.
    pub hypotheses: Vec<Hypothesis>,
    /// Whose accounts are whose.
    pub shares: Vec<Share>,
    /// Accounts of the campaign, honest accounts beside it, honest groups made of them, and accounts of a group.
    pub compared: (usize, usize, usize, usize),
    /// What could not be asked, and why.
    pub notes: Vec<String>,
}

/// What speaks for one organisation, before hypotheses are compared.
struct Case<'e> {
    entity: &'e Entity,
    items: Vec<Item>,
    families: Vec<FamilyWeight>,
    /// Likelihood ratio against [`NONE`].
    ratio: f64,
    /// The same from facts alone that two independent sources tell.
    well_sourced: f64,
    refused: Vec<String>,
    /// Accounts of the campaign that show an item that cannot be forged, by their places.
    accounts: BTreeSet<usize>,
}

/// Judges who is behind a campaign.
#[must_use]
pub fn judge(
    id: &str,
    entities: &[Entity],
    observed: &Observed,
    campaign: &BTreeSet<String>,
    accused: &BTreeSet<String>,
) -> Attributed {
    let compared = Compared::new(observed, campaign, accused);
    let calendar = Calendar::new(&compared, entities);
    let mut cases = Vec::new();
    for (at, entity) in entities.iter().enumerate() {
        cases.push(Case::new(&compared, &calendar, (at, entity)));
    }
    let mut hypotheses = weighed(&cases);
    hypotheses.sort_by(|a, b| b.posterior.total_cmp(&a.posterior).then_with(|| a.entity.cmp(&b.entity)));
    let is_named = |one: &&Hypothesis| one.named && one.entity != SEVERAL;
    let mut named: Vec<String> = hypotheses.iter().filter(is_named).map(|one| one.entity.clone()).collect();
    named.sort();
    let shares = cases.iter().filter_map(|case| case.share(&cases, &compared)).collect();
    let others = compared.accounts.len() - compared.members;
    Attributed {
        campaign: id.to_owned(),
        named,
        hypotheses,
        shares,
        compared: (compared.members, others, compared.groups(), compared.size()),
        notes: notes(&compared, others),
    }
}

impl<'e> Case<'e> {
    fn new(compared: &Compared<'_>, calendar: &Calendar, (at, entity): (usize, &'e Entity)) -> Self {
        let items = weigh(Question { compared, calendar, at, entity, counted: &BTreeSet::new() });
        let speaking = families(&items, |item| item.e_value);
        let ratio = ratio(&speaking);
        let well_sourced = ratio.min(self::ratio(&families(&items, |item| item.well_sourced)));
        let refused = refusals(&speaking, &items, compared.groups());
        let accounts = if refused.is_empty() || speaking.iter().any(|family| family.speaks && !family.forgeable) {
            members_showing(compared, at)
        } else {
            BTreeSet::new()
        };
        Self { entity, items, families: speaking, ratio, well_sourced, refused, accounts }
    }

    /// The weight of the hypothesis beside that of "none of these", within its limits.
    fn weight(&self, prior: f64) -> f64 {
        limited(prior * self.ratio, prior * self.well_sourced, !self.refused.is_empty())
    }

    /// A probability within its limits, whatever hypotheses it is summed over.
    fn at_most(&self, probability: f64, prior: f64) -> f64 {
        // What facts of two sources alone would give beside "none of these".
        let sourced = prior * self.well_sourced / (prior * self.well_sourced + PRIOR_NONE);
        let most = if self.is_one_source() { sourced.max(f64::from(ONE_SOURCE_CAP) / 100.0) } else { MOST };
        let most = if self.refused.is_empty() { most } else { most.min(BELOW_LIKELY) };
        probability.min(most)
    }

    fn is_one_source(&self) -> bool {
        self.ratio > self.well_sourced && self.ratio > 1.0
    }

    /// Accounts that show nothing of another organisation.
    fn own(&self, cases: &[Case<'_>]) -> BTreeSet<usize> {
        let is_other = |case: &&Case<'_>| case.entity.name != self.entity.name;
        let others: BTreeSet<usize> = cases.iter().filter(is_other).flat_map(|case| case.accounts.clone()).collect();
        self.accounts.difference(&others).copied().collect()
    }

    fn share(&self, cases: &[Case<'_>], compared: &Compared<'_>) -> Option<Share> {
        let own = self.own(cases);
        let exchanges = |account: &&Account| account.hours.values().map(|count| u64::from(*count)).sum::<u64>();
        let of_own = own.iter().filter_map(|at| compared.accounts.get(*at));
        let share =
            Share { entity: self.entity.name.clone(), accounts: own.len(), exchanges: of_own.map(exchanges).sum() };
        (share.accounts > 0).then_some(share)
    }
}

/// A weight within its limits, in terms of the weight of "none of these".
fn limited(all: f64, well_sourced: f64, is_refused: bool) -> f64 {
    let most = |probability: f64| PRIOR_NONE * probability / (1.0 - probability);
    let sourced = well_sourced.max(all.min(most(f64::from(ONE_SOURCE_CAP) / 100.0)));
    if is_refused { sourced.min(most(BELOW_LIKELY)) } else { sourced }
}

/// The ratio of all families. What can be forged counts for no more than what cannot: it supports, and never carries.
fn ratio(families: &[FamilyWeight]) -> f64 {
    let product = |forgeable: bool| {
        families.iter().filter(|one| one.forgeable == forgeable).map(|one| one.ratio).product::<f64>()
    };
    let (firm, forgeable) = (product(false), product(true));
    firm * forgeable.min(firm.max(1.0))
}

/// Why an organisation may not be named, whatever the numbers say.
fn refusals(families: &[FamilyWeight], items: &[Item], groups: usize) -> Vec<String> {
    let mut why = Vec::new();
    let speaking: Vec<&FamilyWeight> = families.iter().filter(|family| family.speaks).collect();
    if speaking.is_empty() {
        why.push(match items.is_empty() {
            true => "nothing that its file tells can be asked of this log".to_owned(),
            false => "nothing is more frequent in the campaign than in honest groups of the log".to_owned(),
        });
        if groups < 5 {
            why.push(format!("the log has {groups} honest groups of the campaign's size, too few to tell"));
        }
        return why;
    }
    let firm: Vec<&FamilyWeight> = speaking.iter().copied().filter(|family| !family.forgeable).collect();
    let prices = || {
        let forgeable = speaking.iter().filter(|family| family.forgeable);
        let price = |family: &&FamilyWeight| format!("{} costs {}", family.item.what(), family.item.price());
        forgeable.map(price).collect::<Vec<_>>().join("; ")
    };
    match firm.as_slice() {
        [] if speaking.iter().all(|family| family.family.tells_place_only()) => {
            why.push("working hours alone: they tell a place, and everybody at that place has them".to_owned());
        }
        [] => why.push(format!("all that speaks for it can be laid from outside: {}", prices())),
        [one] => {
            let alone =
                format!("one family alone ({}) that cannot be laid from outside: two are needed", one.family.as_str());
            let rest = prices();
            why.push(if rest.is_empty() { alone } else { format!("{alone}, and of the others {rest}") });
        }
        _ => {}
    }
    why
}

/// Members that show an item that cannot be forged.
fn members_showing(compared: &Compared<'_>, entity: usize) -> BTreeSet<usize> {
    let firm: Vec<ItemKind> =
        ItemKind::ALL.into_iter().filter(|item| item.is_of_accounts() && !item.is_forgeable()).collect();
    let shows = |account: &Account| firm.iter().any(|item| account.shows(entity, *item, 1) == Some(true));
    let members = compared.accounts.iter().take(compared.members).enumerate();
    members.filter(|(_, account)| shows(account)).map(|(at, _)| at).collect()
}

/// Two organisations of which each has accounts of its own, so that one pool may serve both.
struct Pair {
    weight: f64,
    ratio: f64,
    /// Their places.
    members: [usize; 2],
    is_refused: bool,
}

fn pairs(cases: &[Case<'_>]) -> Vec<Pair> {
    let count = cases.len() * cases.len().saturating_sub(1) / 2;
    let prior = PRIOR_SEVERAL / count.max(1) as f64;
    let mut pairs = Vec::new();
    for (at, one) in cases.iter().enumerate() {
        for (place, other) in cases.iter().enumerate().skip(at + 1) {
            // Two whose evidence is on the same accounts are one organisation under two names, or a mistake in the list.
            let both = one.accounts.intersection(&other.accounts).count();
            let apart = [one, other].map(|case| case.accounts.len() - both);
            let is_apart = apart.iter().all(|accounts| *accounts >= 2 && *accounts >= both);
            let is_refused = !is_apart || !one.refused.is_empty() || !other.refused.is_empty();
            let (all, sourced) = (one.ratio * other.ratio, one.well_sourced * other.well_sourced);
            // What may not be said of one of them is not said of both.
            let ratio = if is_refused { all.min(1.0) } else { all };
            let weight = limited(prior * ratio, prior * sourced.min(ratio), false);
            pairs.push(Pair { weight, ratio, members: [at, place], is_refused });
        }
    }
    pairs
}

fn weighed(cases: &[Case<'_>]) -> Vec<Hypothesis> {
    let prior = (1.0 - PRIOR_NONE - PRIOR_SEVERAL) / cases.len().max(1) as f64;
    let pairs = pairs(cases);
    let several: f64 = if pairs.is_empty() { PRIOR_SEVERAL } else { pairs.iter().map(|pair| pair.weight).sum() };
    let weights: Vec<f64> = cases.iter().map(|case| case.weight(prior)).collect();
    let total = PRIOR_NONE + several + weights.iter().sum::<f64>();
    let mut hypotheses: Vec<Hypothesis> = Vec::new();
    for (at, (case, weight)) in cases.iter().zip(&weights).enumerate() {
        let mut one = hypothesis(&case.entity.name, prior, *weight, total);
        let shared: f64 = pairs.iter().filter(|pair| pair.members.contains(&at)).map(|pair| pair.weight).sum();
        one.posterior = case.at_most((weight + shared) / total, prior).clamp(LEAST, MOST);
        one.likelihood = word(one.posterior);
        one.named = one.posterior >= LIKELY;
        one.families.clone_from(&case.families);
        one.items.clone_from(&case.items);
        one.refused.clone_from(&case.refused);
        if case.is_one_source() {
            one.refused.push(format!(
                "part of it rests on facts of ONE independent source, which hold it to {ONE_SOURCE_CAP} of 100"
            ));
        }
        one.contradicted = contradicted(case.entity);
        hypotheses.push(one);
    }
    hypotheses.push(hypothesis(NONE, PRIOR_NONE, PRIOR_NONE, total));
    let mut one = hypothesis(SEVERAL, PRIOR_SEVERAL, several, total);
    one.named = one.posterior >= LIKELY;
    one.refused = about_several(&pairs, cases, one.named);
    hypotheses.push(one);
    let ratios: Vec<f64> = hypotheses.iter().map(|one| one.log10_against_none).collect();
    for (at, one) in hypotheses.iter_mut().enumerate() {
        let others = ratios.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, ratio)| *ratio);
        one.log10_lr = one.log10_against_none - others.fold(f64::NEG_INFINITY, f64::max);
    }
    hypotheses
}

/// Why it is not held likely that several share the pool.
fn about_several(pairs: &[Pair], cases: &[Case<'_>], is_named: bool) -> Vec<String> {
    match pairs.iter().max_by(|a, b| a.weight.total_cmp(&b.weight)) {
        Some(best) if best.is_refused => {
            vec!["no two organisations that may be named have accounts of their own in it".to_owned()]
        }
        Some(best) if !is_named => {
            let names: Vec<&str> =
                best.members.iter().filter_map(|at| cases.get(*at)).map(|case| case.entity.name.as_str()).collect();
            vec![format!("{}: a ratio of {:.2} is not enough", names.join(" and "), best.ratio)]
        }
        Some(_) => Vec::new(),
        None => vec!["fewer than two organisations are listed".to_owned()],
    }
}

fn hypothesis(name: &str, prior: f64, weight: f64, total: f64) -> Hypothesis {
    let alone = (weight / total).clamp(LEAST, MOST);
    Hypothesis {
        entity: name.to_owned(),
        prior,
        log10_against_none: (weight / prior).max(1e-12).log10(),
        log10_lr: 0.0,
        posterior: alone,
        alone,
        likelihood: word(alone),
        named: false,
        families: Vec::new(),
        items: Vec::new(),
        refused: Vec::new(),
        contradicted: Vec::new(),
    }
}

/// What sources of an organisation's file contradict.
fn contradicted(entity: &Entity) -> Vec<String> {
    let mut told: Vec<(&str, &crate::source::Standing)> = Vec::new();
    told.extend(entity.domains.iter().map(|fact| (fact.name.as_str(), &fact.standing)));
    told.extend(entity.networks.iter().map(|fact| (fact.name.as_str(), &fact.standing)));
    told.extend(entity.subsidiaries.iter().map(|fact| (fact.name.as_str(), &fact.standing)));
    told.extend(entity.hours.iter().map(|fact| (fact.name.as_str(), &fact.standing)));
    told.extend(entity.releases.iter().map(|fact| (fact.name.as_str(), &fact.standing)));
    told.extend(entity.code_names.iter().map(|fact| (fact.name.as_str(), &fact.standing)));
    told.extend(entity.instruments.iter().map(|fact| (fact.name.as_str(), &fact.standing)));
    let is_contradicted = |(_, standing): &(&str, &crate::source::Standing)| standing.contradicted_by > 0;
    told.into_iter().filter(is_contradicted).map(|(name, standing)| format!("{name}: {}", standing.words)).collect()
}

fn notes(compared: &Compared<'_>, others: usize) -> Vec<String> {
    let groups = compared.groups();
    let largest = evidence::RankedScores::new([], groups).largest_e_value();
    let mut notes = vec![format!(
        "compared with {groups} honest groups of {} accounts, made of {others} other accounts of the log in {} ways: no item \
         can be worth more than {largest:.1}",
        compared.size(),
        compared.cuts.len()
    )];
    if compared.members == 0 {
        notes.push("the log has no exchanges of the campaign's accounts".to_owned());
    }
    notes
}
