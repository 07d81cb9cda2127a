//! Who of a group is a member, by what the account itself holds.
//!
//! A group is formed by one half of the items that accounts share. Who of it is a member is told by the other half: how
//! much an account has in common with the rest of the group, against honest accounts of like volume. An account that
//! shares public items only has as much in common with many others, and stays out.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use cohort::Items;
use detect::Context;
use evidence::Reference;
use evidence::benjamini_hochberg;
use evidence::surprise;
use link::Value;
use record::ObservableKind;
use verdict::ViewKind;

use crate::candidate::Candidate;
use crate::candidate::View;
use crate::candidate::ties_of;
use crate::hypothesis::Hypothesis;
use crate::hypothesis::knows_work;
use crate::hypothesis::specific;

/// The share of a campaign's members that may be none of it, on average: the rate at which members are told.
const MEMBER_FDR: f64 = 0.05;
/// How few of a group's plain members may be less like it than an account that was not grouped in every way.
const ATYPICAL: f64 = 0.02;
/// The fewest accounts that an account is compared with, the nearest in volume first. A conformal p-value is at least one
/// over their number and one; times five kinds of ties it is then within half of [`MEMBER_FDR`], so that a group half of
/// which are members can be told.
const MIN_COMPARED: usize = 199;
/// The most items that are listed as an account's evidence, where they are of one or two kinds.
const MAX_LISTED: usize = 5;
/// Items of every kind that are listed, so that five wordings do not hide a card.
const LISTED_OF_KIND: usize = 2;

/// Something that an account did which ties it to the rest of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    /// What it is.
    pub value: Value,
    /// Other accounts of the group that hold it.
    pub in_common: u32,
    /// How far that is above chance, in standard deviations.
    pub surprise: f64,
}

/// An account of a group, with what it has in common with the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The account.
    pub account: u32,
    /// The p-value of what it has in common with the rest, among accounts of like volume.
    pub p_value: f64,
    /// The items that say most, the most surprising first.
    pub items: Vec<Item>,
}

/// The items of some accounts, and how many accounts hold each in all.
#[derive(Debug, Default)]
pub struct Holdings {
    of_account: HashMap<u32, Vec<Value>>,
    holders: HashMap<Value, u32>,
    accounts: f64,
}

impl Holdings {
    /// Looks up what the accounts of hypotheses and those that they are compared with hold.
    #[must_use]
    pub fn of(context: &Context<'_>, views: &[View], accounts: &BTreeSet<u32>) -> Self {
        let mut wanted = vec![false; context.population.entities().len()];
        for account in accounts.iter().copied().chain(context.sample.all()) {
            if let Some(wanted) = wanted.get_mut(account as usize) {
                *wanted = true;
            }
        }
        let is_wanted = |account: u32| wanted.get(account as usize).copied().unwrap_or(false);
        let ties = || views.iter().flat_map(|view| &view.ties);
        let mut holdings = Self { accounts: wanted.len() as f64, ..Self::default() };
        for tie in ties().filter(|tie| is_wanted(tie.account) && is_own_act(context, tie.account, tie.value)) {
            holdings.of_account.entry(tie.account).or_default().push(tie.value);
            holdings.holders.entry(tie.value).or_default();
        }
        for tie in ties() {
            if let Some(holders) = holdings.holders.get_mut(&tie.value) {
                *holders += 1;
            }
        }
        holdings
    }

    fn items(&self, account: u32, half: Items) -> impl Iterator<Item = Value> + '_ {
        let all = self.of_account.get(&account).into_iter().flatten().copied();
        all.filter(move |value| half.hold(value.hash))
    }
}

/// Whether an account holds a value by its own act. What others do with its answers is none of it: only who sends an
/// answer that another was given has done something.
fn is_own_act(context: &Context<'_>, account: u32, value: Value) -> bool {
    value.kind != ObservableKind::Answer
        || context.population.get(account).is_some_and(|entity| entity.profile.quotes.get(value.hash).is_some())
}

