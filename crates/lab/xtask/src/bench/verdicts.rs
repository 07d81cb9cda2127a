//! What a hunt said of named accounts: who was found, on what evidence, and who was wronged.

use std::collections::BTreeMap;
use std::collections::HashSet;

use serde_json::Value;
use serde_json::json;

use crate::bench::options::at;
use crate::bench::world::Found;

/// E-value from which a family corroborates, as the product counts it.
const CORROBORATES: f64 = 20.0;

/// What became of one campaign.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Fate {
    /// Its accounts.
    pub accounts: usize,
    /// Status of the best accusation that holds half of them and is half hostile; `None` if there is none.
    pub status: Option<String>,
    /// Its families with an e-value that corroborates, with it.
    pub families: Vec<(String, f64)>,
    /// Its accounts that were implicated.
    pub implicated: usize,
}

/// A campaign's status, its families that corroborate, and its members.
type Campaign = (String, Vec<(String, f64)>, Vec<String>);

/// What a hunt said.
#[derive(Debug, Default, Clone)]
pub struct Verdicts {
    campaigns: Vec<Campaign>,
    implicated: HashSet<String>,
    watched: HashSet<String>,
    /// Tested groups: what formed them, their e-value and their members.
    groups: Vec<(String, f64, Vec<String>)>,
}

impl Verdicts {
    /// Reads what a hunt wrote.
    pub fn of(found: &Found) -> Result<Self, String> {
        let mut verdicts = Self::default();
        for campaign in found.campaigns()? {
            let mut families: Vec<(String, f64)> = list(&campaign, "families")
                .iter()
                .map(|family| (text(family, "family"), at(family, "/e_value")))
                .filter(|(_, e_value)| *e_value >= CORROBORATES)
                .collect();
            families.sort_by(|a, b| b.1.total_cmp(&a.1));
            verdicts.campaigns.push((text(&campaign, "status"), families, names(&campaign)));
        }
        for line in found.lines("accounts.jsonl")? {
            let account = text(&line, "account");
            match text(&line, "verdict").as_str() {
                "implicated" => verdicts.implicated.insert(account),
                _ => verdicts.watched.insert(account),
            };
        }
        for group in found.lines("groups.jsonl")? {
            verdicts.groups.push((text(&group, "formed_by"), at(&group, "/e_value"), names(&group)));
        }
        Ok(verdicts)
    }

    /// What became of a campaign of these accounts.
    pub fn fate(&self, accounts: &[String]) -> Fate {
        let own: HashSet<&str> = accounts.iter().map(String::as_str).collect();
        let holds = |members: &[String]| {
            let right = members.iter().filter(|name| own.contains(name.as_str())).count();
            2 * right >= own.len() && 2 * right >= members.len()
        };
        let mut best = self.campaigns.iter().filter(|(_, _, members)| holds(members)).collect::<Vec<_>>();
        // "discovered" comes before "suspected".
        best.sort_by(|a, b| a.0.cmp(&b.0));
        let best = best.first();
        Fate {
            accounts: accounts.len(),
            status: best.map(|(status, _, _)| status.clone()),
            families: best.map(|(_, families, _)| families.clone()).unwrap_or_default(),
            implicated: accounts.iter().filter(|name| self.implicated.contains(*name)).count(),
        }
    }

