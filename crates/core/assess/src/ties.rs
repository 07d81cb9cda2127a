//! The observable index: which account holds which value.

use campaign::View;
use campaign::ties_of;
use cohort::Entity;
use cohort::Population;
use cohort::conversations;
use cohort::foreign_quotes;
use cohort::frame_ties;
use link::Limits;
use link::Shape;
use link::Tie;
use link::Value;
use record::ObservableKind;
use sketch::hash::mix;
use verdict::ViewKind;
use workers::parallel_map;

/// Accounts whose values are in memory at once, by slices of the values' hashes.
const ACCOUNTS_A_SLICE: usize = 1 << 16;
/// The most slices; each is a walk over all accounts.
const MAX_SLICES: usize = 64;
/// The most ties of one view. Where there are more, values are drawn by their hashes, which are under the deployment's key:
/// whoever floods a log with values cannot choose which are left out.
const MAX_TIES: usize = 1 << 23;
/// Keeps this draw apart from other uses of the same hashes.
const DRAW: u64 = 0x7469_6573_2064_7261;
/// The most times that an answer is seen to come back.
const MAX_RETURNS: usize = 1 << 24;

/// The views of a population, and how many ties were left out of them because there were too many.
pub struct Index {
    pub views: Vec<View>,
    pub ties_left_out: usize,
}

/// Finds the values that enough customers hold, and who holds them.
///
/// The index of a million accounts is tens of gigabytes, and of most values there is one holder. So values are looked at
/// in slices by their hashes: one slice for each worker is in memory, and only ties go on.
pub fn index(population: &Population, workers: usize) -> Index {
    let slices = Slices::of(population.entities().len());
    let (returned, returns_left_out) = returned_answers(population, slices, workers);
    let views = views();
    let found = in_slices(slices, workers, |slice| ties_of_slice(population, slices, slice, &returned, &views));
    let mut kept: Vec<Kept> = views.iter().map(|_| Kept::default()).collect();
    for mut part in found {
        for (kept, part) in kept.iter_mut().zip(part.drain(..)) {
            kept.add(part);
        }
    }
    let mut ties_left_out = returns_left_out;
    let views = views
        .into_iter()
        .zip(kept)
        .map(|(mut view, kept)| {
            let (ties, left_out) = kept.ties();
            ties_left_out += left_out;
            view.ties = ties;
            view
        })
        .collect();
    Index { views, ties_left_out }
}

/// Parts of the values by the upper bits of their hashes.
#[derive(Debug, Clone, Copy)]
struct Slices {
    count: usize,
}

impl Slices {
    fn of(accounts: usize) -> Self {
        Self { count: accounts.div_ceil(ACCOUNTS_A_SLICE).clamp(1, MAX_SLICES).next_power_of_two() }
    }

    /// Hashes have 63 bits.
    fn holds(self, slice: usize, hash: u64) -> bool {
        let place = (hash << 1) >> (64 - self.count.trailing_zeros()).min(63);
        self.count == 1 || place as usize == slice
    }
}

/// Does `work` for each slice on several threads; the results are in the order of the slices.
fn in_slices<R: Send>(slices: Slices, workers: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let all: Vec<usize> = (0..slices.count).collect();
    parallel_map(&all, workers, |slice| work(*slice))
}

/// Calls `sink` with every value by which an account can be tied to others.
fn observables(entity: &Entity, returned: &[u64], mut sink: impl FnMut(ObservableKind, u64)) {
    entity.identity.personal().into_iter().filter(|(_, value)| *value != 0).for_each(|(kind, value)| sink(kind, value));
    let profile = &entity.profile;
    profile.ips.iter().for_each(|(ip, _)| sink(ObservableKind::Ip, ip));
    frame_ties(profile).for_each(|frame| sink(ObservableKind::Frame, frame));
    profile.phrases.iter().for_each(|(phrase, _)| sink(ObservableKind::Phrase, phrase));
    conversations(profile).for_each(|(root, _)| sink(ObservableKind::Root, root));
    profile.minted.iter().for_each(|(signature, _)| sink(ObservableKind::Signature, signature));
    profile.presented.iter().for_each(|(signature, _)| sink(ObservableKind::Signature, signature));
    let quotes = profile.answers.iter().map(|(quote, _)| quote).chain(foreign_quotes(profile));
    let returned = quotes.filter(|quote| returned.binary_search(quote).is_ok());
    returned.for_each(|quote| sink(ObservableKind::Answer, quote));
}

