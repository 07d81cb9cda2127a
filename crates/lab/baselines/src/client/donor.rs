//! Honest people whose identities, networks and ordinary use invented accounts are given.
//!
//! They come from a world of another seed that is not hunted itself, so that nothing of theirs is in the log twice.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;

use record::Account;
use record::Exchange;
use record::native::write_exchange;

use crate::error::Error;
use crate::truth::Truth;

/// Where a donor's exchanges come from: address, network, country.
pub(super) type Place = (Option<String>, Option<u32>, Option<String>);

/// One honest person of another world.
#[derive(Debug, Clone, Default)]
pub struct Donor {
    /// The record of registration.
    pub account: Account,
    /// Where the person's exchanges come from, one each.
    pub(super) places: Vec<Place>,
    /// The person's exchanges as native lines, in the order of time.
    pub(super) lines: Vec<Vec<u8>>,
    /// When the first of them was: microseconds since 1970-01-01T00:00:00Z.
    pub first_us: i64,
    /// The model that the person asks first.
    pub model: Option<String>,
}

/// The people of one kind in a world that have exchanges and share no payment, device, telephone, mailbox or address
/// of registration with anybody else of it; in the order of their names, which says nothing of them.
///
/// # Errors
/// If the log or the account records cannot be read.
pub fn donors(exchanges: &Path, accounts: &Path, truth: &Truth, kind: &str) -> Result<Vec<Donor>, Error> {
    let wanted: HashSet<&str> = truth.benign.get(kind).into_iter().flatten().map(String::as_str).collect();
    let mut found: BTreeMap<String, Donor> = BTreeMap::new();
    let mut held: HashMap<String, u32> = HashMap::new();
    for input in record::expand(&[accounts.display().to_string()])? {
        record::read_accounts(&input, &mut |item| {
            let Ok(account) = item else { return };
            identifiers(&account).for_each(|value| *held.entry(value.to_owned()).or_default() += 1);
            if wanted.contains(account.account.as_str()) {
                found.insert(account.account.clone(), Donor { account, ..Donor::default() });
            }
        })?;
    }
    let mut said: BTreeMap<String, Vec<(i64, Vec<u8>)>> = BTreeMap::new();
    each(exchanges, &mut |exchange| {
        let Some(donor) = found.get_mut(exchange.account.as_ref()) else { return };
        let owned = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        donor.places.push((owned(&exchange.client.ip), exchange.client.asn, owned(&exchange.client.country)));
        donor.model = donor.model.take().or_else(|| owned(&exchange.request.model));
        let mut line = Vec::new();
        write_exchange(exchange, &mut line);
        said.entry(exchange.account.clone().into_owned()).or_default().push((exchange.at_us, line));
    })?;
    for (name, mut lines) in said {
        let Some(donor) = found.get_mut(&name) else { continue };
        lines.sort();
        donor.first_us = lines.first().map_or(0, |one| one.0);
        donor.lines = lines.into_iter().map(|(_, line)| line).collect();
    }
    let alone = |donor: &Donor| identifiers(&donor.account).all(|value| held.get(value).is_none_or(|count| *count < 2));
    Ok(found.into_values().filter(|donor| !donor.lines.is_empty() && alone(donor)).collect())
}

fn identifiers(account: &Account) -> impl Iterator<Item = &str> {
    let values = [&account.payment, &account.device, &account.phone, &account.email, &account.signup_ip];
    values.into_iter().filter_map(|value| value.as_deref())
}

/// Reads every exchange of a log; what the readers refuse is passed over.
pub(crate) fn each(log: &Path, seen: &mut dyn FnMut(&Exchange<'_>)) -> Result<(), Error> {
    for input in record::expand(&[log.display().to_string()])? {
        for block in input.open(None)? {
            block?.read(&mut |item| {
                if let Ok(exchange) = item {
                    seen(&exchange);
                }
            });
        }
    }
    Ok(())
}
