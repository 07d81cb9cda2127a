//! Parting a block into bodies of work.

use std::collections::BTreeMap;

use crate::bond::at;
use crate::bond::set;
use crate::part::DisjointSets;

/// The most values of a block that are compared with each other.
const MAX_COMPARED: usize = 600;
/// The fewest values that tell one body of work from another.
const MIN_VALUES: usize = 3;
/// A whole strand's values, in fixed point.
const WHOLE: usize = 1 << 20;

/// A part of a block: values that mostly the same accounts hold, and the core accounts that hold most of them. All are
/// places in the connected part, ascending.
#[derive(Debug, Clone, Default)]
pub struct Strand {
    /// The values.
    pub values: Vec<u32>,
    /// The accounts.
    pub core: Vec<u32>,
}

/// Parts a block into strands. Two bodies of work that share some values are denser together than apart; what tells
/// them apart is that each has values which the other's accounts do not hold. Values are of one strand when at
/// least two thirds of all who hold either hold both; each core account belongs to the strand of which it holds the
/// largest part.
///
/// `inside` are the block's edges, ascending; `core` its accounts; `accounts` and `values` how many there are in the part.
pub fn strands(inside: &[(u32, u32)], core: &[u32], accounts: usize, values: usize) -> Vec<Strand> {
    let mut rank = vec![u32::MAX; accounts];
    core.iter().zip(0..).for_each(|(account, place)| set(&mut rank, *account, place));
    let own = || inside.iter().filter(|(account, _)| at(&rank, *account) != u32::MAX);
    let mut held: Vec<u32> = own().map(|(_, value)| *value).collect();
    held.sort_unstable();
    held.dedup();
    let all = |values: Vec<u32>| vec![Strand { values, core: core.to_vec() }];
    // A pool of identity or addresses has thousands of values, each held by few: it is one strand.
    if held.len() > MAX_COMPARED {
        return all(held);
    }
    let mut place = vec![u32::MAX; values];
    held.iter().zip(0..).for_each(|(value, at)| set(&mut place, *value, at));
    let mut sets =
        alike(own().map(|(account, value)| (at(&rank, *account), at(&place, *value))), held.len(), core.len());
    let mut strands: BTreeMap<u32, Strand> = BTreeMap::new();
    for (value, at) in held.iter().zip(0..) {
        strands.entry(sets.root(at)).or_default().values.push(*value);
    }
    // A card or an address is no body of work: what holds few values stays with the rest.
    strands.retain(|_, strand| strand.values.len() >= MIN_VALUES);
    if strands.len() < 2 {
        return all(held);
    }
    let mut strands: Vec<Strand> = strands.into_values().collect();
    let mut strand_of = vec![u32::MAX; values];
    for (strand, number) in strands.iter().zip(0..) {
        strand.values.iter().for_each(|value| set(&mut strand_of, *value, number));
    }
    let edges: Vec<(u32, u32)> = own().copied().collect();
    let (mut holders, mut placed) = (0, 0);
    for run in edges.chunk_by(|a, b| a.0 == b.0) {
        let Some((account, _)) = run.first() else { continue };
        let mut counts = vec![0_usize; strands.len()];
        for (_, value) in run {
            if let Some(count) = counts.get_mut(at(&strand_of, *value) as usize) {
                *count += 1;
            }
        }
        let part = |(count, strand): (&usize, &Strand)| (count * WHOLE) / strand.values.len().max(1);
        let parts: Vec<usize> = counts.iter().zip(&strands).map(part).collect();
        // The first of equals, which is the one with the smallest value.
        let best = parts.iter().enumerate().rev().max_by_key(|(_, part)| **part);
        if let Some((number, part)) = best {
            placed += usize::from(part * 3 >= WHOLE);
            if let Some(strand) = strands.get_mut(number) {
                strand.core.push(*account);
            }
        }
        holders += 1;
    }
    // A cut must be clean: nine accounts in ten hold a third of their strand. Otherwise the values are those of one
    // body of work, of which each account shows a few.
    if placed * 10 < holders * 9 {
        return all(held);
    }
    strands.retain(|strand| !strand.core.is_empty());
    strands
}

/// Joins the values of which at least two thirds of all who hold either hold both. `edges` are account and value, numbered from
/// zero.
fn alike(edges: impl Iterator<Item = (u32, u32)>, values: usize, accounts: usize) -> DisjointSets {
    let words = accounts.div_ceil(64).max(1);
    let mut bits = vec![0_u64; values * words];
    for (account, value) in edges {
        if let Some(word) = bits.get_mut(value as usize * words + account as usize / 64) {
            *word |= 1 << (account % 64);
        }
    }
    let holders: Vec<(u32, &[u64])> =
        bits.chunks(words).map(|words| (words.iter().map(|word| word.count_ones()).sum(), words)).collect();
    let mut sets = DisjointSets::new(values);
    for (a, (one, one_bits)) in holders.iter().enumerate() {
        for (b, (other, other_bits)) in holders.iter().enumerate().skip(a + 1) {
            if one.min(other) * 2 >= *one.max(other) {
                let both: u32 = one_bits.iter().zip(*other_bits).map(|(a, b)| (a & b).count_ones()).sum();
                if both * 3 >= 2 * (one + other - both) {
                    sets.join(a as u32, b as u32);
                }
            }
        }
    }
    sets
}
