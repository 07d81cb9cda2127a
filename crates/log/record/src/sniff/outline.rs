//! The upper levels of a JSON object, even of one that is cut short.

use std::fmt;

use serde::de;
use serde::de::DeserializeSeed;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;

use crate::json::Str;

/// Levels that are kept.
const LEVELS: usize = 8;
/// Keys and elements that are kept at most: a log's own come early.
const MAX_NODES: usize = 1024;
/// Elements of one list that are kept.
const MAX_ELEMENTS: usize = 40;
/// Characters of a text that are kept, and of one that may hold a record.
const MAX_TEXT_CHARS: [usize; 2] = [80, 4096];

/// The outline of a text's first value, as far as it goes. What is cut, deep or long is left out.
pub(crate) fn outline(text: &str) -> Value {
    let mut value = Value::Null;
    let mut nodes = MAX_NODES;
    let mut reader = serde_json::Deserializer::from_str(text);
    // An error is where the text is cut or broken; what came before it counts.
    let _ = Level { value: &mut value, nodes: &mut nodes, level: 0 }.deserialize(&mut reader);
    value
}

/// Reads one value into its place, so that what was read before an error stays.
struct Level<'o> {
    value: &'o mut Value,
    nodes: &'o mut usize,
    level: usize,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        let [short, long] = MAX_TEXT_CHARS;
        // What is packed has no spaces.
        let is_packed = !text.get(..text.floor_char_boundary(short)).unwrap_or_default().contains(' ');
        let most = if text.trim_start().starts_with(['{', '[']) || is_packed { long } else { short };
        *self.value = Value::String(text.chars().take(most).collect());
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        *self.value = Value::Null;
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<(), E> {
        *self.value = Value::Bool(flag);
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        *self.value = number.into();
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        *self.value = number.into();
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        *self.value = number.into();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        *self.value = Value::Array(Vec::new());
        let Value::Array(list) = self.value else { return Ok(()) };
        while list.len() < MAX_ELEMENTS && *self.nodes > 0 && self.level < LEVELS {
            *self.nodes -= 1;
            list.push(Value::Null);
            let Some(value) = list.last_mut() else { return Ok(()) };
            if seq.next_element_seed(Level { value, nodes: &mut *self.nodes, level: self.level + 1 })?.is_none() {
                list.pop();
                return Ok(());
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        *self.value = Value::Object(Map::new());
        let Value::Object(object) = self.value else { return Ok(()) };
        while let Some(Str(key)) = map.next_key()? {
            if self.level >= LEVELS || *self.nodes == 0 || key.len() > 200 {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            *self.nodes -= 1;
            // Put in its place before it is read, since it may be the one that is cut.
            let value = object.entry(key.into_owned()).or_insert(Value::Object(Map::new()));
            map.next_value_seed(Level { value, nodes: &mut *self.nodes, level: self.level + 1 })?;
        }
        Ok(())
    }
}
