//! Attribution as a part of a hunt.

use std::collections::BTreeSet;

use campaign::Attribution;
use hunt::Attributor;
use hunt::Evidence;
use workers::Progress;

use crate::entity::Entity;
use crate::error::Error;
use crate::gather::Places;
use crate::gather::gather;
use crate::judge::Attributed;
use crate::judge::judge;
use crate::observed::Matcher;
use crate::report::as_contract;

/// Says of each campaign of a hunt who may be behind it.
#[derive(Debug, Clone)]
pub struct Entities(pub Vec<Entity>);

/// A campaign, by its id and its accounts.
pub type Accused = (String, BTreeSet<String>);

/// Judges several campaigns of one log. `accused` are all accounts that are in any of them or watched.
///
/// # Errors
/// [`Error`] where the evidence cannot be read.
pub fn attribute(
    entities: &[Entity],
    campaigns: &[Accused],
    accused: &BTreeSet<String>,
    evidence: &Evidence<'_>,
    progress: &dyn Progress,
) -> Result<Vec<Attributed>, Error> {
    let matcher = Matcher::new(entities, Some(evidence.key));
    let places = Places { roots: evidence.roots, accounts: evidence.accounts, window: evidence.window, accused };
    let observed = gather(&places, &matcher, progress)?;
    let judged = |(id, accounts): &Accused| {
        let mut told = judge(id, entities, &observed, accounts, accused);
        if !matcher.too_large.is_empty() {
            told.notes.push(format!(
                "networks that are too large to look for among hashes of addresses: {} (ingest with --keep-identifiers)",
                matcher.too_large.join(", ")
            ));
        }
        told
    };
    Ok(campaigns.iter().map(judged).collect())
}

impl Attributor for Entities {
    fn attribute(
        &self,
        found: &[campaign::Campaign],
        accounts: &[campaign::AccountVerdict],
        evidence: &Evidence<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<Vec<Attribution>>, String> {
        let campaigns: Vec<Accused> =
            found.iter().map(|one| (one.id.clone(), one.accounts.iter().cloned().collect())).collect();
        let watched = accounts.iter().map(|one| one.account.clone());
        let accused = campaigns.iter().flat_map(|(_, accounts)| accounts.iter().cloned()).chain(watched).collect();
        let told = attribute(&self.0, &campaigns, &accused, evidence, progress).map_err(|error| error.to_string())?;
        Ok(told.iter().map(as_contract).collect())
    }
}
