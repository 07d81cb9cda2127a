//! Small looks into a JSON value. In formats that are not ours, a value of an odd type counts as absent.

use std::borrow::Cow;

use serde_json::Value;

use crate::json;
use crate::time::epoch_us;
use crate::time::parse_time_us;

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

/// The count under the first of these keys that has one.
pub(super) fn first_count(value: &Value, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| count(value.get(*key)?))
}

/// A whole number, also one written as a float or as text, as OTLP writes 64-bit numbers.
pub(super) fn count(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().or_else(|| json::whole(value.as_f64()?)),
    }
}

/// A number, also one written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    }
}

/// A time as RFC 3339, or as a count since 1970 in any unit.
pub(super) fn time_us(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse_time_us(text).or_else(|| epoch_us(text.parse().ok()?)),
        value => epoch_us(value.as_f64()?),
    }
}

/// Milliseconds from one time to another.
pub(super) fn elapsed_ms(from_us: i64, to_us: i64) -> Option<u64> {
    u64::try_from(to_us.checked_sub(from_us)?).ok().map(|us| us.saturating_add(500) / 1000)
}

/// An identifier within its bound.
pub(super) fn ident<'v>(name: &str, ident: Option<&'v str>) -> Result<Option<Cow<'v, str>>, String> {
    match ident.filter(|ident| !ident.is_empty()) {
        Some(ident) if ident.len() > json::MAX_IDENT_BYTES => Err(json::too_long(name, ident.len())),
        ident => Ok(ident.map(Cow::Borrowed)),
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
            Ok(inner) => Cow::Owned(inner),
            Err(_) => Cow::Borrowed(value),
        },
        value => Cow::Borrowed(value),
    }
}
