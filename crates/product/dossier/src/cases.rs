//! The cases of a data directory: the latest verdict of each campaign in its ledger.

use std::collections::BTreeMap;
use std::path::Path;

use columns::open_ledger;
use journal::Kind;
use journal::document_of;
use ledger::Reader;

use crate::documents::Accounts;
use crate::documents::Verdict;
use crate::error::Error;

/// A case, and where its latest verdict is.
#[derive(Debug, Clone)]
pub struct Case {
    /// The entry of the verdict in the ledger.
    pub entry: u64,
    /// The verdict.
    pub verdict: Verdict,
    /// The document as it is.
    pub document: Vec<u8>,
}

/// The accounts of a case, from the ledger of its data directory.
///
/// # Errors
/// [`Error`] where they cannot be read.
pub fn accounts(data_dir: &Path, case: &Case) -> Result<Accounts, Error> {
    accounts_of(&open_ledger(data_dir)?, case)
}

/// The accounts of a case.
pub(crate) fn accounts_of(log: &Reader, case: &Case) -> Result<Accounts, Error> {
    let (record, _) = log.record(case.verdict.accounts_entry)?;
    let document = document_of(&record).map_err(columns::Error::from)?;
    serde_json::from_slice(document).map_err(|error| Error::at("the accounts of the case", error))
}

/// The cases of a data directory, by their ids.
///
/// # Errors
/// [`Error`] where there is no ledger, or it cannot be read.
pub fn cases(data_dir: &Path) -> Result<BTreeMap<String, Case>, Error> {
    let log = open_ledger(data_dir)?;
    let kinds = log.kinds()?;
    let mut cases = BTreeMap::new();
    log.for_each_record(&mut |index, record| {
        let kind = usize::try_from(index).ok().and_then(|index| kinds.get(index)).and_then(|kind| Kind::of(*kind));
        if kind == Some(Kind::Verdict)
            && let Ok(document) = document_of(record)
            && let Ok(verdict) = serde_json::from_slice::<Verdict>(document)
        {
            let case = Case { entry: index, document: document.to_vec(), verdict };
            cases.insert(case.verdict.case.clone(), case);
        }
        Ok(())
    })?;
    Ok(cases)
}
