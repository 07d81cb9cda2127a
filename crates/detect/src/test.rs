//! The pooled test: from what members show to an e-value.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Instant;

use evidence::Counted;
use evidence::NullRate;
use evidence::Prior;
use evidence::correlation;
use evidence::count_e_value;
use sketch::hash::mix;

use crate::family::Family;
use crate::population::Context;

/// What a detector says of the members of a group, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Whether each member shows the property; `None` where it cannot be told.
    pub members: Vec<Option<bool>>,
    /// The rate at which benign members show it, where the detector knows better than random groups do.
    pub rate: Option<f64>,
}

/// A detector.
pub struct Detector {
    /// Its name: family and file.
    pub name: &'static str,
    /// Its family.
    pub family: Family,
    /// What members that show it do, in words that go after "members".
    pub what: &'static str,
    /// The fewest customers on which it says anything.
    pub least: usize,
    /// Where its null rate comes from.
    pub null: Null,
    /// What it says of a group.
    pub shows: fn(&Context<'_>, &[u32]) -> Shown,
}

/// The random groups whose rate is a detector's null, unless it knows a better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// Drawn from the reference without the tested group.
    WithoutGroup,
    /// The same for a property that an account shows or not whoever is with it: one large group says what many small ones
    /// do.
    OfAccounts,
    /// Drawn once for all groups of like size, from the whole reference: for detectors that compare members with each
    /// other, which is dear. Hostile groups in the reference make the rate larger than it should be, never smaller.
    BySize,
}

/// Where the null's correlation came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullSource {
    /// Estimated on groups of the trusted reference that were formed in the same way.
    ReferenceGroups(usize),
    /// Assumed, for want of a trusted reference.
    Assumed,
}

/// A detector's result on a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The detector.
    pub detector: &'static str,
    /// Its family.
    pub family: Family,
    /// Customers that show it, of those on whom it could be told.
    pub counted: Counted,
    /// The null it was compared with.
    pub null: NullRate,
    /// Where the null's correlation came from.
    pub source: NullSource,
    /// The members that show it, ascending.
    pub showing: Vec<u32>,
    /// The e-value.
    pub e_value: f64,
    /// In words.
    pub what: String,
}

/// Correlation inside benign groups that is assumed without a trusted reference: a fifth of the variance of what
/// members do is common to their group. An assumption, not a measurement; `docs/method.md` shows what it costs.
const ASSUMED_CORRELATION: f64 = 0.2;

/// Reference groups that outweigh that assumption by half.
const PRIOR_GROUPS: f64 = 5.0;

/// The least rate assumed of benign members, however rare the property is in random groups: a real group of benign
/// customers can always have its own reason to share something that random ones do not.
const LEAST_RATE: f64 = 0.02;

/// Random groups drawn for the null rate, and the most members drawn in all.
const DRAWS: usize = 400;
const MOST_DRAWN: usize = 20_000;
const MOST_ACCOUNTS: usize = 2_000;
const MOST_DRAWN_DEAR: usize = 2_000;

/// Tests a group.
///
/// `units` gives each member's unit: members of one unit are one customer and count once, by majority.
/// `alike` are the counts ([`count_group`]) of groups of the trusted reference that were formed in the same way; empty
/// without one.
///
/// *Null:* the group's units show the property as often as those of random groups of the same size from the
/// reference, with the correlation of `alike` groups. *Limits:* see [`count_e_value`].
#[must_use]
pub fn test_group(
    context: &Context<'_>,
    detector: &Detector,
    members: &[u32],
    units: &[u32],
    alike: &[Counted],
) -> Option<Finding> {
    let started = Instant::now();
    let finding = look_at(context, detector, members, units, alike);
    if let Ok(mut spent) = context.spent.lock() {
        *spent.entry(detector.name).or_default() += started.elapsed();
    }
    finding
}