/// What a group holds of one half of the items.
struct Inside<'a> {
    holdings: &'a Holdings,
    half: Items,
    size: f64,
    counts: HashMap<Value, u32>,
}

impl<'a> Inside<'a> {
    fn of(holdings: &'a Holdings, half: Items, members: &BTreeSet<u32>) -> Self {
        let mut counts: HashMap<Value, u32> = HashMap::new();
        for value in members.iter().flat_map(|account| holdings.items(*account, half)) {
            *counts.entry(value).or_default() += 1;
        }
        Self { holdings, half, size: members.len() as f64, counts }
    }

    /// How much more often the rest of the group holds a value than accounts outside of it do, and how many of the rest
    /// hold it.
    fn worth(&self, value: Value, is_member: bool) -> (f64, u32) {
        let all = self.counts.get(&value).copied().unwrap_or(0);
        let own = u32::from(is_member);
        let rest = all.saturating_sub(own);
        let outside = self.holdings.holders.get(&value).copied().unwrap_or(0).saturating_sub(all);
        let rate = (f64::from(outside) + 0.5) / (self.holdings.accounts - self.size + 1.0).max(1.0);
        (surprise(f64::from(rest), (self.size - f64::from(own)) * rate), rest)
    }

    /// Whether an account holds any item of one kind of ties on this half.
    fn holds_any(&self, account: u32, ties: ViewKind) -> bool {
        self.holdings.items(account, self.half).any(|value| ties_of(value.kind) == ties)
    }

    /// How much an account has in common with the rest of the group, in items of one kind of ties.
    fn likeness(&self, account: u32, ties: ViewKind, is_member: bool) -> f64 {
        let own = self.holdings.items(account, self.half).filter(|value| ties_of(value.kind) == ties);
        own.map(|value| self.worth(value, is_member).0).sum()
    }

    /// The p-value of some accounts of the group in items of one kind of ties, among sampled accounts outside of it.
    fn p_values(&self, context: &Context<'_>, members: &BTreeSet<u32>, ties: ViewKind, of: &BTreeSet<u32>) -> Vec<f64> {
        let outside = context.sample.all().filter(|account| !members.contains(account));
        let mut by_volume: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for account in outside {
            let likeness = self.likeness(account, ties, false);
            by_volume.entry(context.population.stratum(account)).or_default().push(likeness);
        }
        let mut references: BTreeMap<u32, Reference> = BTreeMap::new();
        let p_value = |account: &u32| {
            let likeness = self.likeness(*account, ties, true);
            let stratum = context.population.stratum(*account);
            let reference = references.entry(stratum).or_insert_with(|| nearest_in_volume(&by_volume, stratum));
            if likeness <= 0.0 { 1.0 } else { reference.p_value(0, likeness) }
        };
        of.iter().map(p_value).collect()
    }
}

/// What accounts of a stratum are compared with: those of the stratum, and of the nearest others until they are enough. Of two
/// that are as near, those of more volume come first, which have more in common with everybody.
fn nearest_in_volume(by_volume: &BTreeMap<u32, Vec<f64>>, stratum: u32) -> Reference {
    let mut strata: Vec<u32> = by_volume.keys().copied().collect();
    strata.sort_by_key(|other| (other.abs_diff(stratum), *other < stratum));
    let mut compared: Vec<f64> = Vec::new();
    for scores in strata.iter().filter_map(|one| by_volume.get(one)) {
        if compared.len() < MIN_COMPARED {
            compared.extend(scores);
        }
    }
    Reference::new(compared.into_iter().map(|likeness| (0, likeness)))
}

/// How an account was grouped.
#[derive(Debug, Clone, Default)]
struct Found {
    /// The largest of the halves' p-values; `None` where neither could be tested.
    p_value: Option<f64>,
    /// The halves that grouped it, each by what it does or by what it shares: cards, exits.
    ways: BTreeSet<(Half, bool)>,
    /// The kinds of ties that grouped it.
    kinds: BTreeSet<ViewKind>,
}

