//! From the results of an assessment to what a gate reads.

use std::collections::BTreeMap;

use serde::Deserialize;
use verdict::Families;
use verdict::Family;
use verdict::SnapshotAccount;
use verdict::SnapshotBuilder;
use verdict::SnapshotCampaign;
use verdict::SnapshotWindow;
use verdict::Standing;
use verdict::Status;
use verdict::Tier;
use verdict::VerdictSnapshot;

use crate::judged::CORROBORATES;
use crate::report::AccountVerdict;
use crate::report::Campaign;
use crate::report::LeadReport;

/// What a snapshot takes of an element of `campaigns.json`.
#[derive(Debug, Deserialize)]
pub struct FoundCampaign {
    id: String,
    status: Status,
    corroboration: u64,
    confidence: u64,
    families: Vec<FoundFamily>,
    /// First exchange, RFC 3339.
    pub first_seen: String,
    /// Last exchange, RFC 3339.
    pub last_seen: String,
}

#[derive(Debug, Deserialize)]
struct FoundFamily {
    family: Family,
    e_value: f64,
}

/// What a snapshot takes of a line of `accounts.jsonl`.
#[derive(Debug, Deserialize)]
pub struct FoundAccount {
    account: String,
    verdict: Standing,
    campaigns: Vec<String>,
    confidence: u64,
    evidence: Vec<FoundEvidence>,
}

#[derive(Debug, Deserialize)]
struct FoundEvidence {
    family: Family,
}

/// What a snapshot takes of an element of `leads.json`.
#[derive(Debug, Deserialize)]
pub struct FoundLead {
    id: String,
    accounts: Vec<String>,
    families: BTreeMap<Family, f64>,
}

impl From<&Campaign> for FoundCampaign {
    fn from(campaign: &Campaign) -> Self {
        let family = |one: &crate::report::FamilyEvidence| FoundFamily { family: one.family, e_value: one.e_value };
        Self {
            id: campaign.id.clone(),
            status: campaign.status,
            corroboration: campaign.corroboration as u64,
            confidence: u64::from(campaign.confidence),
            families: campaign.families.iter().map(family).collect(),
            first_seen: campaign.first_seen.clone(),
            last_seen: campaign.last_seen.clone(),
        }
    }
}

impl From<&AccountVerdict> for FoundAccount {
    fn from(account: &AccountVerdict) -> Self {
        Self {
            account: account.account.clone(),
            verdict: account.verdict,
            campaigns: account.campaigns.clone(),
            confidence: u64::from(account.confidence),
            evidence: account.evidence.iter().map(|one| FoundEvidence { family: one.family }).collect(),
        }
    }
}

impl From<&LeadReport> for FoundLead {
    fn from(lead: &LeadReport) -> Self {
        Self { id: lead.id.clone(), accounts: lead.accounts.clone(), families: lead.families.clone() }
    }
}

/// Makes a snapshot of results: of those of a run in memory, or of what its files say.
///
/// # Errors
/// [`verdict::Error`] where the results contradict each other.
pub fn snapshot(
    made_at_us: i64,
    window: SnapshotWindow,
    campaigns: Vec<FoundCampaign>,
    accounts: Vec<FoundAccount>,
    leads: Vec<FoundLead>,
) -> Result<VerdictSnapshot, verdict::Error> {
    let mut builder = SnapshotBuilder::new(made_at_us, window);
    let mut known: BTreeMap<String, (Tier, u8)> = BTreeMap::new();
    for found in campaigns {
        let corroborating = |one: &&FoundFamily| one.e_value >= CORROBORATES;
        let campaign = SnapshotCampaign {
            tier: found.status.into(),
            corroboration: small(found.corroboration),
            families: found.families.iter().filter(corroborating).map(|one| one.family).collect(),
            confidence: small(found.confidence),
            budget_key: found.id.clone(),
            id: found.id,
        };
        known.insert(campaign.id.clone(), (campaign.tier, campaign.corroboration));
        builder.campaign(campaign);
    }
    let mut of_leads: BTreeMap<String, Vec<(u8, String)>> = BTreeMap::new();
    for lead in leads {
        let speaks = |(family, e_value): (&Family, &f64)| (*e_value >= CORROBORATES).then_some(*family);
        let families: Families = lead.families.iter().filter_map(speaks).collect();
        let corroboration = families.iter().filter(|family| *family != Family::Rhythm).count() as u8;
        for account in lead.accounts {
            of_leads.entry(account).or_default().push((corroboration, lead.id.clone()));
        }
        let budget_key = lead.id.clone();
        builder.campaign(SnapshotCampaign {
            id: lead.id,
            tier: Tier::Lead,
            corroboration,
            families,
            confidence: 0,
            budget_key,
        });
    }
    for found in accounts {
        let firmest = found.campaigns.iter().filter_map(|id| known.get(id)).max().copied();
        let (tier, corroboration) = firmest.unwrap_or((Tier::Suspected, 0));
        let leads = of_leads.remove(&found.account).unwrap_or_default();
        builder.account(SnapshotAccount {
            account: found.account,
            standing: Some(found.verdict),
            tier,
            corroboration,
            families: found.evidence.iter().map(|one| one.family).collect(),
            confidence: small(found.confidence),
            campaigns: found.campaigns.into_iter().chain(leads.into_iter().map(|(_, id)| id)).collect(),
        });
    }
    for (account, leads) in of_leads {
        builder.account(SnapshotAccount {
            account,
            standing: None,
            tier: Tier::Lead,
            corroboration: leads.iter().map(|(corroboration, _)| *corroboration).max().unwrap_or(0),
            families: Families::default(),
            confidence: 0,
            campaigns: leads.into_iter().map(|(_, id)| id).collect(),
        });
    }
    builder.build()
}

/// A count of families, or a percentage.
fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
