//! Small looks into a JSON value. In formats that are not ours, an optional value of an odd type counts as absent; a
//! needed one is named in the reason, with its type and never with its value.

use std::borrow::Cow;

use serde_json::Value;

use crate::json;
use crate::time::epoch_us;
use crate::time::foreign_time_us;

/// The value at a path of keys.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(*key)).filter(|value| !value.is_null())
}

/// The text at a path; an empty one is absent.
pub(super) fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// The text under the first of these keys that has one.
pub(super) fn first_text<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v str> {
    keys.iter().find_map(|key| text(value, &[key]))
}

/// The identifier at a path: text or a number. What a program writes for "none" is absent.
pub(super) fn name<'v>(value: &'v Value, path: &[&str]) -> Option<Cow<'v, str>> {
    name_of(at(value, path)?)
}

/// The identifier under the first of these keys that has one.
pub(super) fn first_name<'v>(value: &'v Value, keys: &[&str]) -> Option<Cow<'v, str>> {
    keys.iter().find_map(|key| name(value, &[key]))
}

/// A text or a number as an identifier.
pub(super) fn name_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if !is_none(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// Whether a text is what a program writes where it has nothing.
pub(super) fn is_none(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | "-" | "None" | "none" | "null" | "NULL" | "nil" | "<nil>" | "undefined" | "N/A" | "n/a" | "NaN"
    )
}

/// The count under the first of these keys that has one.
pub(super) fn first_count(value: &Value, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| count(value.get(*key)?))
}

/// A whole number, also one written as a float or as text, as OTLP writes 64-bit numbers.
pub(super) fn count(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok().or_else(|| json::whole(text.trim().parse().ok()?)),
        value => value.as_u64().or_else(|| json::whole(value.as_f64()?)),
    }
}

/// An HTTP status; a number outside 100 to 599 is none.
pub(super) fn status(value: &Value) -> Option<u16> {
    u16::try_from(count(value)?).ok().filter(|status| (100..600).contains(status))
}

/// A number, also one written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    // As text a number may be none, which JSON cannot write back.
    number.filter(|number: &f64| number.is_finite())
}

/// A flag, also one written as text.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        value => value.as_bool(),
    }
}

/// A time as text in any of the usual forms, or as a count since 1970 in any unit.
pub(super) fn time_us(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => foreign_time_us(text).or_else(|| epoch_us(text.trim().parse().ok()?)),
        value => epoch_us(value.as_f64()?),
    }
}

/// The time under the first of these paths that holds one. The reason tells a field that is there and is no time from
/// one that is missing.
pub(super) fn needed_time(value: &Value, paths: &[&[&str]]) -> Result<i64, String> {
    let held = || paths.iter().filter_map(|path| Some((path, at(value, path)?)));
    if let Some(us) = held().find_map(|(_, value)| time_us(value)) {
        return Ok(us);
    }
    match held().next() {
        Some((path, value)) => Err(no_time(&path.join("."), value)),
        None => Err(format!("no time (log one of {}, as RFC 3339 or as a count since 1970)", listed(paths))),
    }
}

/// The reason for a field that is there and is no time.
#[cold]
pub(super) fn no_time(name: &str, value: &Value) -> String {
    format!("`{name}` is {} that is no time (write RFC 3339, or a count since 1970)", kind(value))
}

/// Paths in words.
fn listed(paths: &[&[&str]]) -> String {
    paths.iter().take(6).map(|path| format!("`{}`", path.join("."))).collect::<Vec<_>>().join(", ")
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a flag",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Milliseconds from one time to another.
pub(super) fn elapsed_ms(from_us: i64, to_us: i64) -> Option<u64> {
    u64::try_from(to_us.checked_sub(from_us)?).ok().map(|us| us.saturating_add(500) / 1000)
}

/// An identifier within its bound.
pub(super) fn bounded<'v>(name: &str, ident: Option<Cow<'v, str>>) -> Result<Option<Cow<'v, str>>, String> {
    match ident.filter(|ident| !ident.is_empty()) {
        Some(ident) if ident.len() > json::MAX_IDENT_BYTES => Err(json::too_long(name, ident.len())),
        ident => Ok(ident),
    }
}

/// A label, cut at its bound.
pub(super) fn label(label: Option<&str>) -> Option<Cow<'_, str>> {
    label.map(|label| json::cut(Cow::Borrowed(label)))
}

/// A value, or the JSON that a text holds.
pub(super) fn unwrapped(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => match serde_json::from_str(text) {
            Ok(inner) => Cow::Owned(json::sorted(inner)),
            Err(_) => Cow::Borrowed(value),
        },
        value => Cow::Borrowed(value),
    }
}
