//! The native account record.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

use crate::Account;
use crate::json;
use crate::json::List;
use crate::json::Str;
use crate::json::field;
use crate::json::no_time;
use crate::time::parse_time_us;

/// Reads one account record.
pub(crate) fn parse_account(text: &str) -> Result<Account, String> {
    json::check_depth(text)?;
    let draft: Draft = serde_json::from_str(text).map_err(|error| json::reason(&error))?;
    if draft.0.account.is_empty() {
        return Err("no `account` (an account record needs it)".to_owned());
    }
    Ok(draft.0)
}

struct Draft(Account);

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DraftVisitor)
    }
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut account = Account::default();
        while let Some(Str(key)) = map.next_key()? {
            match key.as_ref() {
                "account" => account.account = owned(&mut map, "account")?.unwrap_or_default(),
                "created_at" => account.created_at_us = time(&mut map, "created_at")?,
                "organization" => account.organization = owned(&mut map, "organization")?,
                "email" => account.email = owned(&mut map, "email")?,
                "phone" => account.phone = owned(&mut map, "phone")?,
                "payment" => account.payment = owned(&mut map, "payment")?,
                "device" => account.device = owned(&mut map, "device")?,
                "signup_ip" => account.signup_ip = owned(&mut map, "signup_ip")?,
                "country" => account.country = owned(&mut map, "country")?,
                "verified" => account.verified = verified(&mut map)?,
                "plan" => account.plan = owned(&mut map, "plan")?,
                "kind" => account.kind = owned(&mut map, "kind")?,
                "referrer" => account.referrer = owned(&mut map, "referrer")?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Draft(account))
    }
}

fn owned<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<String>, A::Error> {
    Ok(json::ident(map, name)?.map(Cow::into_owned))
}

fn verified<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Vec<String>, A::Error> {
    let names: List<Str<'de>> = field(map, "verified")?;
    Ok(names.0.into_iter().map(|name| json::cut(name.0).into_owned()).collect())
}

fn time<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<i64>, A::Error> {
    let Some(text) = json::text(map, name)? else { return Ok(None) };
    match parse_time_us(&text) {
        Some(us) => Ok(Some(us)),
        None => Err(no_time::<A::Error>(name, &text)),
    }
}
