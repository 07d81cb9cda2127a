//! How fields of the native form are read: each function here is named in a `deserialize_with`.
//!
//! In all of them `null` is absent.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use serde_json::Number;
use serde_json::Value;

use crate::json;
use crate::json::Str;
use crate::time::parse_time_us;

/// An optional string of any length.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    Ok(Option::<Str<'de>>::deserialize(deserializer)?.map(|text| text.0))
}

/// An optional identifier: bounded, and an empty one is absent.
pub(crate) fn ident<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    match text(deserializer)?.filter(|ident| !ident.is_empty()) {
        Some(ident) if ident.len() > json::MAX_IDENT_BYTES => Err(Error::custom(json::beyond_bound(ident.len()))),
        ident => Ok(ident),
    }
}

/// An optional identifier that does not borrow.
pub(crate) fn owned_ident<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(ident(deserializer)?.map(Cow::into_owned))
}

/// An identifier that is empty where it is absent.
pub(crate) fn needed_ident<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(owned_ident(deserializer)?.unwrap_or_default())
}

/// An optional label: cut at its bound.
pub(crate) fn label<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    Ok(text(deserializer)?.map(json::cut))
}

/// A label that is empty where it is absent.
pub(crate) fn needed_label<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(label(deserializer)?.unwrap_or_default().into_owned())
}

/// A list of labels, empty where it is absent.
pub(crate) fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let labels: Vec<Str<'de>> = or_default(deserializer)?;
    Ok(labels.into_iter().map(|label| json::cut(label.0).into_owned()).collect())
}

/// A value whose absence is its default.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An optional time in RFC 3339.
pub(crate) fn time_us<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let Some(text) = text(deserializer)? else { return Ok(None) };
    let wrong =
        || Error::custom("text that is no RFC 3339 time from 1970 to 2199 (write it as 2026-04-22T00:00:01.123Z)");
    parse_time_us(&text).map(Some).ok_or_else(wrong)
}

/// An optional whole number. `3.0` is accepted: tables that cannot hold an absent integer turn all of them into floats.
pub(crate) fn whole<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: TryFrom<u64>,
{
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    narrow(&number).map(Some)
}

/// The number in a type that may be too narrow for it.
fn narrow<T: TryFrom<u64>, E: Error>(number: &Number) -> Result<T, E> {
    let wrong = || E::custom("a number that is none of 0 or more without a fraction");
    let whole = number.as_u64().or_else(|| json::whole(number.as_f64()?)).ok_or_else(wrong)?;
    let bits = size_of::<T>() * 8;
    T::try_from(whole).map_err(|_| E::custom(format_args!("a number that is too large (it must fit in {bits} bits)")))
}

/// An optional number of milliseconds, which may have a fraction.
pub(crate) fn latency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.and_then(|ms| json::whole(ms.round())))
}

/// How many tokens are biased: the number itself, or the entries of the map.
pub(crate) fn biases<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let entries = match Option::<Value>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Value::Number(count)) => return narrow(&count).map(Some),
        Some(Value::Object(map)) => map.len(),
        Some(Value::Array(list)) => list.len(),
        Some(Value::Null | Value::Bool(_) | Value::String(_)) => {
            return Err(Error::custom("expected a number of tokens or a map from token to bias"));
        }
    };
    Ok(Some(u32::try_from(entries).unwrap_or(u32::MAX)))
}

/// An object, whose absence is one without fields.
pub(crate) fn object<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
{
    Ok(Object::deserialize(deserializer)?.0)
}

/// An object. A derived reader would also take a list that holds the fields in order.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_unit<E: Error>(self) -> Result<Object<T>, E> {
                Ok(Object(T::default()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}
