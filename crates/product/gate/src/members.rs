//! The members of a JSON object and where they stand in its bytes, so that one can be replaced and all else stays.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

/// The members of an object in their order; a name that is there twice is in the list twice.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    body: &'a str,
    list: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Members<'a> {
    /// Reads the bytes of an object; `None` for anything else.
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        let body = std::str::from_utf8(body).ok()?;
        let List(list) = serde_json::from_str(body).ok()?;
        Some(Self { body, list })
    }

    /// The texts of all values of a name.
    pub(crate) fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.list.iter().filter(move |(own, _)| own == name).map(|(_, value)| *value)
    }

    /// Where a value stands.
    pub(crate) fn place(&self, value: &str) -> Range<usize> {
        // INVARIANT (place): the values are parts of the body.
        let start = (value.as_ptr() as usize).saturating_sub(self.body.as_ptr() as usize);
        start..start + value.len()
    }
}

/// One member's name, borrowed unless it holds an escape.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

struct List<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'de> Deserialize<'de> for List<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = List<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<'de>, A::Error> {
                let mut list = Vec::with_capacity(12);
                while let Some(Name(name)) = map.next_key()? {
                    list.push((name, map.next_value::<&'de RawValue>()?.get()));
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The texts of the elements of a JSON array; `None` for anything else.
pub(crate) fn elements(array: &str) -> Option<Vec<&str>> {
    let list: Vec<&RawValue> = serde_json::from_str(array).ok()?;
    Some(list.into_iter().map(RawValue::get).collect())
}
