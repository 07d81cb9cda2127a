//! HTTP headers in the order in which they came: who asks, and with what.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::account::is_masked;
use super::account::shows_its_end;
use crate::address::client_address;
use crate::json::Str;
use crate::json::raw_field;

/// Headers that carry a secret, the most telling first.
const SECRETS: [&str; 4] = ["x-api-key", "authorization", "api-key", "x-goog-api-key"];
/// Headers by which proxies and clouds pass on a JA4 fingerprint; there is no standard one.
const JA4: [&str; 6] =
    ["x-ja4", "x-ja4-fingerprint", "x-tls-ja4", "x-client-ja4", "cf-ja4", "cloudfront-viewer-ja4-fingerprint"];
const CLIENT_IP: [&str; 6] =
    ["cf-connecting-ip", "true-client-ip", "x-real-ip", "x-forwarded-for", "x-client-ip", "forwarded"];
const COUNTRY: [&str; 3] = ["cf-ipcountry", "cloudfront-viewer-country", "x-client-country"];

/// Headers as names in lower case with their values.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Headers from JSON: an object, a list of pairs, or a list of objects with `name` and `value`.
    pub(super) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The headers below a path of keys in a record's text. A parsed value would have lost their order.
    pub(super) fn within(record: &str, path: &[&str]) -> Self {
        let mut json = record;
        for key in path {
            let Some(inner) = raw_field(json, key) else { return Self::default() };
            json = inner;
        }
        Self::of(json)
    }

    /// The headers below a path of keys in a parsed record, whose order is lost.
    pub(super) fn at(value: &Value, path: &[&str]) -> Self {
        let headers = path.iter().try_fold(value, |value, key| value.get(*key));
        headers.and_then(|headers| Self::deserialize(headers).ok()).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(held, value)| held == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether a header stands where a key belongs.
    pub(super) fn has_secret(&self) -> bool {
        self.first(&SECRETS).is_some()
    }

    /// The hash of the key, never the key. A key that the log's writer masked is none, unless its end still tells it
    /// from others.
    pub(super) fn key(&self) -> Option<Key> {
        let secret = self.first(&SECRETS)?;
        // The same key by another header is the same key.
        let secret = match secret.split_once(' ') {
            Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => secret.trim(),
            _ => secret,
        };
        let is_masked = is_masked(secret);
        (!is_masked || shows_its_end(secret)).then(|| Key { hash: hashed(secret.as_bytes()), is_masked })
    }

    pub(super) fn ja4(&self) -> Option<&str> {
        self.first(&JA4)
    }

    pub(super) fn country(&self) -> Option<&str> {
        self.first(&COUNTRY)
    }

    /// The client's address as the nearest proxies tell it; of a chain, the first public one.
    pub(super) fn client_ip(&self) -> Option<Cow<'_, str>> {
        CLIENT_IP.iter().find_map(|name| client_address(self.get(name)?))
    }

    /// What the client library looks like: its header names in order, and those values that a build fixes.
    pub(super) fn fingerprint(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut text = String::new();
        for (name, value) in &self.0 {
            text.push_str(name);
            let is_fixed = name.starts_with("x-stainless-") && name != "x-stainless-retry-count"
                || name == "anthropic-version"
                || name.starts_with("accept");
            if is_fixed {
                text.push('=');
                text.push_str(value);
            }
            text.push('\n');
        }
        Some(format!("{:016x}", xxh3_64(text.as_bytes())))
    }
}

/// A key as its hash.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) hash: String,
    /// Whether what was hashed is only a part of the key.
    pub(super) is_masked: bool,
}

/// A value as `xxh3:` and 16 digits.
pub(super) fn hashed(value: &[u8]) -> String {
    format!("xxh3:{:016x}", xxh3_64(value))
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeadersVisitor;
        impl<'de> Visitor<'de> for HeadersVisitor {
            type Value = Headers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = Vec::new();
                while let Some((Str(name), value)) = map.next_entry::<Str<'de>, Value>()? {
                    headers.push((name.to_ascii_lowercase(), shown(&value)));
                }
                Ok(Headers(headers))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Headers, A::Error> {
                let mut headers = Vec::new();
                while let Some(pair) = seq.next_element::<Value>()? {
                    let name = pair.get(0).or_else(|| pair.get("name")).and_then(Value::as_str);
                    let value = pair.get(1).or_else(|| pair.get("value"));
                    if let (Some(name), Some(value)) = (name, value) {
                        headers.push((name.to_ascii_lowercase(), shown(value)));
                    }
                }
                Ok(Headers(headers))
            }
        }
        deserializer.deserialize_any(HeadersVisitor)
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.first().map(shown).unwrap_or_default(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
