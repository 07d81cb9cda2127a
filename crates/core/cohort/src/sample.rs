//! A bounded sample of the reference, with which groups are compared.

use std::collections::BTreeMap;
use std::collections::HashMap;

use sketch::hash::HashedMap;
use sketch::hash::mix;
use sketch::hash::value_hash;

use crate::population::Population;

/// Reference accounts of a stratum that groups are compared with.
pub const MAX_COMPARED: usize = 256;

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
pub struct ReferenceSample {
    strata: BTreeMap<u32, Vec<u32>>,
    /// In which of its accounts each phrase is found, by their places in the sample.
    phrases: HashedMap<Vec<u32>>,
    /// The place of each account.
    places: HashMap<u32, u32>,
}

impl ReferenceSample {
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
        let mut sample = Self::default();
        for (stratum, mut ranked) in by_stratum {
            ranked.sort_unstable();
            ranked.truncate(MAX_COMPARED);
            let accounts: Vec<u32> = ranked.into_iter().map(|(_, at)| at).collect();
            for (at, entity) in accounts.iter().filter_map(|at| Some((*at, population.get(*at)?))) {
                let place = sample.places.len() as u32;
                sample.places.insert(at, place);
                for (phrase, _) in entity.profile.phrases.iter() {
                    sample.phrases.entry(phrase).or_default().push(place);
                }
            }
            sample.strata.insert(stratum, accounts);
        }
        sample
    }

    /// The sampled accounts of a stratum.
    #[must_use]
    pub fn accounts(&self, stratum: u32) -> &[u32] {
        self.strata.get(&stratum).map(Vec::as_slice).unwrap_or_default()
    }

    /// All sampled accounts, stratum by stratum.
    pub fn all(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        self.strata.values().flatten().copied()
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