/// A half's place among both.
type Half = usize;

impl Found {
    /// Whether ties that cannot be public grouped it.
    fn by_own_ties(&self) -> bool {
        self.kinds.iter().any(|ties| !may_be_public(*ties))
    }

    fn halves(&self) -> BTreeSet<Half> {
        self.ways.iter().map(|(half, _)| *half).collect()
    }
}

/// Whether strangers may have ties of a kind in common because what ties them is public.
const fn may_be_public(ties: ViewKind) -> bool {
    match ties {
        ViewKind::Frames | ViewKind::Phrases | ViewKind::Addresses => true,
        ViewKind::Registration | ViewKind::TransferredContent => false,
    }
}

/// Whether conversations that moved hold most of a hypothesis from each half of the items. Cards do not say as much: a pool has many,
/// each for a few accounts, and who has one of its own may be in it too.
fn is_told_by_moved_work(hypothesis: &Hypothesis, candidates: &[Candidate]) -> bool {
    Items::HALVES.into_iter().all(|half| {
        let own = specific(&hypothesis.parts, candidates)
            .filter(|part| part.formed_on == half && part.ties == ViewKind::TransferredContent)
            .flat_map(|part| part.group.accounts.iter().copied());
        own.collect::<BTreeSet<u32>>().len() * 2 > hypothesis.accounts.len()
    })
}

/// The members of a hypothesis: those accounts of its candidates that have more in common with the rest than accounts of
/// like volume have, at a rate of five in a hundred, and at least one item to show for it.
///
/// *Null:* an account is exchangeable with the sampled accounts of its stratum outside the group in how much it has in
/// common with the rest of it: in items of the kind of ties that grouped it, on the half that did not. Where several kinds
/// did, the smallest p-value counts, times their number (Bonferroni). An account that was grouped from both halves must
/// pass on both. Of what is registered an account has one of each kind, and it lies in one of the halves: where it has nothing on the half
/// that would test it, that kind tests nothing there.
///
/// *What breaks it:* who asks much of what is public does so in both halves. Such an account may be drawn in, and is then not
/// exchangeable with the sample on the half that did not. So an account that only ties grouped which may be public, and not
/// in every way that the hypothesis was found (from both halves, by what its accounts do and by what they come from), must be
/// like the members too: its likeness to the group is not among the lowest fiftieth of those who were grouped in every way,
/// and not below all of them. Where they are fewer than forty-nine, those count whom both halves grouped. Otherwise it is left
/// out. Together the two tests are a conformal prediction of the class (Vovk, Gammerman and Shafer, Algorithmic Learning in a
/// Random World, 2005): an account is a member where "member" is the only class that is not refused. A card of the pool, or a
/// conversation that was handed over, is nobody's by accident, and needs no more.
///
/// Where conversations that moved hold most of the hypothesis from each half, they say who is in it, and an account that only
/// public ties grouped is watched. Strangers who ask the same thing all day have more in common with each other than a member has with the
/// rest, so that no likeness tells them apart. What it costs was counted: docs/method.md.
///
/// *Control:* Benjamini and Hochberg (1995) inside the group, over conformal p-values (Bates et al., Annals of
/// Statistics 2023).
#[must_use]
pub fn members(
    context: &Context<'_>,
    holdings: &Holdings,
    hypothesis: &Hypothesis,
    candidates: &[Candidate],
) -> Vec<Member> {
    let mut found: BTreeMap<u32, Found> = BTreeMap::new();
    let all: BTreeSet<u32> = hypothesis.accounts.iter().copied().collect();
    let needs_own_ties = is_told_by_moved_work(hypothesis, candidates);
    for (half, formed_on) in Items::HALVES.into_iter().enumerate() {
        let mut grouped: BTreeMap<ViewKind, BTreeSet<u32>> = BTreeMap::new();
        for part in specific(&hypothesis.parts, candidates).filter(|part| part.formed_on == formed_on) {
            grouped.entry(part.ties).or_default().extend(part.group.accounts.iter().copied());
            for account in &part.group.accounts {
                found.entry(*account).or_default().ways.insert((half, knows_work(part)));
            }
        }
        let inside = Inside::of(holdings, formed_on.others(), &all);
        let mut of_account: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
        for (ties, accounts) in &grouped {
            for (account, p_value) in accounts.iter().zip(inside.p_values(context, &all, *ties, accounts)) {
                found.entry(*account).or_default().kinds.insert(*ties);
                if *ties == ViewKind::Registration && !inside.holds_any(*account, *ties) {
                    continue;
                }
                let (smallest, kinds) = of_account.entry(*account).or_insert((1.0, 0));
                *smallest = smallest.min(p_value);
                *kinds += 1;
            }
        }
        for (account, (smallest, kinds)) in of_account {
            let found = found.entry(account).or_default();
            let p_value = (smallest * f64::from(kinds)).min(1.0);
            found.p_value = Some(found.p_value.map_or(p_value, |other| other.max(p_value)));
        }
    }
    let inside = Inside::of(holdings, Items::All, &all);
    found.retain(|_, one| !needs_own_ties || one.by_own_ties());
    let found = without_the_atypical(&inside, found);
    let accounts: Vec<u32> = found.keys().copied().collect();
    let values: Vec<f64> = found.values().map(|found| found.p_value.unwrap_or(1.0)).collect();
    let told = benjamini_hochberg(&values, MEMBER_FDR).into_iter();
    let member = |at: usize| {
        let (account, p_value) = (*accounts.get(at)?, *values.get(at)?);
        let items = listed(&inside, account);
        (!items.is_empty()).then_some(Member { account, p_value, items })
    };
    told.filter_map(member).collect()
}

