//! From ties to dense groups.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use evidence::frequency_bits;

use crate::bridge::bridges;
use crate::cluster::clusters;
use crate::linked::linked_groups;
use crate::peel::Graph;
use crate::peel::densest_block;
use crate::tie::Tie;
use crate::tie::Value;

/// Weights are kept in sixteenths of a bit.
const PER_BIT: f64 = 16.0;
/// The most values of a block that are compared with each other.
const MOST_COMPARED: usize = 600;
/// Each tie is looked at this often at most, on average: the search is repeated after each group that is taken out.
const WORK_PER_TIE: usize = 64;
/// Work that is always allowed, in ties.
const LEAST_WORK: usize = 1 << 22;
/// The fewest values that tell one body of work from another.
const LEAST_VALUES: usize = 3;

/// What counts as a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Fewest customers in a group.
    pub least_customers: usize,
    /// Fewest bits that a value must weigh to tie anybody: rarer than one customer in `2^bits`.
    pub least_bits: f64,
    /// Fewest customers that must hold a value before it ties anybody. Values held by two make chains, not groups,
    /// unless holding one is telling in itself.
    pub least_holders: usize,
    /// Most customers that may hold a value that ties anybody.
    pub most_holders: usize,
    /// How groups are taken out of a connected part.
    pub shape: Shape,
}

/// How groups are taken out of a connected part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Bridges are cut, and the densest blocks are peeled out, parted where their values fall into clean sets: a chain of
    /// weak links is not a group.
    Dense,
    /// Blocks are peeled out likewise, and parted where their accounts fall into clean clusters: for values so faint that
    /// every body of work holds some of all of them.
    Clustered,
    /// Values are links between the few who hold them, and groups are the accounts with the most links: see
    /// `link/src/linked.rs`. Where each link is telling in itself, a chain is a group.
    Linked,
}

impl Limits {
    /// For values that a stranger holds only if somebody handed them over: two holders are telling, and many are a
    /// public text.
    #[must_use]
    pub fn handed_over() -> Self {
        Self { least_holders: 2, most_holders: 8, shape: Shape::Linked, ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { least_customers: 5, least_bits: 2.0, least_holders: 3, most_holders: usize::MAX, shape: Shape::Dense }
    }
}

/// Accounts that share much.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Indices of the accounts, ascending.
    pub accounts: Vec<u32>,
    /// The values that hold it together, heaviest total first: value, its bits, its holders inside, and in all.
    pub values: Vec<Shared>,
    /// Mean bits that an account of the group shares with the rest.
    pub bits_per_account: f64,
}

/// A value that a group shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shared {
    /// The value.
    pub value: Value,
    /// What sharing it weighs, in bits.
    pub bits: f64,
    /// Accounts of the group that hold it.
    pub inside: u32,
    /// Customers in the whole population that hold it.
    pub in_all: u32,
}

/// The groups of a set of ties.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The largest first.
    pub groups: Vec<Group>,
    /// Ties that were not searched because the work was bounded; zero but for enormous or hostile input.
    pub ties_unsearched: usize,
}

/// Finds dense groups of accounts, each tie in at most one of them, accounts in any number.
///
/// `customers` gives each account's customer: accounts that declare one organisation are one, so that what a
/// company shares with itself ties nobody. The result does not depend on the order of `ties`.
///
/// Method: values are weighed by [`frequency_bits`] over customers; the densest block is peeled out of each
/// connected part, its ties are taken away, and the rest is searched again, the largest part first, until nothing
/// is left. Accounts outside the block that hold at least a third of its mean weight are taken in: peeling to the
/// greatest density drops members that show less. [`Shape`] says what differs for hand-overs and for faint values. The work is bounded to a multiple of the ties.
pub fn dense_groups(ties: &[Tie], customers: &[u32], limits: &Limits) -> Found {
    let mut ties = ties.to_vec();
    ties.sort_unstable();
    ties.dedup();
    let holders = holders_of(&ties, customers);
    let population = customers.iter().copied().collect::<BTreeSet<u32>>().len() as u64;
    let bits: BTreeMap<Value, f64> = holders
        .iter()
        .filter(|(_, count)| (limits.least_holders..=limits.most_holders).contains(&(**count as usize)))
        .map(|(value, count)| (*value, frequency_bits(u64::from(*count), population)))
        .filter(|(_, bits)| *bits >= limits.least_bits)
        .collect();
    ties.retain(|tie| bits.contains_key(&tie.value));
    let mut budget = WORK_PER_TIE * ties.len() + LEAST_WORK;
    let mut found = Found::default();
    // By size, and then by the ties themselves, so that the order of search is that of the input's content.
    let mut queue: BTreeSet<(usize, Vec<Tie>)> = BTreeSet::new();
    let add = |queue: &mut BTreeSet<(usize, Vec<Tie>)>, ties: &[Tie]| {
        queue.extend(parts(ties, limits).into_iter().map(|part| (part.len(), part)));
    };
    if limits.shape == Shape::Linked {
        let (groups, unsearched) = take_linked(&ties, &bits, &holders, customers, limits, &mut budget);
        found.groups.extend(groups);
        found.ties_unsearched += unsearched;
        ties.clear();
    }
    add(&mut queue, &ties);
    while let Some((size, part)) = queue.pop_last() {
        if size > budget {
            found.ties_unsearched += size;
            continue;
        }
        budget -= size;
        let Some((groups, rest)) = peel_one(&part, &bits, &holders, customers, limits) else { continue };
        found.groups.extend(groups);
        add(&mut queue, &rest);
    }
    found.groups.sort_by(|a, b| b.accounts.len().cmp(&a.accounts.len()).then_with(|| a.accounts.cmp(&b.accounts)));
    found
}

