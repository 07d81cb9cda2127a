//! What is known when every proof was checked: the numbers that claims are held to.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use journal::AccountProof;
use journal::Batch;
use journal::Gone;
use journal::Kind;
use journal::LeafProof;
use journal::Owned;
use journal::RowProof;

use crate::documents::Accounts;
use crate::documents::Verdict;
use crate::documents::columns_of;
use crate::error::Error;

/// The name of the file with the accounts' counts, for messages.
const ACCOUNTS: &str = "records/accounts.jsonl.gz";
/// The name of the file with the rows.
const ROWS: &str = "records/rows.jsonl.gz";

/// What is counted over accounts and batches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Accounts that have rows.
    pub accounts: BTreeSet<String>,
    /// Rows.
    pub exchanges: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// First exchange, in microseconds since 1970.
    pub first_us: Option<i64>,
    /// Last exchange.
    pub last_us: Option<i64>,
    /// Exchanges and accounts, by day.
    pub days: BTreeMap<String, (u64, BTreeSet<String>)>,
}

/// A kind of item and its hash.
pub type Item = (String, String);

/// What is known.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The verdict.
    pub verdict: Verdict,
    /// The accounts, where they are shown.
    pub accounts: Option<Accounts>,
    /// What was counted; none where no account is shown.
    pub counted: Option<Counted>,
    /// Who was seen to hold an item, in a row that is shown.
    pub holders: BTreeMap<Item, BTreeSet<String>>,
}

/// The batches of a ledger that the exchange table was made of, from the records of its first entries.
///
/// # Errors
/// [`Error::Damaged`] where a record is none.
pub fn batches<'a>(
    openings: impl IntoIterator<Item = &'a LeafProof>,
    table_entries: u64,
) -> Result<BTreeMap<u64, Batch>, Error> {
    let mut batches = BTreeMap::new();
    let mut gone = BTreeSet::new();
    for opening in openings.into_iter().filter(|opening| opening.index < table_entries) {
        let failed = |error: journal::Error| Error::at("records/openings.jsonl.gz", error);
        match Kind::of(opening.kind) {
            Some(Kind::Exchanges) => drop(batches.insert(opening.index, opening.batch().map_err(failed)?)),
            Some(Kind::ExchangesGone) => drop(gone.insert(Gone::from_bytes(&opening.record).map_err(failed)?.entry)),
            _ => {}
        }
    }
    batches.retain(|entry, _| !gone.contains(entry));
    Ok(batches)
}

/// Checks the counts of accounts, each once, in batches of the table.
///
/// # Errors
/// [`Error::Damaged`] with the first that does not hold.
pub fn count(proofs: &[AccountProof], batches: &BTreeMap<u64, Batch>, accounts: &Accounts) -> Result<Counted, Error> {
    let mut counted = Counted::default();
    let mut seen = BTreeSet::new();
    for proof in proofs {
        let told = |what: &str| {
            Err(Error::at(ACCOUNTS, format!("account {:?} in entry {}: {what}", proof.account, proof.entry)))
        };
        let Some(batch) = batches.get(&proof.entry) else { return told("it is no batch of the table") };
        if accounts.accounts.binary_search(&proof.account).is_err() {
            return told("it is no account of the case");
        }
        if !seen.insert((proof.entry, proof.account.as_str())) {
            return told("it is there twice");
        }
        proof.check(batch).map_err(|error| Error::at(ACCOUNTS, error))?;
        counted.accounts.insert(proof.account.clone());
        counted.exchanges = counted.exchanges.saturating_add(proof.rows);
        counted.input_tokens = counted.input_tokens.saturating_add(proof.input_tokens);
        counted.output_tokens = counted.output_tokens.saturating_add(proof.output_tokens);
        counted.first_us = Some(counted.first_us.map_or(proof.first_us, |first| first.min(proof.first_us)));
        counted.last_us = Some(counted.last_us.map_or(proof.last_us, |last| last.max(proof.last_us)));
        // A file is of one day, which its place tells.
        let day = batch.file.split('/').find_map(|part| part.strip_prefix("day=")).unwrap_or("of no day");
        let (exchanges, accounts) = counted.days.entry(day.to_owned()).or_default();
        *exchanges = exchanges.saturating_add(proof.rows);
        accounts.insert(proof.account.clone());
    }
    Ok(counted)
}

/// Checks the rows, and finds who holds which item of the accounts' evidence.
///
/// # Errors
/// [`Error::Damaged`] with the first that does not hold.
pub fn holders(
    rows: &[RowProof],
    proofs: &[AccountProof],
    batches: &BTreeMap<u64, Batch>,
    accounts: &Accounts,
) -> Result<BTreeMap<Item, BTreeSet<String>>, Error> {
    let nodes: BTreeMap<(u64, &str), &AccountProof> =
        proofs.iter().map(|proof| ((proof.entry, proof.account.as_str()), proof)).collect();
    let mut wanted: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for verdict in &accounts.verdicts {
        let items = verdict.evidence.iter().map(|item| (item.kind.as_str(), item.item.as_str()));
        wanted.entry(verdict.account.as_str()).or_default().extend(items);
    }
    let mut holders: BTreeMap<Item, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        let place = || format!("row {} of account {:?} in entry {}", row.place, row.account, row.entry);
        let known = batches.get(&row.entry).zip(nodes.get(&(row.entry, row.account.as_str())));
        let Some((batch, proof)) = known else {
            return Err(Error::at(ROWS, format!("{}: its account is not shown there", place())));
        };
        let node = proof.check(batch).map_err(|error| Error::at(ACCOUNTS, error))?;
        let shown = row.check(batch, &node).map_err(|error| Error::at(ROWS, error))?;
        for (kind, item) in wanted.get(row.account.as_str()).into_iter().flatten() {
            if holds(&shown, kind, item) {
                holders.entry(((*kind).to_owned(), (*item).to_owned())).or_default().insert(row.account.clone());
            }
        }
    }
    Ok(holders)
}

/// Whether a row holds an item.
fn holds(shown: &[(String, Owned)], kind: &str, item: &str) -> bool {
    let Ok(hash) = u64::from_str_radix(item, 16) else { return false };
    let own = shown.iter().filter(|(name, _)| columns_of(kind).contains(&name.as_str()));
    own.into_iter().any(|(_, value)| match value {
        Owned::Integer(number) => number.cast_unsigned() == hash,
        Owned::Hashes(hashes) => hashes.iter().any(|one| one.cast_unsigned() == hash),
        _ => false,
    })
}