/// Leaves out who was not grouped in every way, by ties that may be public, and is among the lowest fiftieth of those who
/// were, in what they have in common with the rest by the kinds of ties that grouped it.
fn without_the_atypical(inside: &Inside<'_>, mut found: BTreeMap<u32, Found>) -> BTreeMap<u32, Found> {
    let ways: BTreeSet<(Half, bool)> = found.values().flat_map(|found| found.ways.iter().copied()).collect();
    let halves: BTreeSet<Half> = ways.iter().map(|(half, _)| *half).collect();
    let enough = (1.0 / ATYPICAL) as usize - 1;
    let in_every_way = |found: &Found| found.ways == ways;
    let is_every_way_enough = found.values().filter(|one| in_every_way(one)).count() >= enough;
    let is_plain = |one: &Found| if is_every_way_enough { in_every_way(one) } else { one.halves() == halves };
    let plain: Vec<u32> = found.iter().filter(|(_, one)| is_plain(one)).map(|(account, _)| *account).collect();
    let likeness = |account: u32, kinds: &BTreeSet<ViewKind>| -> f64 {
        kinds.iter().map(|ties| inside.likeness(account, *ties, true)).sum()
    };
    let mut known: BTreeMap<BTreeSet<ViewKind>, Vec<f64>> = BTreeMap::new();
    for one in found.values().filter(|one| !is_plain(one) && !known.contains_key(&one.kinds)).collect::<Vec<_>>() {
        let mut of_plain: Vec<f64> = plain.iter().map(|account| likeness(*account, &one.kinds)).collect();
        of_plain.sort_unstable_by(f64::total_cmp);
        known.insert(one.kinds.clone(), of_plain);
    }
    let is_typical = |account: u32, kinds: &BTreeSet<ViewKind>| {
        let of_plain = known.get(kinds).map(Vec::as_slice).unwrap_or_default();
        let own = likeness(account, kinds);
        let below = of_plain.partition_point(|one| *one <= own);
        below > 0 && (below + 1) as f64 > ATYPICAL * (of_plain.len() + 1) as f64
    };
    found.retain(|account, one| is_plain(one) || one.by_own_ties() || is_typical(*account, &one.kinds));
    found
}

