//! The truth about a world, as `range generate` writes it. Keys that are not known here are ignored.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;

/// Who is hostile and what the others are.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Truth {
    /// The campaigns.
    pub campaigns: Vec<TrueCampaign>,
    /// Names of honest accounts by kind.
    #[serde(default)]
    pub benign: BTreeMap<String, Vec<String>>,
}

/// One campaign.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TrueCampaign {
    /// Its name.
    pub name: String,
    /// Its level, `T0` and up.
    #[serde(default)]
    pub level: String,
    /// Names of its accounts.
    pub accounts: Vec<String>,
    /// Share of its exchanges that are other people's ordinary use, where the truth says so.
    #[serde(default)]
    pub cover: Option<f64>,
}

impl Truth {
    /// Reads `truth.json`.
    ///
    /// # Errors
    /// If the file cannot be read or is no truth.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(Error::read(path))?;
        serde_json::from_slice(&bytes)
            .map_err(|fault| Error::content(path, format!("{fault} (give the truth.json of `range generate`)")))
    }

    /// Kind of each honest account, by name; hostile accounts are not in it.
    #[must_use]
    pub fn kinds(&self) -> HashMap<&str, &str> {
        let mut kinds: HashMap<&str, &str> = self
            .benign
            .iter()
            .flat_map(|(kind, accounts)| accounts.iter().map(move |account| (account.as_str(), kind.as_str())))
            .collect();
        for account in self.campaigns.iter().flat_map(|campaign| &campaign.accounts) {
            kinds.remove(account.as_str());
        }
        kinds
    }
}