    /// How many of these accounts are implicated, and how many are watched.
    pub fn accused<'a>(&self, accounts: impl Iterator<Item = &'a str>) -> (usize, usize) {
        accounts.fold((0, 0), |sum, name| {
            (sum.0 + usize::from(self.implicated.contains(name)), sum.1 + usize::from(self.watched.contains(name)))
        })
    }

    /// How many are implicated that are none of these: accounts of a reference, which are trusted.
    pub fn beyond(&self, known: &HashSet<&str>) -> usize {
        self.implicated.iter().filter(|name| !known.contains(name.as_str())).count()
    }

    /// Campaigns, discovered and suspected, of whose accounts fewer than half are among the hostile.
    pub fn false_campaigns(&self, hostile: &HashSet<&str>) -> (usize, usize) {
        let wrong = |members: &[String]| {
            2 * members.iter().filter(|name| hostile.contains(name.as_str())).count() < members.len()
        };
        self.campaigns.iter().filter(|(_, _, members)| wrong(members)).fold((0, 0), |sum, (status, _, _)| {
            if status == "discovered" { (sum.0 + 1, sum.1) } else { (sum.0, sum.1 + 1) }
        })
    }

    /// Of groups that are mostly these accounts: how many there were, by what formed them, with the largest e-value.
    pub fn groups_of(&self, accounts: &[String]) -> BTreeMap<String, (usize, f64)> {
        let own: HashSet<&str> = accounts.iter().map(String::as_str).collect();
        let mut groups: BTreeMap<String, (usize, f64)> = BTreeMap::new();
        for (formed_by, e_value, members) in &self.groups {
            if 2 * members.iter().filter(|name| own.contains(name.as_str())).count() > members.len() {
                let (count, largest) = groups.entry(formed_by.clone()).or_default();
                (*count, *largest) = (*count + 1, largest.max(*e_value));
            }
        }
        groups
    }

    /// Campaigns that hold one of these accounts, in words: what happened to those who were wronged.
    pub fn of_members(&self, accounts: &HashSet<&str>) -> Vec<String> {
        let held = |members: &[String]| members.iter().filter(|name| accounts.contains(name.as_str())).count();
        let hit = self.campaigns.iter().filter(|(_, _, members)| held(members) > 0);
        hit.map(|(status, families, members)| {
            format!("{status}, {} of {} accounts: {}", held(members), members.len(), shown(families))
        })
        .collect()
    }
}

impl Fate {
    /// As JSON.
    pub fn json(&self) -> Value {
        let families: BTreeMap<&str, f64> = self.families.iter().map(|(name, e)| (name.as_str(), *e)).collect();
        json!({ "accounts": self.accounts, "status": self.status, "families": families, "implicated": self.implicated })
    }
}

/// Families with their e-values, or a dash.
pub fn shown(families: &[(String, f64)]) -> String {
    let one = |(name, e): &(String, f64)| if *e < 1e6 { format!("{name} {e:.0}") } else { format!("{name} {e:.0e}") };
    if families.is_empty() { "–".to_owned() } else { families.iter().map(one).collect::<Vec<_>>().join(", ") }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn names(value: &Value) -> Vec<String> {
    list(value, "accounts").iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn fates_and_the_wronged() {
        let families = vec![("content".to_owned(), 50.0)];
        let verdicts = Verdicts {
            campaigns: vec![
                ("suspected".to_owned(), Vec::new(), own(&["a", "b", "c"])),
                ("discovered".to_owned(), families, own(&["a", "b", "x"])),
                ("discovered".to_owned(), Vec::new(), own(&["y", "z"])),
            ],
            implicated: own(&["a", "b", "x", "y", "z"]).into_iter().collect(),
            watched: own(&["c"]).into_iter().collect(),
            groups: vec![("content".to_owned(), 3.0, own(&["y", "z", "q"]))],
        };
        let fate = verdicts.fate(&own(&["a", "b", "c"]));
        assert_eq!((fate.status.as_deref(), fate.implicated, fate.families.len()), (Some("discovered"), 2, 1));
        assert_eq!(verdicts.fate(&own(&["c", "d", "e", "f", "g", "h", "i"])).status, None);
        assert_eq!(verdicts.accused(["c", "x", "y"].into_iter()), (2, 1));
        assert_eq!(verdicts.beyond(&HashSet::from(["a", "b", "x"])), 2);
        assert_eq!(verdicts.false_campaigns(&HashSet::from(["a", "b", "c"])), (1, 0));
        assert_eq!(verdicts.groups_of(&own(&["y", "z"])).get("content"), Some(&(1, 3.0)));
        assert_eq!(verdicts.of_members(&HashSet::from(["z"])).len(), 1);
        assert_eq!(shown(&[("identity".to_owned(), 2.5e7)]), "identity 2e7");
    }
}
