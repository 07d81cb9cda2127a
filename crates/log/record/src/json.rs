//! What every JSON reader here shares: borrowing strings, exact numbers, skipping, and messages that name the field.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

/// Deepest nesting of arrays and objects in one record.
pub(crate) const MAX_DEPTH: usize = 128;
/// Longest identifier in bytes; a longer one refuses its record.
pub(crate) const MAX_IDENT_BYTES: usize = 1024;
/// Longest label (user agent, model, …) in bytes; a longer one is cut.
pub(crate) const MAX_LABEL_BYTES: usize = 4096;
/// Longest piece of an error that is told: it may quote the record.
const MAX_REASON_CHARS: usize = 300;

/// A string that borrows from the input where it holds no escape.
pub(crate) struct Str<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Str<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StrVisitor;
        impl<'de> Visitor<'de> for StrVisitor {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E: de::Error>(self, text: String) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(StrVisitor)
    }
}

/// A count. `3.0` is accepted: tables that cannot hold an absent integer turn all of them into floats.
pub(crate) struct Count(pub(crate) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;
        impl Visitor<'_> for CountVisitor {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of 0 or more")
            }
            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Count, E> {
                Ok(Count(count))
            }
            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Count, E> {
                let wrong = || E::invalid_value(de::Unexpected::Signed(count), &self);
                u64::try_from(count).map(Count).map_err(|_| wrong())
            }
            fn visit_f64<E: de::Error>(self, count: f64) -> Result<Count, E> {
                whole(count).map(Count).ok_or_else(|| E::invalid_value(de::Unexpected::Float(count), &self))
            }
        }
        deserializer.deserialize_any(CountVisitor)
    }
}

/// The whole number that a float holds exactly.
pub(crate) fn whole(number: f64) -> Option<u64> {
    // 2^53: beyond it a float does not tell neighbouring integers apart.
    ((0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// Refuses a record that is nested too deep.
///
/// `serde_json` bounds the nesting of what it reads, but not of what it reads past, and a record that this program
/// passes on must not be one that breaks the next reader.
pub(crate) fn check_depth(json: &str) -> Result<(), String> {
    // A record of few brackets cannot be deep, and brackets are counted many bytes at a time.
    let brackets: usize = json.as_bytes().chunks(255).map(brackets).sum();
    if brackets > MAX_DEPTH && depth(json) > MAX_DEPTH {
        return Err(format!("nested deeper than {MAX_DEPTH} levels"));
    }
    Ok(())
}

/// How many of at most 255 bytes open a bracket: `[` and `{` differ in one bit.
fn brackets(bytes: &[u8]) -> usize {
    let count = bytes.iter().fold(0_u8, |count, byte| count.wrapping_add(u8::from(byte | 0x20 == b'{')));
    usize::from(count)
}

/// Deepest nesting in a JSON text.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json.bytes() {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Reads one value of an object; an error names the field.
pub(crate) fn field<'de, A: MapAccess<'de>, T: Deserialize<'de>>(map: &mut A, name: &str) -> Result<T, A::Error> {
    map.next_value().map_err(|error| in_field(error, name))
}

#[cold]
#[inline(never)]
fn in_field<E: de::Error>(error: E, name: &str) -> E {
    let text = error.to_string();
    // What is wrong with the JSON itself is the same wherever it is; only a value that is wrong has a field.
    if text.starts_with("invalid type") || text.starts_with("invalid value") {
        return E::custom(format_args!("`{name}`: {text}"));
    }
    error
}

/// An optional string of any length; `null` is absent.
pub(crate) fn text<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<Cow<'de, str>>, A::Error> {
    Ok(field::<A, Option<Str<'de>>>(map, name)?.map(|text| text.0))
}

/// An optional identifier: bounded, and an empty one is absent.
pub(crate) fn ident<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<Cow<'de, str>>, A::Error> {
    let ident = text(map, name)?.filter(|ident| !ident.is_empty());
    match ident {
        Some(ident) if ident.len() > MAX_IDENT_BYTES => Err(de::Error::custom(too_long(name, ident.len()))),
        ident => Ok(ident),
    }
}

/// An optional label: cut at its bound.
pub(crate) fn label<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<Cow<'de, str>>, A::Error> {
    Ok(text(map, name)?.map(cut))
}

/// An optional count.
pub(crate) fn count<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<u64>, A::Error> {
    Ok(field::<A, Option<Count>>(map, name)?.map(|count| count.0))
}

/// An optional count in a narrower type.
pub(crate) fn narrow<'de, A: MapAccess<'de>, T: TryFrom<u64>>(map: &mut A, name: &str) -> Result<Option<T>, A::Error> {
    let Some(number) = count(map, name)? else { return Ok(None) };
    let bits = size_of::<T>() * 8;
    T::try_from(number)
        .map(Some)
        .map_err(|_| de::Error::custom(format_args!("`{name}`: {number} is too large (it must fit in {bits} bits)")))
}

/// The message for an identifier beyond its bound.
#[cold]
pub(crate) fn too_long(name: &str, bytes: usize) -> String {
    format!("`{name}`: {bytes} bytes is longer than the bound of {MAX_IDENT_BYTES} (give a hash such as `sha256:…`)")
}

/// The error for a text that is no time.
#[cold]
pub(crate) fn no_time<E: de::Error>(name: &str, found: &str) -> E {
    let found: String = found.chars().take(40).collect();
    E::custom(format_args!("`{name}`: `{found}` is no RFC 3339 time (write it as 2026-04-22T00:00:01.123Z)"))
}

/// Cuts a label at its bound, on a character's edge.
pub(crate) fn cut(label: Cow<'_, str>) -> Cow<'_, str> {
    if label.len() <= MAX_LABEL_BYTES {
        return label;
    }
    let end = label.floor_char_boundary(MAX_LABEL_BYTES);
    match label {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

/// A list whose elements are `T`; `null` is the empty list.
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_unit<E: de::Error>(self) -> Result<List<T>, E> {
                Ok(List(Vec::new()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(List(items))
            }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// Why a text could not be read, for a reject: lower-case, without the line, which the reject has.
#[cold]
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = text.strip_suffix(place.as_str()).unwrap_or(&text);
    let at = match error.line() {
        0 => String::new(),
        1 => format!(" at column {}", error.column()),
        line => format!(" at column {} of line {line} of the record", error.column()),
    };
    let what: String = what.chars().take(MAX_REASON_CHARS).collect();
    if what.starts_with("recursion limit") {
        return format!("nested deeper than {MAX_DEPTH} levels{at}");
    }
    match error.classify() {
        serde_json::error::Category::Eof => format!("the record is cut: {what}{at}"),
        serde_json::error::Category::Syntax => format!("not JSON: {what}{at}"),
        _ => format!("{what}{at}"),
    }
}
