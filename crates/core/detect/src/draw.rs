//! Random groups of the reference: what a group is compared with.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use cohort::Items;
use evidence::Counted;
use sketch::hash::mix;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::count_by_unit;
use crate::tables::Drawn;
use crate::tables::Table;

/// What random groups are asked for where members are ranked; none are drawn for ranks, whose rate is known.
const NARROWEST: f64 = 0.0;
/// Random groups drawn for the null rate, and the most members drawn in all.
const DRAWS: usize = 400;
const MAX_DRAWN: usize = 6_000;
const MAX_ACCOUNTS: usize = 2_000;
const MAX_DRAWN_DEAR: usize = 2_000;

/// A detector, and the items that it is shown.
#[derive(Clone, Copy)]
struct Look<'a> {
    detector: &'a Detector,
    items: Items,
}

/// The rate at which members of random groups show a detector's property; `None` where too few accounts are left to draw
/// from.
pub fn null_rate(context: &Context<'_>, detector: &Detector, members: &[u32], items: Items) -> Option<f64> {
    let reference = context.population.reference().len();
    match detector.null {
        Null::WithoutGroup => {
            let size = size_class(members.len()).min((reference / 2).max(members.len()));
            rate_without(context, Look { detector, items }, size, members, draws(size, MAX_DRAWN))
        }
        Null::OfAccounts => {
            // Half of the rest at most: what is drawn is compared with what is left.
            let rest = reference.saturating_sub(members.len());
            rate_without(context, Look { detector, items }, (rest / 2).min(MAX_ACCOUNTS), members, 1)
        }
        Null::BySize => rate_by_size(context, Look { detector, items }, members.len()),
    }
}

/// The rate in random groups of the next power of two, computed once a hunt.
fn rate_by_size(context: &Context<'_>, look: Look<'_>, size: usize) -> Option<f64> {
    let half = context.population.reference().len() / 2;
    let size = size.next_power_of_two().min(half.max(size));
    let compute = || random_rate(context, look, size, &[], draws(size, MAX_DRAWN_DEAR));
    *kept(&context.rates, (look.detector.name, look.items, size), compute)
}

/// The size of the random groups that stand for groups of a size: the next of two in each power of two. Larger groups
/// show what members share more often than smaller ones, so the rate is never too small for it.
fn size_class(size: usize) -> usize {
    let step = (size.next_power_of_two() / 4).max(1);
    size.next_multiple_of(step)
}

/// The rate in random groups of a size from the reference, less those that have a member of the tested group; as good as
/// groups from the reference without it, and drawn once for all groups. Where that leaves fewer than half, they are drawn
/// without the group.
fn rate_without(context: &Context<'_>, look: Look<'_>, size: usize, members: &[u32], draws: usize) -> Option<f64> {
    if size < 2 || context.population.reference().len() < size + members.len() {
        return random_rate(context, look, size, members, draws);
    }
    let drawn = kept(&context.drawn, (size, draws), || {
        let pool = Pool::new(context.population.reference(), &[]);
        let groups: Vec<Vec<u32>> = (0..draws).map(|draw| draw_group(&pool, size, seed_of(size, draw))).collect();
        let mut of_account: HashMap<u32, Vec<u32>> = HashMap::new();
        for (group, number) in groups.iter().zip(0..) {
            group.iter().for_each(|at| of_account.entry(*at).or_default().push(number));
        }
        Drawn { groups, of_account }
    });
    let touched: BTreeSet<u32> = members.iter().filter_map(|at| drawn.of_account.get(at)).flatten().copied().collect();
    if touched.len() * 2 > draws {
        return random_rate(context, look, size, members, draws);
    }
    let counts = kept(&context.counts, (look.detector.name, look.items, size, draws), || {
        drawn.groups.iter().map(|group| count_drawn(context, look, group)).collect::<Vec<Counted>>()
    });
    let left = counts.iter().zip(0..).filter(|(_, number)| !touched.contains(number)).map(|(counted, _)| *counted);
    Some(rate_of(left))
}

/// An entry that is computed once a hunt. Two threads may both compute it; they come to the same.
fn kept<K: Ord + Copy, V>(table: &Table<K, V>, key: K, compute: impl FnOnce() -> V) -> Arc<V> {
    // A poisoned lock means that another thread panicked; its panic goes on there, and here nothing is kept.
    if let Some(known) = table.lock().ok().and_then(|table| table.get(&key).cloned()) {
        return known;
    }
    let value = Arc::new(compute());
    if let Ok(mut table) = table.lock() {
        table.insert(key, Arc::clone(&value));
    }
    value
}