/// Groups of customers that are linked, as groups of their accounts.
fn take_linked(
    ties: &[Tie],
    bits: &BTreeMap<Value, f64>,
    holders: &BTreeMap<Value, u32>,
    customers: &[u32],
    limits: &Limits,
    budget: &mut usize,
) -> (Vec<Group>, usize) {
    let customer_of = |account: u32| customers.get(account as usize).copied().unwrap_or(account);
    let mut held: BTreeMap<Value, BTreeSet<u32>> = BTreeMap::new();
    let mut ties_of: BTreeMap<u32, Vec<Tie>> = BTreeMap::new();
    for tie in ties {
        held.entry(tie.value).or_default().insert(customer_of(tie.account));
        ties_of.entry(customer_of(tie.account)).or_default().push(*tie);
    }
    let (found, unsearched) = linked_groups(held.values(), limits.least_customers, budget);
    let groups = found.iter().filter_map(|group| {
        let mut inside: Vec<Tie> = group.iter().filter_map(|one| ties_of.get(one)).flatten().copied().collect();
        inside.sort_unstable();
        let strand = Strand {
            values: inside.iter().map(|tie| tie.value).collect(),
            core: inside.iter().map(|tie| tie.account).collect(),
        };
        group_of(&strand, &inside, bits, holders, customers, limits)
    });
    (groups.collect(), unsearched)
}

/// Customers that hold each value.
fn holders_of(sorted: &[Tie], customers: &[u32]) -> BTreeMap<Value, u32> {
    let mut pairs: Vec<(Value, u32)> = sorted
        .iter()
        .map(|tie| (tie.value, customers.get(tie.account as usize).copied().unwrap_or(tie.account)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut holders = BTreeMap::new();
    for (value, _) in pairs {
        *holders.entry(value).or_insert(0) += 1;
    }
    holders
}

/// The connected parts of a set of ties, each sorted; the largest last, so that it is popped first.
fn components(ties: &[Tie]) -> Vec<Vec<Tie>> {
    let mut sets = DisjointSets::default();
    let mut value_ids: BTreeMap<Value, u32> = BTreeMap::new();
    let mut account_ids: BTreeMap<u32, u32> = BTreeMap::new();
    for tie in ties {
        let value = *value_ids.entry(tie.value).or_insert_with(|| sets.add());
        let account = *account_ids.entry(tie.account).or_insert_with(|| sets.add());
        sets.join(value, account);
    }
    let mut parts: BTreeMap<u32, Vec<Tie>> = BTreeMap::new();
    for tie in ties {
        if let Some(id) = account_ids.get(&tie.account) {
            parts.entry(sets.root(*id)).or_default().push(*tie);
        }
    }
    let mut parts: Vec<Vec<Tie>> = parts.into_values().collect();
    parts.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| b.cmp(a)));
    parts
}

/// The connected parts once bridges are cut: a bridge's ties go to the part with which it shares most.
fn parts(ties: &[Tie], limits: &Limits) -> Vec<Vec<Tie>> {
    let mut whole = components(ties);
    let mut cut = Vec::new();
    while let Some(part) = whole.pop() {
        let bridges = bridges(&part, limits.least_customers);
        if bridges.is_empty() {
            cut.push(part);
            continue;
        }
        let (loose, fixed): (Vec<Tie>, Vec<Tie>) = part.into_iter().partition(|tie| bridges.contains(&tie.account));
        let mut pieces = components(&fixed);
        let mut piece_of: BTreeMap<Value, usize> = BTreeMap::new();
        for (at, piece) in pieces.iter().enumerate() {
            piece_of.extend(piece.iter().map(|tie| (tie.value, at)));
        }
        // Ties are sorted by account, so each bridge's are one run.
        for own in loose.chunk_by(|a, b| a.account == b.account) {
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            for at in own.iter().filter_map(|tie| piece_of.get(&tie.value)) {
                *shared.entry(*at).or_default() += 1;
            }
            let most = shared.iter().max_by_key(|(at, count)| (**count, std::cmp::Reverse(**at))).map(|(at, _)| *at);
            if let Some((at, piece)) = most.and_then(|at| pieces.get_mut(at).map(|piece| (at, piece))) {
                piece.extend(own.iter().filter(|tie| piece_of.get(&tie.value) == Some(&at)));
            }
        }
        pieces.iter_mut().for_each(|piece| piece.sort_unstable());
        whole.extend(pieces);
    }
    cut.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| b.cmp(a)));
    cut
}

