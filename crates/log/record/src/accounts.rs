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
/// If the input cannot be read, or holds no JSON and no Parquet.
pub fn read_accounts(input: &Input, sink: &mut dyn FnMut(Result<Account, Reject>)) -> Result<(), Error> {
    for block in Blocks::open_with(input, Records::Accounts, Limits::default())? {
        block?.read_accounts(sink);
    }
    Ok(())
}

/// Reads a second log, whose records say more of exchanges that another log tells. What tells of no exchange is left out.
///
/// # Errors
/// If the input cannot be read, or no map is of its records.
pub fn read_additions(
    input: &Input,
    maps: &Maps,
    sink: &mut dyn FnMut(Result<Addition<'_>, Reject>),
) -> Result<(), Error> {
    for block in Blocks::open_mapped(input, Records::Additions, Limits::default(), maps)? {
        block?.read_additions(sink);
    }
    Ok(())
}

/// Reads enforcement acts, as JSON lines (compressed or not): `{at, account, action}`.
///
/// # Errors
/// If the input cannot be read, or holds no JSON.
pub fn read_actions(input: &Input, sink: &mut dyn FnMut(Result<Action, Reject>)) -> Result<(), Error> {
    for block in Blocks::open_with(input, Records::Accounts, Limits::default())? {
        block?.read_actions(sink);
    }
    Ok(())
}
