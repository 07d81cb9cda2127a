//! Numbers for the accounts of one part of a fold, and the rows of a batch in their order.

use std::collections::HashMap;

use arrow::array::Array;
use arrow::array::AsArray;
use arrow::array::RecordBatch;
use arrow::datatypes::Int32Type;

/// The accounts met so far, each with a number.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    numbers: HashMap<String, u32>,
}

/// A row of a batch, by its account's number first, so that sorted rows have each account's rows together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccountRow {
    pub account: u32,
    pub row: u32,
}

impl Accounts {
    /// The number of an account: a new one where it was not met before.
    pub(crate) fn number(&mut self, account: &str) -> u32 {
        if let Some(number) = self.numbers.get(account) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(account.to_owned(), number);
        number
    }

    /// How many accounts were met.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The accounts with their numbers, in no order.
    pub(crate) fn into_names(self) -> impl Iterator<Item = (String, u32)> {
        self.numbers.into_iter()
    }

    /// The rows of a batch, sorted by account. The column `account` is a dictionary, so that an account is looked up
    /// once a batch. Returns `None` where it is none.
    pub(crate) fn rows(&mut self, batch: &RecordBatch) -> Option<Vec<AccountRow>> {
        let column = batch.column_by_name("account")?.as_dictionary_opt::<Int32Type>()?;
        let names = column.values().as_string_opt::<i32>()?;
        let mut numbers: Vec<Option<u32>> = vec![None; names.len()];
        let mut rows = Vec::with_capacity(column.len());
        for (key, row) in column.keys().iter().zip(0..) {
            // A null or a key outside the dictionary is no account; the writer makes neither.
            let Some(slot) = key.and_then(|key| numbers.get_mut(usize::try_from(key).ok()?)) else { continue };
            let account = match *slot {
                Some(account) => account,
                None => {
                    let account = self.number(names.value(usize::try_from(key?).ok()?));
                    *slot = Some(account);
                    account
                }
            };
            rows.push(AccountRow { account, row });
        }
        rows.sort_unstable();
        Some(rows)
    }
}
