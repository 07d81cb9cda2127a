//! Campaign ids that outlive small changes of membership.
//!
//! Everything outside hangs off a campaign's id: cases, enforcement, exhibits. So ids are kept, not computed anew: a
//! campaign found again is the one that shares most accounts with it, as long as they share a third of all accounts
//! of the two. One that swallows two old ones keeps the id of the one it shares most with, and the other becomes a
//! tombstone that points to it; of the parts of one that fell apart, the part that shares most keeps the id.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;
use sketch::hash::mix;
use sketch::hash::value_hash;

/// Version of the stored form. Version 1 had no times in its history.
const VERSION: u32 = 2;

/// What runs said of one campaign, as far as it is kept.
const MAX_SIGHTINGS: usize = 64;

/// Why a registry could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The bytes are not a registry.
    #[error("the campaign registry is damaged: {0} (restore it from a backup, or move it away to begin anew)")]
    Damaged(#[from] serde_json::Error),
    /// A later version wrote it.
    #[error("the campaign registry is of version {0}, this program reads up to {VERSION} (use the newer program)")]
    Later(u32),
}

/// What became of campaigns in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
#[non_exhaustive]
pub enum Event {
    /// Found for the first time.
    Appeared {
        /// The campaign.
        id: String,
    },
    /// Its accounts are now part of another campaign.
    Merged {
        /// The tombstone.
        id: String,
        /// The campaign that lives on.
        into: String,
    },
    /// Some of its accounts are now a campaign of their own.
    Split {
        /// The campaign that keeps the id.
        id: String,
        /// The part with a new id.
        part: String,
    },
    /// Not found in this run; its id stays reserved.
    Rested {
        /// The campaign.
        id: String,
    },
}

/// Something that became of a campaign, with the time up to which the log of that run went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedEvent {
    /// End of the log that was hunted, microseconds since 1970; `None` in what version 1 wrote.
    pub log_end_us: Option<i64>,
    /// What happened.
    pub event: Event,
}

/// Known campaigns and their accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    campaigns: BTreeMap<String, Known>,
    history: Vec<DatedEvent>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    accounts: BTreeSet<String>,
    merged_into: Option<String>,
    /// Whether it was not found in the last run, so that its rest is told once.
    #[serde(default)]
    rests: bool,
    /// What each run said of it that said something new, oldest first.
    #[serde(default)]
    sightings: Vec<Sighting>,
}

/// What one run said of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// End of the log that was hunted: microseconds since 1970.
    pub log_end_us: i64,
    /// How many accounts it was held to have.
    pub accounts: u64,
    /// How many exchanges were held to be its work: the best figure, the least and the most.
    pub exchanges: u64,
    /// The least.
    pub low: u64,
    /// The most.
    pub high: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    campaigns: BTreeMap<String, Known>,
    history: Vec<DatedEvent>,
}

/// The part of every version that says which one it is.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

#[derive(Deserialize)]
struct StoredV1 {
    campaigns: BTreeMap<String, Known>,
    history: Vec<Event>,
}