/// Takes the densest block out of one connected part: its groups, if it is large enough to be any, and the ties that
/// are left, which are always fewer.
fn peel_one(
    part: &[Tie],
    bits: &BTreeMap<Value, f64>,
    holders: &BTreeMap<Value, u32>,
    customers: &[u32],
    limits: &Limits,
) -> Option<(Vec<Group>, Vec<Tie>)> {
    let accounts: Vec<u32> = part.iter().map(|tie| tie.account).collect::<BTreeSet<_>>().into_iter().collect();
    let values: Vec<Value> = part.iter().map(|tie| tie.value).collect::<BTreeSet<_>>().into_iter().collect();
    if accounts.len() < limits.least_customers {
        return None;
    }
    let weights: Vec<u32> = values.iter().map(|value| weight_of(bits, *value)).collect();
    let edges: Vec<(u32, u32)> = part
        .iter()
        .filter_map(|tie| {
            let account = accounts.binary_search(&tie.account).ok()?;
            let value = values.binary_search(&tie.value).ok()?;
            Some((account as u32, value as u32))
        })
        .collect();
    let block = densest_block(&Graph { left: accounts.len(), weights: &weights, edges: &edges });
    let chosen: BTreeSet<Value> = block.right.iter().filter_map(|at| values.get(*at as usize).copied()).collect();
    let core: BTreeSet<u32> = block.left.iter().filter_map(|at| accounts.get(*at as usize).copied()).collect();
    let inside: Vec<Tie> = part.iter().filter(|tie| chosen.contains(&tie.value)).copied().collect();
    let strands = match limits.shape {
        Shape::Clustered => clusters(&inside, &core, bits, limits.least_customers)
            .into_iter()
            .map(|core| Strand { values: chosen.clone(), core })
            .collect(),
        Shape::Dense | Shape::Linked => strands(&inside, &core),
    };
    let groups: Vec<Group> =
        strands.iter().filter_map(|strand| group_of(strand, &inside, bits, holders, customers, limits)).collect();
    let rest: Vec<Tie> = part.iter().filter(|tie| !chosen.contains(&tie.value)).copied().collect();
    (!chosen.is_empty()).then_some((groups, rest))
}

fn weight_of(bits: &BTreeMap<Value, f64>, value: Value) -> u32 {
    bits.get(&value).map_or(0, |bits| (bits * PER_BIT).round() as u32)
}

/// A part of a block: values that mostly the same accounts hold, and the core accounts that hold most of them.
struct Strand {
    values: BTreeSet<Value>,
    core: BTreeSet<u32>,
}

/// Parts a block into strands. Two bodies of work that share some values are denser together than apart; what tells
/// them apart is that each has values which the other's accounts do not hold. Values are of one strand when at
/// least half of all who hold either hold both; each core account belongs to the strand of which it holds the
/// largest part.
fn strands(inside: &[Tie], core: &BTreeSet<u32>) -> Vec<Strand> {
    let mut held_by: BTreeMap<Value, BTreeSet<u32>> = BTreeMap::new();
    for tie in inside.iter().filter(|tie| core.contains(&tie.account)) {
        held_by.entry(tie.value).or_default().insert(tie.account);
    }
    let held: Vec<(Value, BTreeSet<u32>)> = held_by.into_iter().collect();
    let mut sets = DisjointSets::default();
    for _ in &held {
        sets.add();
    }
    // A pool of identity or addresses has thousands of values, each held by few: it is one strand.
    if held.len() <= MOST_COMPARED {
        for (a, (_, one)) in held.iter().enumerate() {
            for (b, (_, other)) in held.iter().enumerate().skip(a + 1) {
                let (least, most) = (one.len().min(other.len()), one.len().max(other.len()));
                if least * 2 >= most {
                    let both = one.intersection(other).count();
                    if both * 2 >= one.len() + other.len() - both {
                        sets.join(a as u32, b as u32);
                    }
                }
            }
        }
    }
    let mut strands: BTreeMap<u32, Strand> = BTreeMap::new();
    for (at, (value, _)) in held.iter().enumerate() {
        let root = if held.len() <= MOST_COMPARED { sets.root(at as u32) } else { 0 };
        let strand = strands.entry(root).or_insert_with(|| Strand { values: BTreeSet::new(), core: BTreeSet::new() });
        strand.values.insert(*value);
    }
    // A card or an address is no body of work: what holds few values stays with the rest.
    if strands.values().filter(|strand| strand.values.len() >= LEAST_VALUES).count() < 2 {
        let values = held.into_iter().map(|(value, _)| value).collect();
        return vec![Strand { values, core: core.clone() }];
    }
    strands.retain(|_, strand| strand.values.len() >= LEAST_VALUES);
    let mut values_of: BTreeMap<u32, BTreeSet<Value>> = BTreeMap::new();
    for tie in inside.iter().filter(|tie| core.contains(&tie.account)) {
        values_of.entry(tie.account).or_default().insert(tie.value);
    }
    let accounts = values_of.len();
    let mut placed = 0;
    for (account, values) in values_of {
        let part = |strand: &Strand| {
            let held = strand.values.intersection(&values).count();
            (held << 20) / strand.values.len().max(1)
        };
        // The first of equals, which is the one with the smallest value.
        let best = strands.values_mut().rev().max_by_key(|strand| part(strand));
        if let Some(best) = best {
            placed += usize::from(part(best) * 3 >= 1 << 20);
            best.core.insert(account);
        }
    }
    // A cut must be clean: nine accounts in ten hold a third of their strand. Otherwise the values are those of one
    // body of work, of which each account shows a few.
    if placed * 10 < accounts * 9 {
        let values = held.into_iter().map(|(value, _)| value).collect();
        return vec![Strand { values, core: core.clone() }];
    }
    strands.into_values().filter(|strand| !strand.core.is_empty()).collect()
}

