//! The keys of a JSON object and of the objects right below it, even of one that is cut short.

use std::collections::BTreeMap;
use std::fmt;

use serde::de;
use serde::de::DeserializeSeed;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::json::Str;

/// Levels of keys that are kept.
const LEVELS: usize = 2;
/// Keys that are kept at most: a log's own come early.
const MAX_KEYS: usize = 512;
/// Characters of a text value that are kept.
const MAX_TEXT_CHARS: usize = 80;

/// What a value is.
enum Shape {
    Object,
    Text(String),
    Other,
}

/// Keys as paths (`request.model`) with what is under them.
#[derive(Default)]
pub(crate) struct Outline {
    keys: BTreeMap<String, Shape>,
    order: Vec<String>,
}

impl Outline {
    /// The outline of a text's first object, as far as it goes.
    pub(crate) fn of(text: &str) -> Self {
        let mut outline = Self::default();
        let mut reader = serde_json::Deserializer::from_str(text);
        let seed = Level { outline: &mut outline, path: String::new(), level: 0 };
        // An error is where the text is cut or broken; what came before it counts.
        let _ = seed.deserialize(&mut reader);
        outline
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    pub(crate) fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    pub(crate) fn count(&self, keys: &[&str]) -> usize {
        keys.iter().filter(|key| self.has(key)).count()
    }

    /// The beginning of the text under a key; empty if there is none.
    pub(crate) fn text(&self, key: &str) -> &str {
        match self.keys.get(key) {
            Some(Shape::Text(text)) => text,
            _ => "",
        }
    }

    pub(crate) fn is(&self, key: &str, text: &str) -> bool {
        self.text(key) == text
    }

    pub(crate) fn is_not_object(&self, key: &str) -> bool {
        matches!(self.keys.get(key), Some(Shape::Text(_) | Shape::Other))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The first few keys, for a message.
    pub(crate) fn first_keys(&self) -> String {
        let keys: Vec<_> = self.order.iter().take(8).map(|key| format!("`{}`", key.escape_debug())).collect();
        let rest = if self.order.len() > keys.len() { ", …" } else { "" };
        format!("{}{rest}", keys.join(", "))
    }

    fn add(&mut self, path: &str, level: usize, shape: Shape) {
        if self.keys.len() >= MAX_KEYS || path.len() > 200 {
            return;
        }
        if level == 1 && !self.keys.contains_key(path) {
            self.order.push(path.to_owned());
        }
        self.keys.insert(path.to_owned(), shape);
    }
}

/// Reads one value at a path.
struct Level<'o> {
    outline: &'o mut Outline,
    path: String,
    level: usize,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Level<'_> {
    fn other(self) {
        self.outline.add(&self.path, self.level, Shape::Other);
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        let head = text.chars().take(MAX_TEXT_CHARS).collect();
        self.outline.add(&self.path, self.level, Shape::Text(head));
        // A gateway's wrapper holds the record as a text of JSON.
        if self.path == "body" && text.starts_with(['{', '[']) {
            let mut reader = serde_json::Deserializer::from_str(text.trim_start_matches('['));
            let _ = Level { outline: self.outline, path: self.path, level: 1 }.deserialize(&mut reader);
        }
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.other();
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.other();
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.other();
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.other();
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.other();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let is_headers = self.path.ends_with("headers");
        self.outline.add(&self.path, self.level, Shape::Other);
        if !is_headers {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        // Headers may be a list of pairs, whose first members are the keys.
        while let Some(pair) = seq.next_element::<serde_json::Value>()? {
            if let Some(name) = pair.get(0).and_then(serde_json::Value::as_str) {
                let path = format!("{}.{}", self.path, name.to_ascii_lowercase());
                self.outline.add(&path, self.level + 1, Shape::Other);
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.level > 0 {
            self.outline.add(&self.path, self.level, Shape::Object);
        }
        while let Some(Str(key)) = map.next_key()? {
            if self.level >= LEVELS {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let key = if self.path.ends_with("headers") { key.to_ascii_lowercase() } else { key.into_owned() };
            let path = if self.path.is_empty() { key } else { format!("{}.{key}", self.path) };
            // Said before the value is read, which may be the one that is cut.
            self.outline.add(&path, self.level + 1, Shape::Object);
            map.next_value_seed(Level { outline: &mut *self.outline, path, level: self.level + 1 })?;
        }
        Ok(())
    }
}