impl Registry {
    /// Reads a stored registry.
    ///
    /// # Errors
    /// [`RegistryError`] where the bytes are damaged or of a later version.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RegistryError> {
        let Head { version } = serde_json::from_slice(bytes)?;
        if version > VERSION {
            return Err(RegistryError::Later(version));
        }
        if version <= 1 {
            let StoredV1 { campaigns, history } = serde_json::from_slice(bytes)?;
            let history = history.into_iter().map(|event| DatedEvent { log_end_us: None, event }).collect();
            return Ok(Self { campaigns, history });
        }
        let Stored { campaigns, history, .. } = serde_json::from_slice(bytes)?;
        Ok(Self { campaigns, history })
    }

    /// The stored form.
    ///
    /// # Errors
    /// [`RegistryError::Damaged`], which would be a bug: every part has a JSON form.
    pub fn to_json(&self) -> Result<Vec<u8>, RegistryError> {
        let stored = Stored { version: VERSION, campaigns: self.campaigns.clone(), history: self.history.clone() };
        Ok(serde_json::to_vec_pretty(&stored)?)
    }

    /// Everything that happened, oldest first.
    #[must_use]
    pub fn history(&self) -> &[DatedEvent] {
        &self.history
    }

    /// Gives each set of accounts its id, remembers it, and returns ids in the order of `found` with what happened.
    /// The ids do not depend on the order of `found`. `log_end_us` is the end of the log that was hunted.
    pub fn settle(&mut self, found: &[BTreeSet<String>], log_end_us: i64) -> (Vec<String>, Vec<Event>) {
        let mut overlaps: Vec<(u64, usize, String)> = Vec::new();
        for (place, accounts) in found.iter().enumerate() {
            for (id, known) in self.campaigns.iter().filter(|(_, known)| known.merged_into.is_none()) {
                let shared = accounts.intersection(&known.accounts).count();
                let all = accounts.len() + known.accounts.len() - shared;
                if shared > 0 && shared * 3 >= all {
                    overlaps.push(((shared << 20) as u64 / all.max(1) as u64, place, id.clone()));
                }
            }
        }
        // The largest overlap first; equal ones by id and then by the accounts themselves.
        overlaps.sort_by(|a, b| {
            b.0.cmp(&a.0).then_with(|| a.2.cmp(&b.2)).then_with(|| found.get(a.1).cmp(&found.get(b.1)))
        });
        let mut ids: Vec<Option<String>> = vec![None; found.len()];
        let mut taken = BTreeSet::new();
        for (_, place, id) in &overlaps {
            if let Some(slot @ None) = ids.get_mut(*place)
                && !taken.contains(id)
            {
                *slot = Some(id.clone());
                taken.insert(id.clone());
            }
        }
        let ids: Vec<String> =
            ids.into_iter().zip(found).map(|(id, accounts)| id.unwrap_or_else(|| self.new_id(accounts))).collect();
        let events = self.events(found, &ids);
        for (id, accounts) in ids.iter().zip(found) {
            let sightings = self.campaigns.remove(id).map(|known| known.sightings).unwrap_or_default();
            let known = Known { accounts: accounts.clone(), merged_into: None, rests: false, sightings };
            self.campaigns.insert(id.clone(), known);
        }
        for event in &events {
            let (Event::Merged { id, .. } | Event::Rested { id }) = event else { continue };
            let Some(known) = self.campaigns.get_mut(id) else { continue };
            match event {
                Event::Merged { into, .. } => known.merged_into = Some(into.clone()),
                _ => known.rests = true,
            }
        }
        let log_end_us = Some(log_end_us);
        self.history.extend(events.iter().map(|event| DatedEvent { log_end_us, event: event.clone() }));
        (ids, events)
    }

    /// Remembers what this run says of a campaign, unless the last one said the same, and returns all that was said.
    /// The first and the latest are kept, `MAX_SIGHTINGS` in all.
    pub fn sight(&mut self, id: &str, sighting: Sighting) -> &[Sighting] {
        let Some(known) = self.campaigns.get_mut(id) else { return &[] };
        if known.sightings.last() != Some(&sighting) {
            known.sightings.push(sighting);
        }
        if known.sightings.len() > MAX_SIGHTINGS {
            known.sightings.remove(1);
        }
        &known.sightings
    }

    /// An id from the accounts alone: the same set gives the same id in a run without a registry.
    fn new_id(&self, accounts: &BTreeSet<String>) -> String {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut hash = accounts.iter().fold(0_u64, |sum, account| sum.wrapping_add(mix(value_hash(account))));
        loop {
            let letters = (0..8).map(|at| LETTERS.get((hash >> (5 * at) & 31) as usize).copied().unwrap_or(b'0'));
            let id = format!("C-{}", letters.map(char::from).collect::<String>());
            if !self.campaigns.contains_key(&id) {
                return id;
            }
            hash = mix(hash.wrapping_add(1));
        }
    }

    fn events(&self, found: &[BTreeSet<String>], ids: &[String]) -> Vec<Event> {
        let mut events = Vec::new();
        for (id, accounts) in ids.iter().zip(found) {
            if !self.campaigns.contains_key(id) {
                // A new id whose accounts mostly came from one known campaign is a part of it.
                let origin = self.campaigns.iter().find(|(origin, known)| {
                    ids.contains(origin) && accounts.intersection(&known.accounts).count() * 2 > accounts.len()
                });
                events.push(match origin {
                    Some((origin, _)) => Event::Split { id: origin.clone(), part: id.clone() },
                    None => Event::Appeared { id: id.clone() },
                });
            }
        }
        for (id, known) in &self.campaigns {
            if known.merged_into.is_some() || ids.contains(id) {
                continue;
            }
            let heir = ids
                .iter()
                .zip(found)
                .find(|(_, accounts)| known.accounts.intersection(accounts).count() * 2 > known.accounts.len());
            events.push(match heir {
                Some((heir, _)) => Event::Merged { id: id.clone(), into: heir.clone() },
                None if known.rests => continue,
                None => Event::Rested { id: id.clone() },
            });
        }
        events.sort_by_key(|event| format!("{event:?}"));
        events
    }
}
