//! What is read beside a log: account records, enforcement acts, and a second log of the same calls.

use crate::Account;
use crate::Action;
use crate::Addition;
use crate::Blocks;
use crate::Error;
use crate::Input;
use crate::Maps;
use crate::Reject;
use crate::format::Records;
use crate::limits::Limits;

/// Reads account records, as JSON lines (compressed or not) or Parquet. Each comes to `sink` as an account or as a
/// reject.
///
/// # Errors
/// If the input cannot be read, or holds no JSON and no Parquet; [`Error::GivenUp`] where nearly all of it is refused.
pub fn read_accounts(input: &Input, sink: &mut dyn FnMut(Result<Account, Reject>)) -> Result<(), Error> {
    let mut counted = Counted::default();
    for block in Blocks::open_with(input, Records::Accounts, Limits::default())? {
        block?.read_accounts(&mut |item| {
            counted.count(&item);
            sink(item);
        });
        counted.check(input)?;
    }
    Ok(())
}

/// Reads a second log, whose records say more of exchanges that another log tells. What tells of no exchange is left out.
///
/// # Errors
/// If the input cannot be read, or no map is of its records; [`Error::GivenUp`] where nearly all of it is refused.
pub fn read_additions(
    input: &Input,
    maps: &Maps,
    sink: &mut dyn FnMut(Result<Addition<'_>, Reject>),
) -> Result<(), Error> {
    let mut counted = Counted::default();
    for block in Blocks::open_mapped(input, Records::Additions, Limits::default(), maps)? {
        block?.read_additions(&mut |item| {
            counted.count(&item);
            sink(item);
        });
        counted.check(input)?;
    }
    Ok(())
}

/// Reads enforcement acts, as JSON lines (compressed or not): `{at, account, action}`.
///
/// # Errors
/// If the input cannot be read, or holds no JSON; [`Error::GivenUp`] where nearly all of it is refused.
pub fn read_actions(input: &Input, sink: &mut dyn FnMut(Result<Action, Reject>)) -> Result<(), Error> {
    let mut counted = Counted::default();
    for block in Blocks::open_with(input, Records::Accounts, Limits::default())? {
        block?.read_actions(&mut |item| {
            counted.count(&item);
            sink(item);
        });
        counted.check(input)?;
    }
    Ok(())
}

/// Refused records after which the rest of a file is not read, where less than one record in a hundred was accepted.
const MAX_REFUSED: u64 = 1_000_000;

/// What a file has given so far.
#[derive(Debug, Default)]
struct Counted {
    accepted: u64,
    refused: u64,
}

impl Counted {
    fn count<T>(&mut self, item: &Result<T, Reject>) {
        match item {
            Ok(_) => self.accepted += 1,
            Err(_) => self.refused += 1,
        }
    }

    /// Whether it is worth reading on.
    fn check(&self, input: &Input) -> Result<(), Error> {
        if self.refused <= MAX_REFUSED || self.accepted >= self.refused / 100 {
            return Ok(());
        }
        let reason = format!(
            "more than {MAX_REFUSED} records were refused, and less than one in a hundred was read: the rest is not read"
        );
        Err(Error::GivenUp { file: input.name().to_owned(), reason })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_file_that_holds_no_accounts_is_given_up() {
        let lines = |good: &str| format!("{good}{}", "{}\n".repeat(MAX_REFUSED as usize + 200_000));
        let read = |text: String| {
            let mut count = 0;
            let input = Input::memory("accounts", Arc::from(text.into_bytes()));
            read_accounts(&input, &mut |_| count += 1).map(|()| count)
        };
        assert!(matches!(read(lines("")), Err(Error::GivenUp { .. })));
        let good = "{\"account\":\"a\"}\n".repeat(20_000);
        assert_eq!(read(lines(&good)).unwrap(), MAX_REFUSED + 220_000);
    }
}
