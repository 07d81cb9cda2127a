//! The native account record.

use crate::Account;
use crate::fields::Object;
use crate::json;

/// Reads one account record.
pub(crate) fn parse_account(text: &str) -> Result<Account, String> {
    let account = json::read::<Object<Account>>(text)?.0;
    if account.account.is_empty() {
        return Err("no `account` (an account record needs it)".to_owned());
    }
    Ok(account)
}
