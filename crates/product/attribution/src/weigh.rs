//! What an item is worth: from scores to likelihood ratios that the log can support.
//!
//! *Null:* the campaign is exchangeable with the other groups of its log, as far as this organisation is concerned: it is not
//! this organisation's, and nobody made it look so. Its score is then among the `b` largest of `G + 1` with a probability of
//! at most `b / (G + 1)`, from which comes an e-value (`evidence::RankedScores`), whose mean is at most one. An e-value is a
//! likelihood ratio of this null against an alternative that was fixed beforehand, and the largest that `G` groups can give is
//! `0.7 (G + 1)`: no ratio is ever typed in.
//! *What breaks it:* somebody who lays evidence (that is why [`ItemKind::price`] is told and [`crate::judge`] limits what can be
//! forged); a second organisation in the log that shares the fact; groups of the log that are not honest.

use std::collections::BTreeSet;

use evidence::RankedScores;
use serde::Serialize;

use crate::entity::Entity;
use crate::item::Family;
use crate::item::ItemKind;
use crate::measure::Measured;
use crate::measure::Question;
use crate::measure::measure;
use crate::observed::Account;

/// An e-value from which a family says something: under the null it is reached at most once in three.
pub const SPEAKS: f64 = 3.0;
/// Accounts that must show what single accounts can show. What one account does decides nothing about a group.
const LEAST_ACCOUNTS: usize = 2;

/// What one item says for one organisation.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// The item.
    pub item: ItemKind,
    /// Its family.
    pub family: Family,
    /// What it says.
    pub what: &'static str,
    /// The campaign's accounts that show it and count for no other family, of those that could be asked; zeros where it is
    /// about the whole.
    pub accounts: (usize, usize),
    /// The campaign's score: a share, or a part of its mean.
    pub score: f64,
    /// Honest groups of the same log that it was compared with.
    pub groups: usize,
    /// How often honest groups score as much or more: one added to both counts, averaged over the cuts.
    pub chance: f64,
    /// Where dates are asked for: how often the campaign would score as much with other dates.
    pub chance_of_dates: Option<f64>,
    /// The e-value.
    pub e_value: f64,
    /// The e-value with facts alone that two independent sources tell.
    pub well_sourced: f64,
    /// What stands behind the facts that it rests on.
    pub sources: Vec<String>,
    /// Whether anybody outside can lay it for money alone.
    pub forgeable: bool,
    /// What it takes to lay it.
    pub price: &'static str,
}

/// What one family says for one organisation: its strongest item, once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FamilyWeight {
    /// The family.
    pub family: Family,
    /// The item that counts.
    pub item: ItemKind,
    /// Items of the family that were asked. The strongest was chosen among them, so that its e-value is divided by as many.
    pub asked: usize,
    /// The e-value that is left.
    pub e_value: f64,
    /// The factor by which it changes the odds: the mean of that and one, so that saying nothing costs half.
    pub ratio: f64,
    /// Whether the item can be laid from outside.
    pub forgeable: bool,
    /// Whether it says something.
    pub speaks: bool,
}

/// Measures and weighs every item that can be asked for one organisation.
///
/// An account counts once. Somebody at the organisation who has an account of their own shows its mail domain and its network
/// at the same time, and if such accounts were bought or stolen for a pool, two families would rest on the same few people. So
/// the members that show the strongest item that cannot be forged count for its family, and for no other.
#[must_use]
pub(crate) fn weigh(question: Question<'_>) -> Vec<Item> {
    let mut items = weigh_all(question);
    let is_firm = |item: &&Item| item.item.is_of_accounts() && !item.forgeable && item.e_value > 1.0;
    let Some(strongest) = items.iter().filter(is_firm).max_by(|a, b| a.e_value.total_cmp(&b.e_value)) else {
        return items;
    };
    let (family, kind) = (strongest.family, strongest.item);
    let Question { compared, at, .. } = question;
    let members = compared.accounts.iter().take(compared.members).enumerate();
    let shows = |(place, account): (usize, &&Account)| (account.shows(at, kind, 1) == Some(true)).then_some(place);
    let counted: BTreeSet<usize> = members.filter_map(shows).collect();
    items.retain(|item| item.family == family);
    items.extend(weigh_all(Question { counted: &counted, ..question }).into_iter().filter(|one| one.family != family));
    items.sort_by_key(|item| item.item);
    items
}