/// The ties of one slice, view by view: each value with its holders.
fn ties_of_slice(
    population: &Population,
    slices: Slices,
    slice: usize,
    returned: &[u64],
    views: &[View],
) -> Vec<Vec<Held>> {
    let mut held: Vec<(u8, u64, u32)> = Vec::new();
    for (entity, at) in population.entities().iter().zip(0_u32..) {
        observables(entity, returned, |kind, value| {
            if slices.holds(slice, value) {
                held.push((kind as u8, value, at));
            }
        });
    }
    held.sort_unstable();
    held.dedup();
    let mut found: Vec<Vec<Held>> = views.iter().map(|_| Vec::new()).collect();
    let mut customers = Vec::new();
    for run in held.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some((kind, hash)) = run.first().and_then(|(kind, hash, _)| Some((ObservableKind::from_u8(*kind)?, *hash)))
        else {
            continue;
        };
        let Some((view, found)) = views.iter().zip(&mut found).find(|(view, _)| view.kind == ties_of(kind)) else {
            continue;
        };
        customers.clear();
        customers.extend(run.iter().map(|(.., at)| population.customer(*at)));
        customers.sort_unstable();
        customers.dedup();
        if (view.limits.min_holders..=view.limits.max_holders).contains(&customers.len()) {
            let accounts = run.iter().map(|(.., at)| *at).collect();
            found.push(Held { customers: customers.len() as u32, value: Value { kind, hash }, accounts });
        }
    }
    found
}

/// A value that enough customers hold.
struct Held {
    customers: u32,
    value: Value,
    accounts: Box<[u32]>,
}

/// The values of a view, as far as there is room for them: those with the smallest draws.
#[derive(Default)]
struct Kept {
    held: Vec<Held>,
    ties: usize,
    left_out: usize,
}

impl Kept {
    fn add(&mut self, part: Vec<Held>) {
        self.ties += part.iter().map(|held| held.accounts.len()).sum::<usize>();
        self.held.extend(part);
        if self.ties > 2 * MAX_TIES {
            self.cut(MAX_TIES);
        }
    }

    /// Leaves out values from the one on with which there would be too many ties. What is left out now would be left out
    /// later: more values only lower the bound.
    fn cut(&mut self, most: usize) {
        if self.ties <= most {
            return;
        }
        self.held.sort_unstable_by_key(|held| (mix(held.value.hash ^ DRAW), held.value));
        let (mut ties, mut end) = (0, 0);
        for held in &self.held {
            if ties + held.accounts.len() > most {
                break;
            }
            ties += held.accounts.len();
            end += 1;
        }
        self.left_out += self.ties - ties;
        self.ties = ties;
        self.held.truncate(end);
    }

    /// The ties that are kept, and how many are not.
    fn ties(mut self) -> (Vec<Tie>, usize) {
        self.cut(MAX_TIES);
        self.held.sort_unstable_by_key(|held| (held.customers, held.value));
        let mut ties = Vec::with_capacity(self.ties);
        for Held { value, accounts, .. } in self.held {
            ties.extend(accounts.iter().map(|account| Tie { account: *account, value }));
        }
        (ties, self.left_out)
    }
}

