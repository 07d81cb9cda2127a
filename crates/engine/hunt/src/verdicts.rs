//! Writes what a hunt found into the ledger of its data directory: one document a campaign.
//!
//! The document has all that a reader of the case needs, so that a case is shown and exported from the ledger alone: the
//! campaign, what is held of each account, and what its e-value was computed from. A campaign of which nothing changed since
//! the last hunt is not written again.

use std::collections::BTreeMap;
use std::path::Path;

use assess::Assessment;
use campaign::AccountVerdict;
use campaign::Bank;
use campaign::Campaign;
use campaign::Judgement;
use campaign::Proposal;
use columns::ledger_of;
use journal::Kind;
use journal::document_of;
use journal::document_record;
use ledger::Ledger;
use ledger::Reader;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::options::Options;
use crate::output::Summary;

/// A verdict, as it is in the ledger.
#[derive(Debug, Serialize)]
struct Verdict<'a> {
    document: &'static str,
    version: u32,
    program: &'static str,
    case: &'a str,
    /// The entries of the ledger that say what the exchange table was: those before this number.
    table_entries: u64,
    /// Data directories that were read beside this one, which the ledger knows nothing of.
    other_sources: u64,
    since_us: Option<i64>,
    until_us: Option<i64>,
    run: Run<'a>,
    campaign: &'a Campaign,
    accounts: Vec<&'a AccountVerdict>,
    judgement: Option<Judgement>,
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

/// What is read of an earlier verdict.
#[derive(Debug, Deserialize)]
struct Case {
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
    let mut is_changed = false;
    for campaign in found.0 {
        let names: Vec<&str> = campaign.accounts.iter().map(String::as_str).collect();
        let verdict = Verdict {
            document: "verdict",
            version: 1,
            program: summary.version,
            case: &campaign.id,
            table_entries: seen.table_entries,
            other_sources: seen.other_sources,
            since_us: options.since_us,
            until_us: options.until_us,
            run: run(),
            campaign,
            accounts: found.1.iter().filter(|account| account.campaigns.contains(&campaign.id)).collect(),
            judgement: of_accounts.get(&names).map(|proposal| Judgement::of(proposal, bank)),
        };
        let document = serde_json::to_vec(&verdict).map_err(|error| columns::Error::Bug(error.to_string()))?;
        if known.get(&campaign.id) != Some(&document) {
            log.append(Kind::Verdict.number(), &document_record(&document)).map_err(columns::Error::from)?;
            is_changed = true;
        }
    }
    if is_changed {
        log.commit().map_err(columns::Error::from)?;
    }
    Ok(())
}

/// The latest verdict of each case.
fn latest(log: &Reader) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let kinds = log.kinds().map_err(columns::Error::from)?;
    let mut latest = BTreeMap::new();
    log.for_each_record(&mut |index, record| {
        let kind = usize::try_from(index).ok().and_then(|index| kinds.get(index)).and_then(|kind| Kind::of(*kind));
        if kind == Some(Kind::Verdict)
            && let Ok(document) = document_of(record)
            && let Ok(Case { case }) = serde_json::from_slice(document)
        {
            latest.insert(case, document.to_vec());
        }
        Ok(())
    })
    .map_err(columns::Error::from)?;
    Ok(latest)
}
