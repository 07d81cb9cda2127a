//! What is shared of a campaign: as little as serves.
//!
//! No text, no account, no name of a customer. Counts are rounded down to two digits. A value by which accounts were tied is
//! shared as a hash under the group's key, and only where enough accounts have it: who has the key and the value finds it, and
//! who has not learns nothing but that it is there.

use std::collections::BTreeSet;

use columns::Secret;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::indicator::IndicatorKind;
use crate::indicator::IndicatorValue;
use crate::indicator::holders;

/// The least accounts of a campaign that is shared, and that have a value that is shared.
pub const LEAST_ACCOUNTS: usize = 5;
/// The most values of one campaign that are shared: those that most accounts have.
pub const MAX_INDICATORS: usize = 10_000;

/// The hash of a value under a group's key: sixteen hexadecimal digits.
#[must_use]
pub fn keyed_hash(key: &Secret, kind: IndicatorKind, value: &str) -> String {
    format!("{:016x}", key.key().tuple(&["stillwatch share 1", kind.as_str(), &value.to_lowercase()]))
}

/// A value that ties accounts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Indicator {
    /// What it is.
    pub kind: IndicatorKind,
    /// Its hash under the group's key.
    pub keyed_hash: String,
    /// Accounts of the campaign that have it, rounded down.
    pub accounts: u64,
}

/// A campaign as `campaigns.json` has it, as far as it is shared.
#[derive(Debug, Clone, Deserialize)]
pub struct Campaign {
    /// Its id.
    pub id: String,
    /// `discovered` or `suspected`.
    pub status: String,
    /// Its accounts, which are not shared.
    pub accounts: BTreeSet<String>,
    /// Exchanges of its accounts.
    pub exchanges: u64,
    /// First exchange.
    pub first_seen: String,
    /// Last exchange.
    pub last_seen: String,
    /// 0 to 100.
    pub confidence: u32,
    /// What each family says.
    #[serde(default)]
    pub families: Vec<Family>,
    /// What it exercises.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// Who may be behind it.
    #[serde(default)]
    pub attribution: Vec<Attribution>,
}

/// A family of evidence.
#[derive(Debug, Clone, Deserialize)]
pub struct Family {
    /// Its name.
    pub family: String,
}

/// A capability.
#[derive(Debug, Clone, Deserialize)]
pub struct Capability {
    /// Its name.
    pub name: String,
    /// Its share.
    pub share: f64,
}

/// A hypothesis.
#[derive(Debug, Clone, Deserialize)]
pub struct Attribution {
    /// The organisation.
    pub entity: String,
    /// The word for its probability.
    pub likelihood: String,
    /// Its probability.
    #[serde(default)]
    pub posterior: Option<f64>,
    /// Whether it is named.
    #[serde(default)]
    pub named: bool,
}

/// What leaves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Content {
    /// Who shares it.
    pub provider: String,
    /// The campaign's id.
    pub campaign: String,
    /// `discovered` or `suspected`.
    pub status: String,
    /// 0 to 100.
    pub confidence: u32,
    /// Its accounts, rounded down.
    pub accounts: u64,
    /// Their exchanges, rounded down.
    pub exchanges: u64,
    /// First exchange, to the day, RFC 3339.
    pub first_seen: String,
    /// Last exchange, to the day, RFC 3339.
    pub last_seen: String,
    /// Families of evidence.
    pub families: Vec<String>,
    /// Capabilities that make a tenth of it or more.
    pub capabilities: Vec<String>,
    /// The organisation that is named, the word and the probability; `None` where nobody is.
    pub named: Option<(String, String, f64)>,
    /// Values that tie its accounts.
    pub indicators: Vec<Indicator>,
    /// Values that too few accounts have, and that stay here.
    pub held_back: usize,
}

impl Content {
    /// What is shared of a campaign.
    ///
    /// # Errors
    /// [`ErrorKind::Guarded`] where it has too few accounts to be shared; [`ErrorKind::Usage`] where its times cannot be read.
    pub fn new(
        provider: &str,
        campaign: &Campaign,
        records: &[record::Account],
        key: Option<&Secret>,
    ) -> Result<Self, Error> {
        if campaign.accounts.len() < LEAST_ACCOUNTS {
            let text = format!(
                "campaign {} has {} accounts: fewer than {LEAST_ACCOUNTS} are people, and are not shared",
                campaign.id,
                campaign.accounts.len()
            );
            return Err(Error::new(ErrorKind::Guarded, text));
        }
        let (indicators, held_back) = key.map_or((Vec::new(), 0), |key| indicators(campaign, records, key));
        let is_named = |one: &&Attribution| one.named && one.entity != "several share one pool";
        let named = campaign.attribution.iter().find(is_named);
        Ok(Self {
            provider: provider.to_owned(),
            campaign: campaign.id.clone(),
            status: campaign.status.clone(),
            confidence: campaign.confidence.min(100),
            accounts: rounded(campaign.accounts.len() as u64),
            exchanges: rounded(campaign.exchanges),
            first_seen: day(&campaign.first_seen)?,
            last_seen: day(&campaign.last_seen)?,
            families: campaign.families.iter().map(|one| one.family.clone()).collect(),
            capabilities: campaign
                .capabilities
                .iter()
                .filter(|one| one.share >= 0.1)
                .map(|one| one.name.clone())
                .collect(),
            named: named.map(|one| (one.entity.clone(), one.likelihood.clone(), one.posterior.unwrap_or(0.5))),
            indicators,
            held_back,
        })
    }
}

/// Rounded down to two digits.
fn rounded(count: u64) -> u64 {
    let mut unit = 1;
    while count / unit >= 100 {
        unit *= 10;
    }
    count / unit * unit
}

/// The midnight before a moment: when exactly somebody asked is nobody's business.
fn day(at: &str) -> Result<String, Error> {
    let moment = at.parse::<jiff::Timestamp>();
    let moment = moment.map_err(|_| Error::new(ErrorKind::Usage, format!("{at:?} in campaigns.json is no time")))?;
    Ok(format!("{}T00:00:00.000Z", moment.to_zoned(jiff::tz::TimeZone::UTC).date()))
}

fn indicators(campaign: &Campaign, records: &[record::Account], key: &Secret) -> (Vec<Indicator>, usize) {
    let holders = holders(&campaign.accounts, records);
    let all = holders.len();
    let shown = holders.into_iter().filter(|(_, accounts)| accounts.len() >= LEAST_ACCOUNTS);
    let mut kept: Vec<Indicator> = shown
        .map(|(IndicatorValue { kind, value }, accounts)| Indicator {
            kind,
            keyed_hash: keyed_hash(key, kind, &value),
            accounts: rounded(accounts.len() as u64),
        })
        .collect();
    kept.sort_by(|a, b| b.accounts.cmp(&a.accounts).then_with(|| a.cmp(b)));
    kept.truncate(MAX_INDICATORS);
    let held_back = all - kept.len();
    (kept, held_back)
}
