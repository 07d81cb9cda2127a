//! The native record of an enforcement act.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

use crate::Action;
use crate::json;
use crate::json::Str;
use crate::json::no_time;
use crate::time::parse_time_us;

/// Reads one enforcement act.
pub(crate) fn parse_action(text: &str) -> Result<Action, String> {
    json::check_depth(text)?;
    let draft: Draft = serde_json::from_str(text).map_err(|error| json::reason(&error))?;
    match draft {
        Draft { account: Some(account), at_us: Some(at_us), action } if !account.is_empty() => {
            Ok(Action { at_us, account, action: action.unwrap_or_default() })
        }
        _ => Err("an enforcement act needs `at` and `account`".to_owned()),
    }
}

#[derive(Default)]
struct Draft {
    at_us: Option<i64>,
    account: Option<String>,
    action: Option<String>,
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DraftVisitor)
    }
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `at`, `account` and `action`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut draft = Draft::default();
        while let Some(Str(key)) = map.next_key()? {
            match key.as_ref() {
                "at" => {
                    let text = json::text(&mut map, "at")?.unwrap_or_default();
                    draft.at_us = Some(parse_time_us(&text).ok_or_else(|| no_time::<A::Error>("at", &text))?);
                }
                "account" => draft.account = json::ident(&mut map, "account")?.map(Into::into),
                "action" => draft.action = json::label(&mut map, "action")?.map(Into::into),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(draft)
    }
}