fn look_at(
    context: &Context<'_>,
    detector: &Detector,
    members: &[u32],
    units: &[u32],
    alike: &[Counted],
) -> Option<Finding> {
    let shown = (detector.shows)(context, members);
    let counted = count_by_unit(&shown.members, units);
    if (counted.members as usize) < detector.least {
        return None;
    }
    let random = || match detector.null {
        Null::WithoutGroup => {
            let inside: BTreeSet<u32> = members.iter().copied().collect();
            random_rate(context, detector, members.len(), &inside, draws(members.len(), MOST_DRAWN))
        }
        Null::OfAccounts => {
            let inside: BTreeSet<u32> = members.iter().copied().collect();
            // Half of the rest at most: what is drawn is compared with what is left.
            let rest = context.population.reference().len().saturating_sub(members.len());
            random_rate(context, detector, (rest / 2).min(MOST_ACCOUNTS), &inside, 1)
        }
        Null::BySize => rate_by_size(context, detector, members.len()),
    };
    let mut rate = shown.rate.or_else(random)?.max(LEAST_RATE);
    let prior = Prior { correlation: ASSUMED_CORRELATION, groups: PRIOR_GROUPS };
    if !alike.is_empty() {
        let shares = alike.iter().map(|group| group.with as f64 / group.members as f64);
        rate = rate.max(shares.sum::<f64>() / alike.len() as f64);
    }
    let null = NullRate { rate, correlation: correlation(alike, rate, prior) };
    let source =
        if context.population.is_trusted() { NullSource::ReferenceGroups(alike.len()) } else { NullSource::Assumed };
    let showing =
        members.iter().zip(&shown.members).filter(|(_, shows)| **shows == Some(true)).map(|(at, _)| *at).collect();
    let what = format!(
        "{} of {} members {}; {:.1} % of comparable accounts do",
        counted.with,
        counted.members,
        detector.what,
        100.0 * rate
    );
    Some(Finding {
        detector: detector.name,
        family: detector.family,
        counted,
        null,
        source,
        showing,
        e_value: count_e_value(counted, null),
        what,
    })
}

/// Counts the customers of a benign group that show a detector's property; `None` for fewer than two.
#[must_use]
pub fn count_group(context: &Context<'_>, detector: &Detector, group: &[u32], units: &[u32]) -> Option<Counted> {
    let counted = count_by_unit(&(detector.shows)(context, group).members, units);
    (counted.members >= 2).then_some(counted)
}

/// Counts units: one shows the property when at least half of its members on whom it can be told do.
fn count_by_unit(shown: &[Option<bool>], units: &[u32]) -> Counted {
    let mut votes: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for (shown, unit) in shown.iter().zip(units) {
        if let Some(shows) = shown {
            let (with, all) = votes.entry(*unit).or_default();
            *with += u32::from(*shows);
            *all += 1;
        }
    }
    let with = votes.values().filter(|(with, all)| with * 2 >= *all).count() as u64;
    Counted { with, members: votes.len() as u64 }
}

/// The rate in random groups of the next power of two, computed once a hunt.
fn rate_by_size(context: &Context<'_>, detector: &Detector, size: usize) -> Option<f64> {
    let half = context.population.reference().len() / 2;
    let size = size.next_power_of_two().min(half.max(size));
    // A poisoned lock means that another thread panicked; its panic goes on there, and here the rate is not kept.
    let kept = context.rates.lock().ok().and_then(|rates| rates.get(&(detector.name, size)).copied());
    if let Some(rate) = kept {
        return rate;
    }
    let rate = random_rate(context, detector, size, &BTreeSet::new(), draws(size, MOST_DRAWN_DEAR));
    if let Ok(mut rates) = context.rates.lock() {
        rates.insert((detector.name, size), rate);
    }
    rate
}

/// How many groups of a size are drawn when so many members may be in all.
fn draws(size: usize, most_drawn: usize) -> usize {
    (most_drawn / size.max(1)).clamp(3, DRAWS)
}

/// The rate in random groups of a size from the reference, less the tested group: with one imagined member that shows
/// it, so that it is never zero. Drawn with a generator seeded by the group's size alone: the same every run, and not
/// the group's to choose.
fn random_rate(
    context: &Context<'_>,
    detector: &Detector,
    size: usize,
    inside: &BTreeSet<u32>,
    draws: usize,
) -> Option<f64> {
    let pool = Pool::new(context.population.reference(), inside);
    if size < 2 || pool.len() < size {
        // Too few are left to draw a group of this size from.
        return None;
    }
    let (mut with, mut all) = (1_u64, 1_u64);
    for draw in 0..draws {
        let group = draw_group(&pool, size, ((size as u64) << 8) | draw as u64);
        let units: Vec<u32> = group.iter().map(|at| context.population.customer(*at)).collect();
        let counted = count_by_unit(&(detector.shows)(context, &group).members, &units);
        with += counted.with;
        all += counted.members;
    }
    Some(with as f64 / all as f64)
}

/// The reference without a group, as it stands: for each group a copy of a million accounts would be made.
struct Pool<'a> {
    reference: &'a [u32],
    /// For each account that is left out, ascending: how many of those that are left come before it.
    before: Vec<usize>,
}

impl<'a> Pool<'a> {
    fn new(reference: &'a [u32], inside: &BTreeSet<u32>) -> Self {
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
            let inside: BTreeSet<u32> = inside.into_iter().collect();
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