/// How many groups of a size are drawn when so many members may be in all.
fn draws(size: usize, max_drawn: usize) -> usize {
    (max_drawn / size.max(1)).clamp(3, DRAWS)
}

/// The rate in random groups of a size from the reference without the tested group.
fn random_rate(context: &Context<'_>, look: Look<'_>, size: usize, inside: &[u32], draws: usize) -> Option<f64> {
    let pool = Pool::new(context.population.reference(), inside);
    if size < 2 || pool.len() < size {
        // Too few are left to draw a group of this size from.
        return None;
    }
    let groups = (0..draws).map(|draw| draw_group(&pool, size, seed_of(size, draw)));
    Some(rate_of(groups.map(|group| count_drawn(context, look, &group))))
}

/// Seeded by the group's size alone: the same every run, and not the group's to choose.
const fn seed_of(size: usize, draw: usize) -> u64 {
    ((size as u64) << 8) | draw as u64
}

fn count_drawn(context: &Context<'_>, look: Look<'_>, group: &[u32]) -> Counted {
    let units: Vec<u32> = group.iter().map(|at| context.population.customer(*at)).collect();
    count_by_unit(&(look.detector.shows)(context, group, look.items).members(NARROWEST), &units)
}

/// The share of members that show the property, with one imagined member that does, so that it is never zero.
fn rate_of(groups: impl Iterator<Item = Counted>) -> f64 {
    let (with, all) = groups.fold((1, 1), |(with, all), one| (with + one.with, all + one.members));
    with as f64 / all as f64
}

/// The reference without a group, as it stands: for each group a copy of a million accounts would be made.
struct Pool<'a> {
    reference: &'a [u32],
    /// For each account that is left out, ascending: how many of those that are left come before it.
    before: Vec<usize>,
}

impl<'a> Pool<'a> {
    /// `inside` is ascending.
    fn new(reference: &'a [u32], inside: &[u32]) -> Self {
        let places = inside.iter().filter_map(|at| reference.binary_search(at).ok());
        Self { reference, before: places.enumerate().map(|(rank, place)| place - rank).collect() }
    }

    const fn len(&self) -> usize {
        self.reference.len() - self.before.len()
    }

    fn get(&self, place: usize) -> Option<u32> {
        let left_out = self.before.partition_point(|before| *before <= place);
        self.reference.get(place + left_out).copied()
    }
}

/// `size` distinct members of `pool`, by the first steps of a Fisher–Yates shuffle, ascending.
fn draw_group(pool: &Pool<'_>, size: usize, seed: u64) -> Vec<u32> {
    let mut moved: BTreeMap<usize, u32> = BTreeMap::new();
    let mut drawn = Vec::with_capacity(size);
    let mut state = mix(seed ^ 0x7374_696c_6c77_6174);
    for at in 0..size {
        state = mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let other = at + ((u128::from(state) * (pool.len() - at) as u128) >> 64) as usize;
        let look = |place: usize, moved: &BTreeMap<usize, u32>| {
            moved.get(&place).copied().or_else(|| pool.get(place)).unwrap_or_default()
        };
        let (here, there) = (look(at, &moved), look(other, &moved));
        moved.insert(other, here);
        drawn.push(there);
    }
    drawn.sort_unstable();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_the_reference_without_the_group() {
        let reference: Vec<u32> = (0..40).filter(|at| at % 3 != 1).collect();
        for inside in [vec![], vec![0], vec![39, 38, 0, 2, 3], vec![1, 4], reference.clone()] {
            let mut inside: Vec<u32> = inside;
            inside.sort_unstable();
            let plain: Vec<u32> = reference.iter().copied().filter(|at| !inside.contains(at)).collect();
            let pool = Pool::new(&reference, &inside);
            let all: Vec<Option<u32>> = (0..=pool.len()).map(|place| pool.get(place)).collect();
            let mut expected: Vec<Option<u32>> = plain.iter().copied().map(Some).collect();
            assert_eq!(pool.len(), plain.len());
            expected.push(None);
            assert_eq!(all, expected);
        }
    }
}