/// Quotes of answers that came back from an account that was not given them, ascending: of answers of which at least two
/// quotes came from one account to one other, since a single run of words may be boilerplate. And how many returns were
/// not looked at because there were too many.
fn returned_answers(population: &Population, slices: Slices, workers: usize) -> (Vec<u64>, usize) {
    let max_holders = Limits::transferred().max_holders;
    let found = in_slices(slices, workers, |slice| {
        let inside = |quote: &u64| slices.holds(slice, *quote);
        let mut given: Vec<(u64, u32)> = Vec::new();
        for (entity, at) in population.entities().iter().zip(0_u32..) {
            let quotes = entity.profile.answers.iter().map(|(quote, _)| quote).filter(inside);
            given.extend(quotes.map(|quote| (quote, population.customer(at))));
        }
        given.sort_unstable();
        given.dedup();
        let (mut returns, mut left_out) = (Vec::new(), 0);
        for (entity, at) in population.entities().iter().zip(0_u32..) {
            for quote in foreign_quotes(&entity.profile).filter(inside) {
                let from = given.partition_point(|(known, _)| *known < quote);
                let givers = given.get(from..).unwrap_or_default().iter().take_while(|(known, _)| *known == quote);
                // A quote that many were given is ignored as common.
                let givers: Vec<u32> = givers.take(max_holders + 1).map(|(_, giver)| *giver).collect();
                if givers.len() > max_holders {
                    continue;
                }
                if returns.len() >= MAX_RETURNS / slices.count {
                    left_out += givers.len();
                    continue;
                }
                returns.extend(givers.into_iter().map(|giver| (at, giver, quote)));
            }
        }
        (returns, left_out)
    });
    let left_out = found.iter().map(|(_, left_out)| left_out).sum();
    let mut returns: Vec<(u32, u32, u64)> = found.into_iter().flat_map(|(returns, _)| returns).collect();
    returns.sort_unstable();
    returns.dedup();
    let pairs = returns.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|quotes| quotes.len() >= 2);
    let mut quotes: Vec<u64> = pairs.flatten().map(|(.., quote)| *quote).collect();
    quotes.sort_unstable();
    quotes.dedup();
    (quotes, left_out)
}

/// The families' views, each with what counts as a group in it. Content is looked at twice: by frames, which hold a
/// fixed wording, and by phrases, which a paraphrase keeps in part.
fn views() -> Vec<View> {
    let wide = Limits { min_bits: 4.0, shape: Shape::Clustered, ..Limits::default() };
    [
        (ViewKind::TransferredContent, Limits::transferred(), false),
        (ViewKind::Frames, Limits::default(), false),
        (ViewKind::Phrases, wide, true),
        (ViewKind::Registration, Limits::default(), false),
        (ViewKind::Addresses, Limits::default(), false),
    ]
    .map(|(kind, limits, low_specificity)| View {
        family: kind.family(),
        kind,
        limits,
        low_specificity,
        ties: Vec::new(),
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(hash: u64, accounts: u32) -> Held {
        let value = Value { kind: ObservableKind::Phrase, hash };
        Held { customers: accounts, value, accounts: (0..accounts).collect() }
    }

    /// What is kept does not depend on how the values came, and a flood of rare values does not push out what many hold.
    #[test]
    fn values_are_drawn_and_not_ranked_by_their_holders() {
        let all = || (1..=2_000_u64).map(|hash| held(hash, if hash % 10 == 0 { 30 } else { 3 }));
        let kept = |parts: Vec<Vec<Held>>| {
            let mut kept = Kept::default();
            for part in parts {
                kept.ties += part.iter().map(|held| held.accounts.len()).sum::<usize>();
                kept.held.extend(part);
                kept.cut(4_000);
            }
            let mut values: Vec<(u64, u32)> = kept.held.iter().map(|held| (held.value.hash, held.customers)).collect();
            values.sort_unstable();
            values
        };
        let whole = kept(vec![all().collect()]);
        let mut backwards: Vec<Vec<Held>> = all().map(|held| vec![held]).collect();
        backwards.reverse();
        assert_eq!(kept(backwards), whole);
        let share = |customers: u32| whole.iter().filter(|value| value.1 == customers).count();
        assert!((40..=110).contains(&share(30)), "{} of 200 that many hold", share(30));
        assert!((400..=900).contains(&share(3)), "{} of 1,800 that few hold", share(3));
    }
}
