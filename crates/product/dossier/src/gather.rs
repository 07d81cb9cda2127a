//! The records of a case, from the ledger and the exchange table of a data directory.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use columns::FileProofs;
use columns::Wanted;
use columns::live_batches;
use columns::prove_file;
use journal::AccountProof;
use journal::Batch;
use journal::Group;
use journal::Kind;
use journal::LeafProof;
use journal::Owned;
use journal::Part;
use journal::RowProof;
use journal::decode;
use ledger::Entry;
use ledger::Reader;
use workers::Phase;
use workers::Progress;
use workers::available;
use workers::check;
use workers::try_parallel_map;

use crate::cases::Case;
use crate::documents::Accounts;
use crate::documents::columns_of;
use crate::documents::is_text;
use crate::error::Error;
use crate::facts::batches;
use crate::options::Options;
use crate::options::Texts;

/// Files that are read at a time.
const AT_A_TIME: usize = 16;

/// What goes into an archive.
#[derive(Debug, Default)]
pub struct Records {
    /// Records of the ledger, without paths: all entries are in the archive.
    pub openings: Vec<LeafProof>,
    /// The accounts' counts.
    pub accounts: Vec<AccountProof>,
    /// The exchanges that matter.
    pub rows: Vec<RowProof>,
}

/// Opens the record of an entry.
pub fn open(log: &Reader, index: u64) -> Result<LeafProof, Error> {
    let kind = Entry::from_bytes(&log.entry(index)?)?.kind;
    let (record, salt) = log.record(index)?;
    Ok(LeafProof { index, kind, salt, record, path: Vec::new() })
}

/// The records of the table's history: what came, and what went.
fn table_openings(log: &Reader, table_entries: u64) -> Result<Vec<LeafProof>, Error> {
    let (kinds, salts) = (log.kinds()?, log.salts()?);
    let mut openings = Vec::new();
    log.for_each_record(&mut |index, record| {
        let kind = usize::try_from(index).ok().and_then(|index| kinds.get(index)).copied().unwrap_or(0);
        if index < table_entries && matches!(Kind::of(kind), Some(Kind::Exchanges | Kind::ExchangesGone)) {
            let salt = salts.of_record(index);
            openings.push(LeafProof { index, kind, salt, record: record.to_vec(), path: Vec::new() });
        }
        Ok(())
    })?;
    Ok(openings)
}

/// What is to be shown of each account: the first exchange of each item of its evidence. And of which of them the text.
fn wanted(accounts: &Accounts, texts: Texts) -> (Wanted, BTreeSet<(String, String)>) {
    let mut wanted: Wanted = accounts.accounts.iter().map(|account| (account.clone(), BTreeSet::new())).collect();
    let mut with_text = BTreeSet::new();
    for verdict in accounts.verdicts.iter().filter(|verdict| wanted.contains_key(&verdict.account)).collect::<Vec<_>>()
    {
        for evidence in verdict.evidence.iter().filter(|evidence| !columns_of(&evidence.kind).is_empty()) {
            let Some(id) = evidence.exchanges.first() else { continue };
            wanted.entry(verdict.account.clone()).or_default().insert(id.clone());
            if texts == Texts::All || texts == Texts::Claims && is_text(&evidence.kind) {
                with_text.insert((verdict.account.clone(), id.clone()));
            }
        }
    }
    (wanted, with_text)
}

/// Gathers the records of a case. Accounts and exchanges only where `accounts` are to be shown.
pub fn gather(
    data_dir: &Path,
    log: &Reader,
    case: &Case,
    accounts: Option<&Accounts>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Records, Error> {
    let mut records = Records { openings: table_openings(log, case.verdict.table_entries)?, ..Records::default() };
    if let Some(accounts) = accounts {
        let of_table = batches(&records.openings, case.verdict.table_entries)?;
        // What was replaced in the table since cannot be proven any more, and is counted as missing by the claims.
        let live: Vec<(u64, Batch)> =
            live_batches(log)?.into_values().filter(|(entry, _)| of_table.contains_key(entry)).collect();
        let (wanted, with_text) = wanted(accounts, options.text);
        let mut shown = BTreeSet::from([Group::Facts]);
        shown.extend(options.audience.shows_identifiers().then_some(Group::Identifiers));
        shown.extend((options.text != Texts::None).then_some(Group::Text));
        let salts = log.salts()?;
        progress.begin(Phase::Check, Some(live.len() as u64));
        for (some, done) in live.chunks(AT_A_TIME).zip((0..).step_by(AT_A_TIME)) {
            check(progress).map_err(columns::Error::from)?;
            progress.advance(done, done);
            let prove = |live: &(u64, Batch)| prove_file(data_dir, live, &salts, &wanted, &shown);
            for FileProofs { accounts, rows } in try_parallel_map(some, available(None), prove)? {
                records.accounts.extend(accounts);
                records.rows.extend(rows.into_iter().map(|row| without_text(row, &with_text)));
            }
        }
        // Batches in which no account of the case is say nothing about it, but that they are there.
        let used: BTreeMap<u64, ()> = records.accounts.iter().map(|proof| (proof.entry, ())).collect();
        records
            .openings
            .retain(|opening| Kind::of(opening.kind) != Some(Kind::Exchanges) || used.contains_key(&opening.index));
        records.openings.push(open(log, case.verdict.accounts_entry)?);
    } else {
        records.openings.retain(|opening| Kind::of(opening.kind) == Some(Kind::ExchangesGone));
    }
    records.accounts.sort_by(|a, b| (a.entry, &a.account).cmp(&(b.entry, &b.account)));
    records.rows.sort_by(|a, b| (a.entry, &a.account, a.place).cmp(&(b.entry, &b.account, b.place)));
    records.openings.push(open(log, case.entry)?);
    records.openings.sort_by_key(|opening| opening.index);
    Ok(records)
}

/// A row without its text, unless that is to be shown.
fn without_text(mut row: RowProof, with_text: &BTreeSet<(String, String)>) -> RowProof {
    let id = match row.parts.first() {
        // The id is the first of the facts.
        Some(Part::Shown { values, .. }) => decode(values).ok().and_then(|values| values.into_iter().next()),
        _ => None,
    };
    let is_shown = match id {
        Some(Owned::Text(id)) => with_text.contains(&(row.account.clone(), id)),
        _ => false,
    };
    if let (false, Some(text)) = (is_shown, row.parts.get_mut(Group::Text as usize)) {
        *text = Part::Hidden(text.commitment());
    }
    row
}
