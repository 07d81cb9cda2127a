//! The file of account records: what of an account was verified, what it is, when it began.

use std::collections::HashMap;
use std::path::Path;

use policy::AccountState;

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// What account records say that rules may read.
#[derive(Debug, Default)]
pub(crate) struct Records(HashMap<String, (AccountState, Option<i64>)>);

impl Records {
    /// Reads a file of account records; those that are refused are counted.
    pub(crate) fn read(path: &Path) -> Result<(Self, u64), String> {
        let name = path.display().to_string();
        let mut known = HashMap::new();
        let mut refused = 0;
        for input in record::expand(std::slice::from_ref(&name)).map_err(|error| error.to_string())? {
            let read = record::read_accounts(&input, &mut |record| match record {
                Ok(account) => {
                    let mut state = AccountState::unknown(&account.account);
                    let verified = account.verified.iter().map(String::as_str);
                    state.register(verified, account.kind.as_deref(), account.plan.as_deref());
                    state.organisation = account.organization;
                    known.insert(account.account, (state, account.created_at_us));
                }
                Err(_) => refused += 1,
            });
            read.map_err(|error| error.to_string())?;
        }
        Ok((Self(known), refused))
    }

    /// What is known of an account at a moment, apart from verdicts.
    pub(crate) fn state(&self, account: &str, now_us: i64) -> AccountState {
        match self.0.get(account) {
            None => AccountState::unknown(account),
            Some((state, created_at_us)) => {
                let age_us = created_at_us.map(|at_us| now_us.saturating_sub(at_us));
                AccountState { is_first_day: age_us.is_some_and(|age_us| age_us < DAY_US), ..state.clone() }
            }
        }
    }
}
