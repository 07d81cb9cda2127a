//! Items that accounts share, found by their kind and value: which accounts and campaigns of the results have each.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::types::AccountEvidence;
use crate::types::AccountVerdict;
use crate::types::Campaign;
use crate::types::Charts;
use crate::types::Entity;
use crate::types::EntityAccount;
use crate::types::EntityCampaign;

/// Campaigns of an item that are listed; an item of more is common, and its accounts are a list of their own.
const MAX_CAMPAIGNS: usize = 100;

/// Where an account is in the results, and which of its evidence names the item.
pub type Place = (usize, usize);

/// Who has what.
#[derive(Debug, Default)]
pub struct EntityIndex {
    /// By kind and value.
    items: HashMap<(String, String), Holders>,
}

#[derive(Debug, Default)]
struct Holders {
    /// Accounts that have it as evidence of their own, by name.
    accounts: Vec<Place>,
    /// What the charts of campaigns count: the campaign, its accounts that have it, and those of the whole log.
    counted: BTreeMap<String, (u64, u64)>,
    families: BTreeSet<String>,
}

impl EntityIndex {
    /// An index of results.
    pub fn of(accounts: &[AccountVerdict], charts: &BTreeMap<String, Charts>) -> Self {
        let mut items: HashMap<(String, String), Holders> = HashMap::new();
        for (at, account) in accounts.iter().enumerate() {
            for (place, evidence) in account.evidence.iter().enumerate() {
                let holders = items.entry((evidence.kind.clone(), evidence.item.clone())).or_default();
                holders.families.insert(evidence.family.clone());
                // Two detectors may name one item of an account: it is one account all the same.
                if holders.accounts.last().is_none_or(|(last, _)| *last != at) {
                    holders.accounts.push((at, place));
                }
            }
        }
        for chart in charts.values() {
            for shared in &chart.shared {
                let holders = items.entry((shared.kind.clone(), shared.item.clone())).or_default();
                holders.families.insert(shared.family.clone());
                let counted = holders.counted.entry(chart.campaign.clone()).or_default();
                *counted = (counted.0.max(shared.accounts), counted.1.max(shared.in_log));
            }
        }
        Self { items }
    }

    fn holders(&self, kind: &str, value: &str) -> Option<&Holders> {
        self.items.get(&(kind.to_owned(), value.to_owned()))
    }

    /// An item; `None` where nothing in the results has it.
    pub fn entity<'a>(
        &self,
        (kind, value): (&str, &str),
        accounts: &[AccountVerdict],
        campaign: impl Fn(&str) -> Option<&'a Campaign>,
    ) -> Option<Entity> {
        let holders = self.holders(kind, value)?;
        let held: Vec<&AccountVerdict> = holders.accounts.iter().filter_map(|(at, _)| accounts.get(*at)).collect();
        let mut with_evidence: BTreeMap<&str, u64> = BTreeMap::new();
        for id in held.iter().flat_map(|account| &account.campaigns) {
            *with_evidence.entry(id).or_default() += 1;
        }
        let ids: BTreeSet<&str> =
            with_evidence.keys().copied().chain(holders.counted.keys().map(String::as_str)).collect();
        let mut campaigns: Vec<EntityCampaign> = ids
            .iter()
            .map(|id| {
                let known = campaign(id);
                EntityCampaign {
                    id: (*id).to_owned(),
                    status: known.map(|known| known.status.clone()),
                    confidence: known.map(|known| known.confidence),
                    accounts: known.map(|known| known.account_count),
                    with_evidence: with_evidence.get(id).copied().unwrap_or(0),
                    with_item: holders.counted.get(*id).map(|(inside, _)| *inside),
                }
            })
            .collect();
        campaigns.sort_by_key(|one| (u32::MAX - one.confidence.unwrap_or(0), one.id.clone()));
        campaigns.truncate(MAX_CAMPAIGNS);
        Some(Entity {
            kind: kind.to_owned(),
            value: value.to_owned(),
            families: holders.families.iter().cloned().collect(),
            account_count: held.len() as u64,
            implicated_count: held.iter().filter(|account| account.verdict == "implicated").count() as u64,
            in_log: holders.counted.values().map(|(_, in_log)| *in_log).max(),
            campaign_count: ids.len() as u64,
            campaigns,
        })
    }

    /// The accounts that have an item as evidence of their own, by name.
    pub fn accounts(&self, kind: &str, value: &str) -> Option<&[Place]> {
        self.holders(kind, value).map(|holders| holders.accounts.as_slice())
    }
}

/// An account that has an item, in one line.
pub fn account_line((at, place): Place, accounts: &[AccountVerdict]) -> Option<EntityAccount> {
    let account = accounts.get(at)?;
    let evidence: &AccountEvidence = account.evidence.get(place)?;
    Some(EntityAccount {
        account: account.account.clone(),
        verdict: account.verdict.clone(),
        campaign: account.campaign.clone(),
        confidence: account.confidence,
        detector: evidence.detector.clone(),
        accounts_in_common: evidence.accounts_in_common,
        exchanges: evidence.exchanges.clone(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use std::collections::BTreeMap;

    use super::EntityIndex;
    use super::account_line;
    use crate::types::AccountVerdict;
    use crate::types::Charts;

    fn account(name: &str, items: &[(&str, &str)]) -> AccountVerdict {
        let evidence: Vec<_> = items
            .iter()
            .map(|(kind, item)| {
                serde_json::json!({ "family": "identity", "detector": "ties", "kind": kind, "item": item,
                    "accounts_in_common": 3, "exchanges": ["e1"] })
            })
            .collect();
        serde_json::from_value(serde_json::json!({ "account": name, "verdict": "implicated", "campaign": "C-1",
            "campaigns": ["C-1"], "confidence": 80, "e_value": 20.0, "reasons": [], "evidence": evidence }))
        .unwrap()
    }

    #[test]
    fn an_account_counts_once_and_kinds_are_kept_apart() {
        let accounts = [account("a", &[("device", "01"), ("device", "01")]), account("b", &[("phone", "01")])];
        let chart = serde_json::json!({ "campaign": "C-2", "days": [], "hours": [], "shared_in_all": 1,
            "shared": [{ "family": "identity", "kind": "device", "item": "01", "accounts": 4, "in_log": 9 }] });
        let charts: Charts = serde_json::from_value(chart).unwrap();
        let charts = BTreeMap::from([("C-2".to_owned(), charts)]);
        let index = EntityIndex::of(&accounts, &charts);
        let device = index.entity(("device", "01"), &accounts, |_| None).unwrap();
        assert_eq!((device.account_count, device.implicated_count, device.in_log), (1, 1, Some(9)));
        let campaigns: Vec<_> = device.campaigns.iter().map(|one| (one.id.as_str(), one.with_evidence)).collect();
        assert_eq!(campaigns, [("C-1", 1), ("C-2", 0)]);
        let phone = index.entity(("phone", "01"), &accounts, |_| None).unwrap();
        assert_eq!((phone.account_count, phone.in_log), (1, None));
        let place = index.accounts("phone", "01").unwrap().first().copied().unwrap();
        assert_eq!(account_line(place, &accounts).unwrap().account, "b");
        assert!(index.entity(("phone", "02"), &accounts, |_| None).is_none());
    }
}