/// A group from a strand: its core, and every account of the block that holds enough of its values.
fn group_of(
    strand: &Strand,
    inside: &[Tie],
    bits: &BTreeMap<Value, f64>,
    holders: &BTreeMap<Value, u32>,
    customers: &[u32],
    limits: &Limits,
) -> Option<Group> {
    let own = || inside.iter().filter(|tie| strand.values.contains(&tie.value));
    let mut shared_weight: BTreeMap<u32, u64> = BTreeMap::new();
    for tie in own() {
        *shared_weight.entry(tie.account).or_default() += u64::from(weight_of(bits, tie.value));
    }
    let total: u64 = strand.core.iter().filter_map(|account| shared_weight.get(account)).sum();
    let mean = total / strand.core.len().max(1) as u64;
    let holds_enough = |weight: u64| limits.shape == Shape::Linked || weight * 3 >= mean.max(1);
    let may_join = |account: &u32| limits.shape != Shape::Clustered || strand.core.contains(account);
    let members: BTreeSet<u32> = shared_weight
        .iter()
        .filter(|(account, weight)| holds_enough(**weight) && may_join(account))
        .map(|(account, _)| *account)
        .collect();
    let customer_of = |account: &u32| customers.get(*account as usize).copied().unwrap_or(*account);
    let customer_count = members.iter().map(customer_of).collect::<BTreeSet<_>>().len();
    if customer_count < limits.least_customers || (mean as f64) / PER_BIT < limits.least_bits {
        return None;
    }
    let mut counts: BTreeMap<Value, u32> = BTreeMap::new();
    for tie in own().filter(|tie| members.contains(&tie.account)) {
        *counts.entry(tie.value).or_default() += 1;
    }
    let mut shared: Vec<Shared> = counts
        .into_iter()
        .map(|(value, inside)| Shared {
            value,
            bits: bits.get(&value).copied().unwrap_or(0.0),
            inside,
            in_all: holders.get(&value).copied().unwrap_or(0),
        })
        .collect();
    shared.sort_by(|a, b| {
        let total = |shared: &Shared| shared.bits * f64::from(shared.inside);
        total(b).total_cmp(&total(a)).then_with(|| a.value.cmp(&b.value))
    });
    let accounts = members.into_iter().collect();
    Some(Group { accounts, values: shared, bits_per_account: mean as f64 / PER_BIT })
}

/// Union-find with path halving; the smaller root wins, so that roots do not depend on the order of joins.
#[derive(Default)]
struct DisjointSets {
    parent: Vec<u32>,
}

impl DisjointSets {
    fn add(&mut self) -> u32 {
        let id = self.parent.len() as u32;
        self.parent.push(id);
        id
    }

    fn root(&mut self, mut id: u32) -> u32 {
        while let Some(parent) = self.parent.get(id as usize).copied() {
            if parent == id {
                break;
            }
            let grand = self.parent.get(parent as usize).copied().unwrap_or(parent);
            if let Some(slot) = self.parent.get_mut(id as usize) {
                *slot = grand;
            }
            id = grand;
        }
        id
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.parent.get_mut(a.max(b) as usize) {
            *slot = a.min(b);
        }
    }
}
