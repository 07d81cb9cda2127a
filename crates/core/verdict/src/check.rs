//! What a snapshot must hold to, whoever made it.

use crate::error::Error;
use crate::error::ErrorKind;
use crate::rows::Contents;
use crate::rows::Row;
use crate::standing::Standing;
use crate::tier::Tier;

/// Longest id or account in bytes: as the log formats have it.
pub(crate) const MAX_NAME_BYTES: usize = 1024;
/// Most campaigns of one account.
pub(crate) const MAX_CAMPAIGNS_OF_ACCOUNT: usize = 1000;

/// A number of things as it is stored.
pub(crate) fn count(number: usize) -> Result<u32, Error> {
    u32::try_from(number)
        .map_err(|_| Error::new(ErrorKind::TooLarge, "a snapshot holds at most 4,294,967,295 of a kind"))
}

/// A number of campaigns of one account as it is stored.
pub(crate) fn campaigns(number: usize) -> Result<u16, Error> {
    let bounded = if number > MAX_CAMPAIGNS_OF_ACCOUNT { None } else { u16::try_from(number).ok() };
    bounded.ok_or_else(|| {
        let text =
            format!("an account is in {number} campaigns and leads (at most {MAX_CAMPAIGNS_OF_ACCOUNT} are allowed)");
        Error::new(ErrorKind::TooLarge, text)
    })
}

pub(crate) fn unknown_campaign(account: &str, id: &str) -> Error {
    contradiction(format!("the account {account:?} is in the campaign {id:?}, which the snapshot does not hold"))
}

/// Checks names, order and what accounts are held to be.
///
/// INVARIANT (own evidence): nobody is implicated but in a discovered campaign and with evidence of its own. A policy
/// trusts this, since it sees no evidence.
pub(crate) fn check(contents: &Contents) -> Result<(), Error> {
    let Contents { campaigns, rows, places, .. } = contents;
    let mut earlier: Option<&str> = None;
    for campaign in campaigns {
        name(&campaign.id, earlier)?;
        name(&campaign.budget_key, None)?;
        percent(&campaign.id, campaign.confidence)?;
        earlier = Some(&campaign.id);
    }
    earlier = None;
    for row in rows {
        name(&row.name, earlier)?;
        percent(&row.name, row.confidence)?;
        earlier = Some(&row.name);
        standing(row)?;
        let mut own = contents.campaigns_of(row).to_vec();
        own.sort_unstable();
        if own.is_sorted_by(|a, b| a < b) {
            continue;
        }
        return Err(contradiction(format!("the account {:?} is in one campaign twice", row.name)));
    }
    // INVARIANT (places): every place is one of a campaign, so that a lookup finds what the writer meant.
    if places.iter().any(|place| *place as usize >= campaigns.len()) {
        return Err(contradiction("an account is in a campaign that the snapshot does not hold".to_owned()));
    }
    Ok(())
}

fn standing(row: &Row) -> Result<(), Error> {
    let name = &row.name;
    match row.standing {
        Some(Standing::Implicated) if row.tier != Tier::Discovered => {
            Err(contradiction(format!("the account {name:?} is implicated without a discovered campaign")))
        }
        Some(Standing::Implicated) if row.families.is_empty() => {
            Err(contradiction(format!("the account {name:?} is implicated without evidence of its own")))
        }
        Some(_) if row.tier == Tier::Lead => {
            Err(contradiction(format!("the account {name:?} is watched for a lead, of which nothing is claimed")))
        }
        None if row.tier != Tier::Lead => {
            Err(contradiction(format!("the account {name:?} is in a campaign and has no standing")))
        }
        _ => Ok(()),
    }
}

fn name(name: &str, earlier: Option<&str>) -> Result<(), Error> {
    if name.is_empty() {
        return Err(contradiction("a name is empty".to_owned()));
    }
    if name.len() > MAX_NAME_BYTES {
        let text = format!("a name has {} bytes (at most {MAX_NAME_BYTES} are allowed)", name.len());
        return Err(Error::new(ErrorKind::TooLarge, text));
    }
    if earlier.is_some_and(|earlier| earlier >= name) {
        return Err(contradiction(format!("{name:?} is there twice, or out of order")));
    }
    Ok(())
}

fn percent(name: &str, confidence: u8) -> Result<(), Error> {
    if confidence <= 100 { Ok(()) } else { Err(contradiction(format!("the confidence of {name:?} is above 100"))) }
}

fn contradiction(text: String) -> Error {
    Error::new(ErrorKind::Contradiction, text)
}
