//! The native record of an enforcement act.

use serde::Deserialize;

use crate::Action;
use crate::fields;
use crate::fields::Object;
use crate::json;

/// Reads one enforcement act.
pub(crate) fn parse_action(text: &str) -> Result<Action, String> {
    let ActionForm { at, account, action } = json::read::<Object<ActionForm>>(text)?.0;
    match at {
        Some(at_us) if !account.is_empty() => Ok(Action { at_us, account, action }),
        _ => Err("an enforcement act needs `at` and `account`".to_owned()),
    }
}

/// An act whose needed fields may still be missing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ActionForm {
    #[serde(deserialize_with = "fields::time_us")]
    at: Option<i64>,
    #[serde(deserialize_with = "fields::needed_ident")]
    account: String,
    #[serde(deserialize_with = "fields::needed_label")]
    action: String,
}