/// The items by which an account is most plainly of the group: the first two of every kind, and others up to five.
fn listed(inside: &Inside<'_>, account: u32) -> Vec<Item> {
    let worth = |value: Value| {
        let (surprise, in_common) = inside.worth(value, true);
        Item { value, in_common, surprise }
    };
    let mut items: Vec<Item> = inside.holdings.items(account, Items::All).map(worth).collect();
    items.retain(|item| item.in_common > 0 && item.surprise > 0.0);
    items.sort_by(by_surprise);
    let mut of_kind: BTreeMap<ObservableKind, usize> = BTreeMap::new();
    let (mut first, rest): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| {
        let count = of_kind.entry(item.value.kind).or_default();
        *count += 1;
        *count <= LISTED_OF_KIND
    });
    let room = MAX_LISTED.saturating_sub(first.len());
    first.extend(rest.into_iter().take(room));
    first.sort_by(by_surprise);
    first
}

fn by_surprise(a: &Item, b: &Item) -> Ordering {
    b.surprise.total_cmp(&a.surprise).then_with(|| a.value.cmp(&b.value))
}

#[cfg(test)]
mod tests {
    use link::Group;
    use verdict::Family;

    use super::*;

    fn group(ties: ViewKind, formed_on: Items, accounts: std::ops::Range<u32>) -> Candidate {
        Candidate {
            formed_by: Family::Continuity,
            ties,
            low_specificity: false,
            formed_on,
            customers: accounts.len(),
            open: false,
            group: Group { accounts: accounts.collect(), values: Vec::new(), bits_per_account: 9.0 },
            findings: Vec::new(),
            part_of: None,
        }
    }

    #[test]
    fn moved_conversations_say_who_is_in_a_campaign_that_they_hold_most_of_from_each_half() {
        use Items::First;
        use Items::Second;
        use ViewKind::Frames;
        use ViewKind::Registration;
        use ViewKind::TransferredContent;
        let is_told = |ties: ViewKind, first: u32, second: u32| {
            let parts = [group(Frames, First, 0..100), group(ties, First, 0..first), group(ties, Second, 0..second)];
            let hypothesis =
                Hypothesis { parts: vec![0, 1, 2], accounts: (0..100).collect(), weight: 1.0, is_specific: true };
            is_told_by_moved_work(&hypothesis, &parts)
        };
        assert!(is_told(TransferredContent, 51, 80));
        assert!(!is_told(TransferredContent, 50, 80), "half is not most");
        assert!(!is_told(TransferredContent, 80, 0), "one half of the items alone");
        assert!(!is_told(Registration, 80, 80), "a pool has many cards");
    }

    #[test]
    fn an_account_is_compared_with_the_nearest_in_volume_until_they_are_enough() {
        let strata = |sizes: &[(u32, usize)]| -> BTreeMap<u32, Vec<f64>> {
            sizes.iter().map(|(stratum, size)| (*stratum, vec![f64::from(*stratum); *size])).collect()
        };
        // Enough of its own stratum: no other is looked at.
        assert_eq!(nearest_in_volume(&strata(&[(4, 300), (5, 199), (6, 300)]), 5).len(0), 199);
        // Too few: those of more volume come before those of less, and nobody who is farther away.
        let reference = nearest_in_volume(&strata(&[(3, 300), (4, 300), (5, 50), (6, 149), (9, 300)]), 5);
        assert_eq!(reference.len(0), 199);
        assert!(reference.p_value(0, 6.0) > 0.5, "those of more volume are in it");
        // Fewer than enough in all: everybody.
        assert_eq!(nearest_in_volume(&strata(&[(1, 20), (9, 30)]), 4).len(0), 50);
    }
}