fn weigh_all(question: Question<'_>) -> Vec<Item> {
    let Question { compared, entity, .. } = question;
    let weighed = |item: ItemKind| {
        let all = measure(question, item, 1)?;
        let well_sourced = measure(question, item, 2).map_or(0.0, |one| e_value(&one, item).0);
        let (e_value, chance, chance_of_dates) = e_value(&all, item);
        Some(Item {
            item,
            family: item.family(),
            what: item.what(),
            accounts: all.shown,
            score: all.campaign,
            groups: compared.groups(),
            chance,
            chance_of_dates,
            e_value,
            well_sourced,
            sources: sources(entity, item),
            forgeable: item.is_forgeable(),
            price: item.price(),
        })
    };
    ItemKind::ALL.into_iter().filter_map(weighed).collect()
}

/// The e-value of what was measured, and how often chance does as much among honest groups and with other dates.
fn e_value(measured: &Measured, item: ItemKind) -> (f64, f64, Option<f64>) {
    let (mut e_value, mut chance) = (0.0, 0.0);
    for (campaign, groups) in &measured.cuts {
        let ranked = RankedScores::new(groups.iter().copied(), groups.len());
        e_value += ranked.e_value(*campaign);
        chance += (1 + ranked.above(*campaign)) as f64 / (1 + ranked.len()) as f64;
    }
    let cuts = measured.cuts.len().max(1) as f64;
    (e_value, chance) = (e_value / cuts, chance / cuts);
    if item.is_of_accounts() && measured.shown.0 < LEAST_ACCOUNTS {
        e_value = e_value.min(if measured.shown.0 == 0 { 0.0 } else { 1.0 });
    }
    let Some(elsewhere) = &measured.elsewhere else { return (e_value, chance, None) };
    let ranked = RankedScores::new(elsewhere.iter().copied(), elsewhere.len());
    let of_dates = (1 + ranked.above(measured.campaign)) as f64 / (1 + ranked.len()) as f64;
    // The lesser of two e-values is one.
    (e_value.min(ranked.e_value(measured.campaign)), chance, Some(of_dates))
}

/// What stands behind the facts by which an organisation is known to an item, each with its sources.
fn sources(entity: &Entity, item: ItemKind) -> Vec<String> {
    let told = |name: &str, words: &str| format!("{name}: {words}");
    let domains = || entity.domains.iter().map(|fact| told(&fact.name, &fact.standing.words));
    let of_networks = |rented: bool| {
        let networks = entity.networks.iter().filter(move |fact| fact.value.is_rented_out == rented);
        networks.map(|fact| told(&fact.name, &fact.standing.words))
    };
    match item {
        ItemKind::MailVerified | ItemKind::MailSpelled => domains().collect(),
        ItemKind::ExchangeNetwork | ItemKind::SignupNetwork => of_networks(false).collect(),
        ItemKind::RentedNetwork => of_networks(true).collect(),
        ItemKind::Instrument | ItemKind::KnownAddress => {
            entity.instruments.iter().map(|fact| told(&fact.name, &fact.standing.words)).collect()
        }
        ItemKind::Hours | ItemKind::Holidays => {
            entity.hours.iter().map(|fact| told(&fact.name, &fact.standing.words)).collect()
        }
        ItemKind::ReleaseAhead | ItemKind::ReleaseAfter => {
            entity.releases.iter().map(|fact| told(&fact.name, &fact.standing.words)).collect()
        }
        ItemKind::CodeNameUnpublished | ItemKind::CodeNamePublic => {
            entity.code_names.iter().map(|fact| told(&fact.name, &fact.standing.words)).collect()
        }
    }
}

/// What the families say, each by its strongest item, which `e_value` reads from an item.
#[must_use]
pub fn families(items: &[Item], e_value: impl Fn(&Item) -> f64) -> Vec<FamilyWeight> {
    let of_family = |family: Family| {
        let asked: Vec<&Item> = items.iter().filter(|item| item.family == family).collect();
        // Of equals the one that cannot be forged.
        let order =
            |a: &&&Item, b: &&&Item| e_value(a).total_cmp(&e_value(b)).then_with(|| b.forgeable.cmp(&a.forgeable));
        // And that one first where it says something at all: else whoever runs a campaign would lay forgeable evidence of
        // themselves on top of it, and so be named by nothing.
        let share = |item: &Item| e_value(item) / asked.len() as f64;
        let firm = asked.iter().filter(|item| !item.forgeable).max_by(order);
        let strongest = firm.filter(|item| share(item) >= SPEAKS).or_else(|| asked.iter().max_by(order))?;
        let left = share(strongest);
        Some(FamilyWeight {
            family,
            item: strongest.item,
            asked: asked.len(),
            e_value: left,
            ratio: f64::midpoint(1.0, left),
            forgeable: strongest.forgeable,
            speaks: left >= SPEAKS,
        })
    };
    Family::ALL.into_iter().filter_map(of_family).collect()
}
