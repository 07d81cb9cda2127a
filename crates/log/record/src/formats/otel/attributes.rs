//! Attributes of a span, event or resource.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::Map;
use serde_json::Value;

use crate::formats::value;
use crate::json;

/// Attributes by name: OTLP's typed values, or the plain ones of exporters that write them so.
pub(super) struct Attributes<'v>(BTreeMap<&'v str, &'v Value>);

impl<'v> Attributes<'v> {
    pub(super) fn of(list: Option<&'v Value>) -> Self {
        let mut attributes = Self(BTreeMap::new());
        attributes.add_absent(list);
        attributes
    }

    /// Adds those that are not there yet.
    pub(super) fn add_absent(&mut self, list: Option<&'v Value>) {
        match list {
            Some(Value::Array(pairs)) => {
                for pair in pairs {
                    if let (Some(Value::String(name)), Some(value)) = (pair.get("key"), pair.get("value")) {
                        self.0.entry(name).or_insert(value);
                    }
                }
            }
            Some(Value::Object(map)) => {
                for (name, value) in map {
                    self.0.entry(name).or_insert(value);
                }
            }
            _ => {}
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'v str> {
        text(self.0.get(name)?)
    }

    pub(super) fn count(&self, name: &str) -> Option<u64> {
        value::count(scalar(self.0.get(name)?))
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        value::number(scalar(self.0.get(name)?))
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        value::flag(scalar(self.0.get(name)?))
    }

    /// An identifier: text or a number.
    pub(super) fn name(&self, name: &str) -> Option<Cow<'v, str>> {
        value::name_of(scalar(self.0.get(name)?))
    }

    /// The first text of a list, also one given as JSON text, or the text itself.
    pub(super) fn first_of(&self, name: &str) -> Option<Cow<'v, str>> {
        let value: &'v Value = self.0.get(name)?;
        let list = value.get("arrayValue").and_then(|list| list.get("values")).unwrap_or(value);
        if let Some(list) = list.as_array() {
            return text(list.first()?).map(Cow::Borrowed);
        }
        let text = text(value)?;
        match serde_json::from_str::<Vec<String>>(text) {
            Ok(list) => list.into_iter().next().map(Cow::Owned),
            Err(_) => Some(Cow::Borrowed(text)),
        }
    }

    /// A structured value, also one given as JSON text.
    pub(super) fn structure(&self, name: &str) -> Option<Value> {
        let plain = plain(self.0.get(name)?);
        Some(value::unwrapped(&plain).into_owned())
    }

    /// All attributes.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'v str, &'v Value)> {
        self.0.iter().map(|(name, value)| (*name, *value))
    }

    /// Attributes whose names begin so, with the rest of the name.
    pub(super) fn below(&self, prefix: &'static str) -> impl Iterator<Item = (&'v str, &'v Value)> {
        let from = self.0.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.map_while(move |(name, value)| Some((name.strip_prefix(prefix)?, *value)))
    }
}

/// The text of a value.
pub(super) fn text(value: &Value) -> Option<&str> {
    scalar(value).as_str().filter(|text| !text.is_empty())
}

/// The value inside OTLP's type, or the value itself.
fn scalar(value: &Value) -> &Value {
    let kinds = ["stringValue", "intValue", "doubleValue", "boolValue"];
    kinds.iter().find_map(|kind| value.get(*kind)).unwrap_or(value)
}

/// A value without OTLP's types, to the bottom.
pub(super) fn plain(value: &Value) -> Cow<'_, Value> {
    if let Some(values) = value.get("arrayValue") {
        let values = values.get("values").and_then(Value::as_array).into_iter().flatten();
        return Cow::Owned(Value::Array(values.map(|value| plain(value).into_owned()).collect()));
    }
    if let Some(pairs) = value.get("kvlistValue") {
        let pairs = pairs.get("values").and_then(Value::as_array).into_iter().flatten();
        let pair = |pair: &Value| Some((pair.get("key")?.as_str()?.to_owned(), plain(pair.get("value")?).into_owned()));
        return Cow::Owned(json::sorted(Value::Object(pairs.filter_map(pair).collect::<Map<_, _>>())));
    }
    Cow::Borrowed(scalar(value))
}
