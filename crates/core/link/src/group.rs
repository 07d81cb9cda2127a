//! From ties to dense groups.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::bond::Bond;
use crate::bond::PER_BIT;
use crate::bond::Values;
use crate::bond::at;
use crate::bond::customer_of;
use crate::bond::distinct;
use crate::bond::set;
use crate::cluster::clusters;
use crate::limits::Limits;
use crate::limits::Shape;
use crate::linked::linked_groups;
use crate::part::Edges;
use crate::part::Part;
use crate::peel::densest_block;
use crate::pieces::parts;
use crate::strand::Strand;
use crate::strand::strands;
use crate::tie::Tie;
use crate::tie::Value;

/// Each tie is looked at this often at most, on average: the search is repeated after each group that is taken out.
const WORK_PER_TIE: usize = 64;
/// Work that is always allowed, in ties.
const MIN_WORK: usize = 1 << 22;

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
/// Method: values are weighed by [`evidence::frequency_bits`] over customers; the densest block is peeled out of each
/// connected part, its ties are taken away, and the rest is searched again, the largest part first, until nothing
/// is left. Accounts outside the block that hold at least a third of its mean weight are taken in: peeling to the
/// greatest density drops members that show less. [`Shape`] says what differs for transferred content and for values of low specificity. The work is bounded to a multiple of the ties.
pub fn dense_groups(ties: &[Tie], customers: &[u32], limits: &Limits) -> Found {
    let (values, bonds) = Values::of(ties, customers, limits);
    let mut budget = WORK_PER_TIE * bonds.len() + MIN_WORK;
    let mut search = Search { places: vec![0; values.len()], values: &values, customers, limits };
    let mut found = Found::default();
    if limits.shape == Shape::Linked {
        (found.groups, found.ties_unsearched) = search.linked(&bonds, &mut budget);
        sort(&mut found.groups);
        return found;
    }
    // By size, and then by the ties themselves, so that the order of search is that of the input's content.
    let mut queue: BTreeSet<(usize, Vec<Bond>)> = BTreeSet::new();
    let mut rest = bonds;
    loop {
        let parts = parts(&rest, limits.min_customers, &mut search.places);
        queue.extend(parts.into_iter().map(|part| (part.len(), part)));
        rest = Vec::new();
        let Some((size, part)) = queue.pop_last() else { break };
        if size > budget {
            found.ties_unsearched += size;
            continue;
        }
        budget -= size;
        if let Some((groups, left)) = search.peel_one(&part) {
            found.groups.extend(groups);
            rest = left;
        }
    }
    sort(&mut found.groups);
    found
}

fn sort(groups: &mut [Group]) {
    groups.sort_by(|a, b| b.accounts.len().cmp(&a.accounts.len()).then_with(|| a.accounts.cmp(&b.accounts)));
}

/// What a search looks up.
struct Search<'a> {
    values: &'a Values,
    customers: &'a [u32],
    limits: &'a Limits,
    /// Room for one entry a value.
    places: Vec<u32>,
}

