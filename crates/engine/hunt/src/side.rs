//! What is given beside the logs: account records, enforcement acts, public lists.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use cohort::Identity;
use cohort::Lists;
use columns::MAX_REJECTS_KEPT;
use columns::Unread;
use record::Reject;
use sketch::Embedder;
use sketch::HashKey;
use sketch::WordVectors;

use crate::error::Error;
use crate::fold::Folded;

/// Acts after which an account is shut out, by the names that providers use.
const BANS: [&str; 14] = [
    "ban",
    "banned",
    "suspend",
    "suspended",
    "disable",
    "disabled",
    "deny",
    "denied",
    "block",
    "blocked",
    "terminate",
    "terminated",
    "close",
    "closed",
];

/// The longest list that is read, in bytes.
const LONGEST_LIST: u64 = 64 << 20;

/// Accounts that a log has.
pub(crate) type Names<'a> = BTreeSet<&'a str>;

/// The accounts of a log.
pub(crate) fn names_of(folded: &[Folded]) -> Names<'_> {
    folded.iter().map(|(account, _)| account.as_str()).collect()
}

/// What was refused beside the logs: all of it counted, and the first of it kept with its reason.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(crate) kept: Vec<Reject>,
    pub(crate) count: u64,
    /// Files that were not read to their end.
    pub(crate) unread: Vec<Unread>,
}

impl Refused {
    fn push(&mut self, reject: Reject) {
        self.count += 1;
        if self.kept.len() < MAX_REJECTS_KEPT {
            self.kept.push(reject);
        }
    }

    /// Remembers a file that was given up; other errors go on.
    fn end(&mut self, result: Result<(), record::Error>) -> Result<(), Error> {
        match result {
            Err(record::Error::GivenUp { file, reason }) => {
                self.unread.push(Unread { file, reason });
                Ok(())
            }
            result => Ok(result?),
        }
    }
}

/// Reads account records; of two of one account the one registered first counts, whatever their order.
///
/// All are counted. Those of accounts in the log are kept, so that memory is bounded by the log and not by this file.
pub(crate) fn read_account_files(
    inputs: &[String],
    wanted: &Names<'_>,
    key: &HashKey,
    identities: &mut BTreeMap<String, Identity>,
    refused: &mut Refused,
) -> Result<u64, Error> {
    if inputs.is_empty() {
        return Ok(0);
    }
    let mut records = 0;
    let mut kept: BTreeMap<String, record::Account> = BTreeMap::new();
    for input in record::expand(inputs)? {
        let result = record::read_accounts(&input, &mut |item| match item {
            Ok(account) => {
                records += 1;
                let rank = |account: &record::Account| (account.created_at_us, format!("{account:?}"));
                match kept.get(&account.account) {
                    _ if !wanted.contains(account.account.as_str()) => {}
                    Some(known) if rank(known) <= rank(&account) => {}
                    _ => drop(kept.insert(account.account.clone(), account)),
                }
            }
            Err(reject) => refused.push(reject),
        });
        refused.end(result)?;
    }
    identities.extend(kept.into_iter().map(|(name, account)| (name, Identity::new(&account, key))));
    Ok(records)
}

/// Reads enforcement acts and returns when each account was first shut out, and how many acts were read. Acts of other
/// kinds (a cap, a warning) are counted and shut nobody out.
///
/// As with account records, only acts on accounts in the log are kept.
pub(crate) fn read_bans(
    inputs: &[String],
    wanted: &Names<'_>,
    until_us: Option<i64>,
    refused: &mut Refused,
) -> Result<(BTreeMap<String, i64>, u64), Error> {
    let (mut bans, mut acts) = (BTreeMap::new(), 0);
    if inputs.is_empty() {
        return Ok((bans, acts));
    }
    for input in record::expand(inputs)? {
        let result = record::read_actions(&input, &mut |item| match item {
            Ok(act) => {
                acts += 1;
                let in_window = until_us.is_none_or(|until| act.at_us < until);
                let is_wanted = wanted.contains(act.account.as_str());
                if is_wanted && in_window && BANS.contains(&act.action.to_lowercase().as_str()) {
                    let at_us = bans.entry(act.account).or_insert(act.at_us);
                    *at_us = act.at_us.min(*at_us);
                }
            }
            Err(reject) => refused.push(reject),
        });
        refused.end(result)?;
    }
    Ok((bans, acts))
}

/// Reads a table of word vectors.
///
/// # Errors
/// [`Error`] with the line, where the file is no such table.
pub fn read_embedder(path: &Path) -> Result<Arc<dyn Embedder>, Error> {
    let file = record::open_file(path).map_err(columns::Error::read(path))?;
    let vectors = WordVectors::read(BufReader::new(file))
        .map_err(|error| Error::usage(format!("--embedding {}: {error}", path.display())))?;
    Ok(Arc::new(vectors))
}

/// Reads the public lists: a domain or a network number a line, `#` begins a remark.
pub(crate) fn read_lists(
    disposable_domains: Option<&Path>,
    hosting_asns: Option<&Path>,
    key: &HashKey,
) -> Result<Lists, Error> {
    let domains = disposable_domains.map(lines_of).transpose()?.unwrap_or_default();
    let domains = domains.into_iter().map(|(_, line)| key.value(line.trim_start_matches('@').to_lowercase().as_str()));
    let disposable_domains = domains.collect();
    let mut asns = BTreeSet::new();
    for (number, line) in hosting_asns.map(lines_of).transpose()?.unwrap_or_default() {
        let digits = line.trim_start_matches(['A', 'S', 'a', 's']);
        let first = digits.split([',', ' ', '\t', ';']).next().unwrap_or_default();
        let asn = first.parse::<u32>().map_err(|_| {
            let file = hosting_asns.map(|path| path.display().to_string()).unwrap_or_default();
            Error::usage(format!("{file} line {number} is no network number (write 64500 or AS64500)"))
        })?;
        asns.insert(u64::from(asn));
    }
    Ok(Lists { disposable_domains, hosting_asns: asns })
}

/// The lines of a list that say something, with their numbers from 1.
fn lines_of(path: &Path) -> Result<Vec<(usize, String)>, Error> {
    let text = record::read_text_file(path, LONGEST_LIST).map_err(columns::Error::read(path))?;
    let told = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
    Ok((1..).zip(text.lines().map(told)).filter(|(_, line)| !line.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_beyond_the_bound_are_counted_and_not_kept() {
        let mut refused = Refused::default();
        for line in 0..MAX_REJECTS_KEPT as u64 + 2 {
            refused.push(Reject { file: String::new(), line, byte_offset: None, reason: String::new() });
        }
        assert_eq!((refused.kept.len(), refused.count), (MAX_REJECTS_KEPT, MAX_REJECTS_KEPT as u64 + 2));
        assert_eq!(refused.kept.first().map(|reject| reject.line), Some(0));
    }
}
