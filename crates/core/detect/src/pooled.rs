//! The pooled comparison: is a member like the *rest* of its group, more than accounts of like volume are?
//!
//! Where a detector's score is of one account alone, a group of accounts that each look ordinary shows nothing. Here the
//! group's members are merged first, and each is compared with the merge of the others: what one account shows too
//! faintly to be seen, the group shows plainly. Merging costs a sum, not another look at the log.
//!
//! *Null:* a member is exchangeable with reference accounts of its stratum in how it scores against the merge of the
//! others. *Reference:* at most [`MOST_COMPARED`] accounts of each stratum, those with the smallest hashes, less the
//! members themselves. The p-value is conformal (Vovk, Gammerman and Shafer 2005), so one benign account in fifty is in
//! the tail whatever the score is; members of a benign group who are alike for a reason of their own are what the
//! correlation of the null is for.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use evidence::Reference;
use profile::Profile;
use sketch::hash::HashedMap;
use sketch::hash::mix;
use sketch::hash::value_hash;

use crate::population::Context;
use crate::population::Population;

/// Reference accounts of a stratum that groups are compared with.
const MOST_COMPARED: usize = 256;
/// The tail in which a member shows a property: one benign account in fifty does. Narrower than for a score of one account
/// alone, because against a whole group a member is either plainly like the others or not at all.
pub const POOLED_TAIL: f64 = 0.02;
/// The fewest accounts that tell one in fifty.
const LEAST_COMPARED: usize = 49;

/// Where an account that is scored stands.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// In the group: its own share is to be taken off the merge.
    pub is_member: bool,
    /// In the sample of the reference: its own share is to be taken off that.
    pub is_sampled: bool,
}

/// A bounded sample of the reference.
#[derive(Debug, Default)]
pub struct Yardstick {
    strata: BTreeMap<u32, Vec<u32>>,
    /// In which of its accounts each phrase is found, by their places in the sample.
    phrases: HashedMap<Vec<u32>>,
    /// The place of each account.
    places: HashMap<u32, u32>,
}

impl Yardstick {
    /// Draws the sample: by the hash of the account's name, which is nobody's to choose once the account exists.
    #[must_use]
    pub fn new(population: &Population) -> Self {
        let mut by_stratum: BTreeMap<u32, Vec<(u64, u32)>> = BTreeMap::new();
        for at in population.reference() {
            if let Some(entity) = population.get(*at) {
                let rank = mix(value_hash(&entity.account));
                by_stratum.entry(population.stratum(*at)).or_default().push((rank, *at));
            }
        }
        let mut yardstick = Self::default();
        for (stratum, mut ranked) in by_stratum {
            ranked.sort_unstable();
            ranked.truncate(MOST_COMPARED);
            let accounts: Vec<u32> = ranked.into_iter().map(|(_, at)| at).collect();
            for (at, entity) in accounts.iter().filter_map(|at| Some((*at, population.get(*at)?))) {
                let place = yardstick.places.len() as u32;
                yardstick.places.insert(at, place);
                for (phrase, _) in entity.profile.phrases.iter() {
                    yardstick.phrases.entry(phrase).or_default().push(place);
                }
            }
            yardstick.strata.insert(stratum, accounts);
        }
        yardstick
    }

    /// The share of accounts that hold a phrase, with half an imagined account that does, less an account that is itself
    /// of the sample and holds it.
    #[must_use]
    pub fn phrase_rate(&self, phrase: u64, at: Place) -> f64 {
        let holders = self.phrases.get(&phrase).map_or(0, Vec::len).saturating_sub(usize::from(at.is_sampled));
        (holders as f64 + 0.5) / (self.places.len() as f64 + 1.0)
    }

    /// The sum of what phrases are worth, over those that each account of the sample holds. `worth` is in the order of
    /// the phrases, which is that in which an account's own are summed.
    #[must_use]
    pub fn phrase_sums(&self, worth: impl Iterator<Item = (u64, f64)>) -> PhraseSums<'_> {
        let mut sums = vec![0.0; self.places.len()];
        for (phrase, worth) in worth {
            for place in self.phrases.get(&phrase).into_iter().flatten() {
                if let Some(sum) = sums.get_mut(*place as usize) {
                    *sum += worth;
                }
            }
        }
        PhraseSums { places: &self.places, sums }
    }
}

/// What the phrases of the accounts of the sample are worth.
pub struct PhraseSums<'a> {
    places: &'a HashMap<u32, u32>,
    sums: Vec<f64>,
}

impl PhraseSums<'_> {
    /// The sum of one account; `None` where it is not of the sample.
    #[must_use]
    pub fn of(&self, at: u32) -> Option<f64> {
        self.sums.get(*self.places.get(&at)? as usize).copied()
    }
}

/// Whether each member scores in the tail of the reference. `score` is given an account and where it stands.
pub fn in_pooled_tail(
    context: &Context<'_>,
    members: &[u32],
    score: impl Fn(u32, &Profile, Place) -> Option<f64>,
) -> Vec<Option<bool>> {
    let population = context.population;
    let inside: BTreeSet<u32> = members.iter().copied().collect();
    let strata: BTreeSet<u32> = members.iter().map(|at| population.stratum(*at)).collect();
    let profile = |at: &u32| population.get(*at).map(|entity| entity.profile.as_ref());
    let scores = strata.iter().flat_map(|stratum| {
        let sample = context.yardstick.strata.get(stratum).map(Vec::as_slice).unwrap_or_default();
        let outside = sample.iter().filter(|at| !inside.contains(at));
        outside
            .filter_map(|at| Some((*stratum, score(*at, profile(at)?, Place { is_member: false, is_sampled: true })?)))
    });
    let reference = Reference::new(scores);
    let shows = |at: &u32| {
        let stratum = population.stratum(*at);
        if reference.len(stratum) < LEAST_COMPARED {
            return None;
        }
        let sample = context.yardstick.strata.get(&stratum).map(Vec::as_slice).unwrap_or_default();
        let place = Place { is_member: true, is_sampled: sample.contains(at) };
        Some(reference.p_value(stratum, score(*at, profile(at)?, place)?) <= POOLED_TAIL)
    };
    members.iter().map(shows).collect()
}