impl Search<'_> {
    /// Groups of customers that are linked, as groups of their accounts; and the ties that were left unsearched.
    fn linked(&mut self, bonds: &[Bond], budget: &mut usize) -> (Vec<Group>, usize) {
        let mut held: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut bonds_of: BTreeMap<u32, Vec<Bond>> = BTreeMap::new();
        for bond in bonds {
            let customer = customer_of(self.customers, bond.account);
            held.entry(bond.value).or_default().insert(customer);
            bonds_of.entry(customer).or_default().push(*bond);
        }
        let (found, unsearched) = linked_groups(held.values(), self.limits.min_customers, budget);
        let groups = found.iter().filter_map(|group| {
            let mut inside: Vec<Bond> = group.iter().filter_map(|one| bonds_of.get(one)).flatten().copied().collect();
            inside.sort_unstable();
            let part = Part::new(&inside, &mut self.places);
            let every = |count: usize| (0..count as u32).collect();
            let strand = Strand { values: every(part.values.len()), core: every(part.accounts.len()) };
            self.group_of(&part, &part.edges, &strand)
        });
        (groups.collect(), unsearched)
    }

    /// Takes the densest block out of one connected part: its groups, if it is large enough to be any, and the ties that
    /// are left, which are always fewer.
    fn peel_one(&mut self, bonds: &[Bond]) -> Option<(Vec<Group>, Vec<Bond>)> {
        let part = Part::new(bonds, &mut self.places);
        if part.accounts.len() < self.limits.min_customers {
            return None;
        }
        let weights: Vec<u32> = part.values.iter().map(|value| self.values.weight(*value)).collect();
        let block = densest_block(&part.neighbours(), part.accounts.len(), &weights);
        if block.right.is_empty() {
            return None;
        }
        let mut chosen = vec![false; part.values.len()];
        block.right.iter().for_each(|value| set(&mut chosen, *value, true));
        let (inside, outside): (Edges, Edges) = part.edges.iter().partition(|(_, value)| at(&chosen, *value));
        let strands = match self.limits.shape {
            Shape::Clustered => clusters(&part, &inside, &block.left, self.values, self.limits.min_customers)
                .into_iter()
                .map(|core| Strand { values: block.right.clone(), core })
                .collect(),
            Shape::Dense | Shape::Linked => strands(&inside, &block.left, part.accounts.len(), part.values.len()),
        };
        let groups = strands.iter().filter_map(|strand| self.group_of(&part, &inside, strand)).collect();
        Some((groups, outside.into_iter().map(|edge| part.bond(edge)).collect()))
    }

    /// A group from a strand: its core, and every account of the block that holds enough of its values.
    fn group_of(&self, part: &Part, inside: &[(u32, u32)], strand: &Strand) -> Option<Group> {
        let mut is_own = vec![false; part.values.len()];
        strand.values.iter().for_each(|value| set(&mut is_own, *value, true));
        let own = || inside.iter().filter(|(_, value)| at(&is_own, *value));
        let mut shared_weight = vec![0_u64; part.accounts.len()];
        for (account, value) in own() {
            if let Some(sum) = shared_weight.get_mut(*account as usize) {
                *sum += u64::from(self.values.weight(at(&part.values, *value)));
            }
        }
        let total: u64 = strand.core.iter().map(|account| at(&shared_weight, *account)).sum();
        let mean = total / strand.core.len().max(1) as u64;
        let holds_enough = |weight: u64| self.limits.shape == Shape::Linked || weight * 3 >= mean.max(1);
        let may_join =
            |account: u32| self.limits.shape != Shape::Clustered || strand.core.binary_search(&account).is_ok();
        let is_member: Vec<bool> = shared_weight
            .iter()
            .zip(0..)
            .map(|(weight, account)| *weight > 0 && holds_enough(*weight) && may_join(account))
            .collect();
        let members = part.accounts.iter().zip(&is_member).filter(|(_, inside)| **inside).map(|(account, _)| *account);
        let accounts: Vec<u32> = members.collect();
        let customers = distinct(accounts.iter().map(|account| customer_of(self.customers, *account)).collect());
        if customers < self.limits.min_customers || (mean as f64) / PER_BIT < self.limits.min_bits {
            return None;
        }
        let mut counts = vec![0_u32; part.values.len()];
        for (_, value) in own().filter(|(account, _)| at(&is_member, *account)) {
            let before = at(&counts, *value);
            set(&mut counts, *value, before + 1);
        }
        let held = part.values.iter().zip(&counts).filter(|(_, inside)| **inside > 0);
        let mut shared: Vec<Shared> = held
            .filter_map(|(number, inside)| {
                let (bits, in_all) = (self.values.bits(*number), self.values.holders(*number));
                Some(Shared { value: self.values.value(*number)?, bits, inside: *inside, in_all })
            })
            .collect();
        shared.sort_by(|a, b| {
            let total = |shared: &Shared| shared.bits * f64::from(shared.inside);
            total(b).total_cmp(&total(a)).then_with(|| a.value.cmp(&b.value))
        });
        Some(Group { accounts, values: shared, bits_per_account: mean as f64 / PER_BIT })
    }
}
