//! What a hunt's output folder holds, in memory, read again when the folder was replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use crate::entity::EntityIndex;
use crate::entity::Place;
use crate::entity::account_line;
use crate::error::Error;
use crate::types::AccountVerdict;
use crate::types::Campaign;
use crate::types::Charts;
use crate::types::Entity;
use crate::types::EntityAccount;
use crate::types::Lead;
use crate::types::Summary;

/// What a hunt found.
#[derive(Debug, Default)]
pub struct Found {
    /// Campaigns, the most confident first, and then by id.
    pub campaigns: Vec<Campaign>,
    /// Accounts that are not clear, by name.
    pub accounts: Vec<AccountVerdict>,
    /// Leads, the best first.
    pub leads: Vec<Lead>,
    /// When the folder was written, in seconds since 1970.
    pub written: u64,
    /// What was read; none in results of a version that did not write it.
    pub summary: Option<Summary>,
    places: BTreeMap<String, usize>,
    charts: BTreeMap<String, Charts>,
    /// Made where it is first asked for.
    entities: OnceLock<EntityIndex>,
}

impl Found {
    /// A campaign.
    #[must_use]
    pub fn campaign(&self, id: &str) -> Option<&Campaign> {
        self.places.get(id).and_then(|at| self.campaigns.get(*at))
    }

    /// An account that is not clear.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<&AccountVerdict> {
        self.accounts.binary_search_by(|one| one.account.as_str().cmp(name)).ok().and_then(|at| self.accounts.get(at))
    }

    /// What can be drawn of a campaign.
    #[must_use]
    pub fn charts(&self, id: &str) -> Option<&Charts> {
        self.charts.get(id)
    }

    fn entities(&self) -> &EntityIndex {
        self.entities.get_or_init(|| EntityIndex::of(&self.accounts, &self.charts))
    }

    /// An item that accounts share.
    #[must_use]
    pub fn entity(&self, kind: &str, value: &str) -> Option<Entity> {
        self.entities().entity((kind, value), &self.accounts, |id| self.campaign(id))
    }

    /// Where the accounts are that have an item as evidence of their own, by name.
    #[must_use]
    pub fn entity_places(&self, kind: &str, value: &str) -> Option<&[Place]> {
        self.entities().accounts(kind, value)
    }

    /// The account at a place, in one line.
    #[must_use]
    pub fn entity_account(&self, place: Place) -> Option<EntityAccount> {
        account_line(place, &self.accounts)
    }

    /// The name of the account at a place.
    #[must_use]
    pub fn entity_account_name(&self, (at, _): Place) -> String {
        self.accounts.get(at).map(|account| account.account.clone()).unwrap_or_default()
    }

    fn read(folder: &Path, written: u64) -> Result<Self, Error> {
        let mut campaigns: Vec<Campaign> = array(&folder.join("campaigns.json"))?;
        campaigns.iter_mut().for_each(Campaign::count);
        campaigns.sort_by_key(Campaign::key);
        let mut leads: Vec<Lead> = array(&folder.join("leads.json"))?;
        for (place, lead) in leads.iter_mut().enumerate() {
            lead.count(place);
        }
        let path = folder.join("accounts.jsonl");
        let text = fs::read(&path).map_err(|error| unreadable(&path, error))?;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let read = |line: &[u8]| serde_json::from_slice(line).map_err(|error| unreadable(&path, error));
        let mut accounts: Vec<AccountVerdict> = lines.map(read).collect::<Result<_, _>>()?;
        accounts.sort_by(|a, b| a.account.cmp(&b.account));
        let places = campaigns.iter().enumerate().map(|(at, campaign)| (campaign.id.clone(), at)).collect();
        let charts: Option<Vec<Charts>> = optional(&folder.join("charts.json"))?;
        let charts = charts.into_iter().flatten().map(|chart| (chart.campaign.clone(), chart)).collect();
        let summary = summary(&folder.join("summary.json"))?;
        Ok(Self { campaigns, accounts, leads, written, summary, places, charts, entities: OnceLock::new() })
    }
}

/// A file that results of an earlier version lack.
fn optional<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| unreadable(path, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, error)),
    }
}

/// What was read, where it was written down; what an earlier version did not write is zero or empty.
fn summary(path: &Path) -> Result<Option<Summary>, Error> {
    let Some(written) = optional::<serde_json::Map<String, serde_json::Value>>(path)? else { return Ok(None) };
    let told = |error: serde_json::Error| unreadable(path, error);
    let mut whole = serde_json::to_value(Summary::default()).map_err(told)?;
    if let Some(fields) = whole.as_object_mut() {
        fields.extend(written);
    }
    serde_json::from_value(whole).map(Some).map_err(told)
}

fn array<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, error))?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::usage(format!("{}: {error} (give --found the output folder of a hunt)", path.display()))
}

/// A hunt's output folder.
#[derive(Debug)]
pub struct FoundFolder {
    folder: PathBuf,
    /// Whether it may not be there yet: then nothing is found.
    may_come: bool,
    known: Mutex<(Option<SystemTime>, Arc<Found>)>,
}

impl FoundFolder {
    /// Reads the folder.
    ///
    /// # Errors
    /// [`Error`] where it is no hunt's output, or is not there and may not come.
    pub fn open(folder: &Path, may_come: bool) -> Result<Self, Error> {
        let opened = Self { folder: folder.to_owned(), may_come, known: Mutex::default() };
        opened.current()?;
        Ok(opened)
    }

    /// What the folder holds now. A hunt replaces it as a whole, so that a moment at which a part is missing is none.
    ///
    /// # Errors
    /// [`Error`] where it was replaced by something that cannot be read; [`FoundFolder::last`] is still there then.
    pub fn current(&self) -> Result<Arc<Found>, Error> {
        let path = self.folder.join("campaigns.json");
        if self.may_come && !path.exists() {
            return Ok(self.last());
        }
        let stamp = fs::metadata(&path).and_then(|data| data.modified()).map_err(|error| unreadable(&path, error))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != Some(stamp) {
            let written = stamp.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
            *known = (Some(stamp), Arc::new(Found::read(&self.folder, written)?));
        }
        Ok(Arc::clone(&known.1))
    }

    /// What was read last.
    #[must_use]
    pub fn last(&self) -> Arc<Found> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner).1)
    }
}
