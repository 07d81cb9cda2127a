//! Numbers for the accounts of one part of a fold, and the rows of a batch in their order.

use std::collections::HashMap;

use arrow_array::Array;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;

use crate::batch::other_type;

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

    /// The names of the accounts, in the order of their numbers.
    pub(crate) fn into_names(self) -> Vec<String> {
        let mut names: Vec<(u32, String)> = self.numbers.into_iter().map(|(name, number)| (number, name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// The rows of a batch, sorted by account. The column `account` is a dictionary, so that an account is looked up
    /// once a batch.
    pub(crate) fn rows(&mut self, batch: &RecordBatch) -> Result<Vec<AccountRow>, String> {
        let column = batch.column_by_name("account").and_then(|column| column.as_dictionary_opt::<Int32Type>());
        let column = column.ok_or_else(|| other_type("account"))?;
        let names = column.values().as_string_opt::<i32>().ok_or_else(|| other_type("account"))?;
        let mut numbers: Vec<Option<u32>> = vec![None; names.len()];
        let mut rows = Vec::with_capacity(column.len());
        for (key, row) in column.keys().iter().zip(0..) {
            // A null or a key outside the dictionary is no account; the writer makes neither.
            let Some(key) = key.and_then(|key| usize::try_from(key).ok()) else { continue };
            let Some(slot) = numbers.get_mut(key) else { continue };
            let account = *slot.get_or_insert_with(|| self.number(names.value(key)));
            rows.push(AccountRow { account, row });
        }
        rows.sort_unstable();
        Ok(rows)
    }
}
