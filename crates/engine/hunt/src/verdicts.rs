//! Writes what a hunt found into the ledger of its data directory: two documents a campaign.
//!
//! One says what is held of the campaign and what its e-value was computed from, and names no account; the other has the
//! accounts and what is held of each. So a case is shown and exported from the ledger alone, and the first can be shown to people
//! who are not to see the second. What did not change since the last hunt is not written again.

use std::collections::BTreeMap;
use std::path::Path;

use assess::Assessment;
use campaign::AccountVerdict;
use campaign::Bank;
use campaign::Campaign;
use campaign::Judgement;
use campaign::Pool;
use campaign::Proposal;
use columns::ledger_of;
use journal::Kind;
use journal::document_of;
use journal::document_record;
use ledger::Ledger;
use ledger::Reader;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::options::Options;
use crate::output::Summary;

/// Names of the documents.
const VERDICT: &str = "verdict";
const ACCOUNTS: &str = "accounts";

/// A verdict, as it is in the ledger.
#[derive(Debug, Serialize)]
struct Verdict<'a> {
    document: &'static str,
    version: u32,
    program: &'static str,
    case: &'a str,
    /// The entry of the document with the accounts.
    accounts_entry: u64,
    /// The entries of the ledger that say what the exchange table was: those before this number.
    table_entries: u64,
    /// Data directories that were read beside this one, which the ledger knows nothing of.
    other_sources: u64,
    since_us: Option<i64>,
    until_us: Option<i64>,
    run: Run<'a>,
    /// As in `campaigns.json`, without its accounts.
    campaign: Value,
    judgement: Option<Judgement>,
}

/// The accounts of a campaign, as they are in the ledger.
#[derive(Debug, Serialize)]
struct Accounts<'a> {
    document: &'static str,
    version: u32,
    case: &'a str,
    accounts: &'a [String],
    pools: &'a [Pool],
    verdicts: Vec<&'a AccountVerdict>,
}

/// What the run was, of which the verdict is.
#[derive(Debug, Serialize)]
struct Run<'a> {
    accounts: u64,
    exchanges: u64,
    fdr: f64,
    fdr_suspected: f64,
    hypotheses: u64,
    groups_tested: u64,
    calibration: &'a str,
    cannot_see: &'a [String],
}

/// What is read of an earlier document.
#[derive(Debug, Deserialize)]
struct Known {
    document: String,
    case: String,
}

/// What the hunt read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// See [`Verdict::table_entries`].
    pub table_entries: u64,
    /// See [`Verdict::other_sources`].
    pub other_sources: u64,
}

/// Brings the ledger up to the table that a hunt has read.
pub(crate) fn see_table(
    data_dir: &Path,
    sources: usize,
    is_source: bool,
    progress: &dyn workers::Progress,
) -> Result<Seen, Error> {
    columns::follow(data_dir, progress)?;
    let kinds = Reader::open(&ledger_of(data_dir)).and_then(|log| log.kinds()).map_err(columns::Error::from)?;
    let is_table = |kind: &u8| matches!(Kind::of(*kind), Some(Kind::Exchanges | Kind::ExchangesGone));
    let table_entries = kinds.iter().rposition(is_table).map_or(0, |last| last as u64 + 1);
    Ok(Seen { table_entries, other_sources: sources.saturating_sub(usize::from(is_source)) as u64 })
}

/// Adds the campaigns of a hunt.
pub(crate) fn write_verdicts(
    data_dir: &Path,
    seen: Seen,
    options: &Options,
    bank: &Bank,
    assessment: &Assessment<'_>,
    found: (&[Campaign], &[AccountVerdict]),
    summary: &Summary,
) -> Result<(), Error> {
    let root = ledger_of(data_dir);
    let mut log = Ledger::open(&root).map_err(columns::Error::from)?;
    let known = latest(&Reader::open(&root).map_err(columns::Error::from)?)?;
    let name = |at: &u32| assessment.context.population.get(*at).map(|entity| entity.account.as_str());
    let of_accounts: BTreeMap<Vec<&str>, &Proposal> = assessment
        .selected
        .proposals
        .iter()
        .map(|proposal| (proposal.accounts.iter().filter_map(name).collect(), proposal))
        .collect();
    let run = || Run {
        accounts: summary.accounts,
        exchanges: summary.exchanges,
        fdr: summary.fdr,
        fdr_suspected: summary.fdr_suspected,
        hypotheses: summary.hypotheses,
        groups_tested: summary.groups_tested,
        calibration: &summary.calibration,
        cannot_see: &summary.cannot_see,
    };
    let size = log.size();
    let mut add =
        |name: &str, campaign: &Campaign, document: Vec<u8>| match known.get(&(name.to_owned(), campaign.id.clone())) {
            Some((entry, same)) if *same == document => Ok(*entry),
            _ => log.append(Kind::Verdict.number(), &document_record(&document)).map_err(columns::Error::from),
        };
    for campaign in found.0 {
        let accounts = Accounts {
            document: ACCOUNTS,
            version: 1,
            case: &campaign.id,
            accounts: &campaign.accounts,
            pools: &campaign.pools,
            verdicts: found.1.iter().filter(|account| account.campaigns.contains(&campaign.id)).collect(),
        };
        let accounts_entry = add(ACCOUNTS, campaign, to_bytes(&accounts)?)?;
        let names: Vec<&str> = campaign.accounts.iter().map(String::as_str).collect();
        let verdict = Verdict {
            document: VERDICT,
            version: 1,
            program: summary.version,
            case: &campaign.id,
            accounts_entry,
            table_entries: seen.table_entries,
            other_sources: seen.other_sources,
            since_us: options.since_us,
            until_us: options.until_us,
            run: run(),
            campaign: without_accounts(campaign)?,
            judgement: of_accounts.get(&names).map(|proposal| Judgement::of(proposal, bank)),
        };
        add(VERDICT, campaign, to_bytes(&verdict)?)?;
    }
    if log.size() > size {
        log.commit().map_err(columns::Error::from)?;
    }
    Ok(())
}

/// A campaign without what names accounts.
fn without_accounts(campaign: &Campaign) -> Result<Value, Error> {
    let mut value = serde_json::to_value(campaign).map_err(|error| columns::Error::Bug(error.to_string()))?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("accounts".to_owned(), campaign.accounts.len().into());
        fields.insert("pools".to_owned(), campaign.pools.len().into());
    }
    Ok(value)
}

fn to_bytes(document: &impl Serialize) -> Result<Vec<u8>, columns::Error> {
    serde_json::to_vec(document).map_err(|error| columns::Error::Bug(error.to_string()))
}

/// The latest document of each name and case, and its entry.
type Latest = BTreeMap<(String, String), (u64, Vec<u8>)>;

fn latest(log: &Reader) -> Result<Latest, Error> {
    let kinds = log.kinds().map_err(columns::Error::from)?;
    let mut latest = Latest::new();
    log.for_each_record(&mut |index, record| {
        let kind = usize::try_from(index).ok().and_then(|index| kinds.get(index)).and_then(|kind| Kind::of(*kind));
        if kind == Some(Kind::Verdict)
            && let Ok(bytes) = document_of(record)
            && let Ok(Known { document, case }) = serde_json::from_slice(bytes)
        {
            latest.insert((document, case), (index, bytes.to_vec()));
        }
        Ok(())
    })
    .map_err(columns::Error::from)?;
    Ok(latest)
}
