//! What every JSON reader here shares: reading a record, borrowing strings, exact numbers, and the reasons of rejects.

use std::borrow::Cow;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::Value;
use serde_json::value::RawValue;

/// Deepest nesting of arrays and objects in one record.
pub(crate) const MAX_DEPTH: usize = 128;
/// Longest identifier in bytes; a longer one refuses its record.
pub(crate) const MAX_IDENT_BYTES: usize = 1024;
/// Longest label (user agent, model, …) in bytes; a longer one is cut.
pub(crate) const MAX_LABEL_BYTES: usize = 4096;
/// Longest piece of an error that is told: it may quote the record.
const MAX_REASON_CHARS: usize = 300;

/// A string that borrows from the input where it holds no escape.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Str<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Reads one record; an error names the field.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    check_depth(text)?;
    serde_json::from_str(text).or_else(|_| read_again("", text))
}

/// Reads the JSON that the field `name` of a record holds as text; an error names the field.
#[cfg(feature = "parquet")]
pub(crate) fn read_within<'a, T: Deserialize<'a>>(name: &str, text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).or_else(|_| read_again(name, text))
}

/// Reads once more what could not be read, and says which field is wrong. Keeping the path of every field costs time, so
/// that it is kept only here.
///
/// A derived reader refuses a field that comes twice. A value keeps the last of them, so that only it is looked at.
#[cold]
fn read_again<'a, T: Deserialize<'a>>(name: &str, text: &'a str) -> Result<T, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| named(name, reason(&error)))?;
    let of_value = match serde_path_to_error::deserialize(value) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    // Reading the text tells the column too.
    let of_text = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(text)).err();
    let error = of_text.filter(|error| !is_repetition(error.inner())).unwrap_or(of_value);
    let path = match error.path().to_string() {
        path if path == "." => name.to_owned(),
        path => format!("{name}{path}"),
    };
    Err(named(&path, reason(error.inner())))
}

/// Whether a field came twice. The library has no other sign of it.
fn is_repetition(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("duplicate field ")
}

/// A reason with the path of its field, where it is of one.
fn named(path: &str, reason: String) -> String {
    if path.is_empty() { reason } else { format!("`{path}`: {reason}") }
}

/// Most objects, and most elements of all kinds, in the tree of one record: a tree takes many times the room of its text.
pub(crate) const MAX_OBJECTS: usize = 200_000;
const MAX_ELEMENTS: usize = 4_000_000;

/// Reads a record in a format that is not ours as a tree of bounded size.
pub(crate) fn tree(json: &str) -> Result<Value, String> {
    check_depth(json)?;
    // Few records are long enough to be looked at byte by byte.
    if json.len() > MAX_OBJECTS {
        let objects = memchr::memchr_iter(b'{', json.as_bytes()).count();
        let elements = memchr::memchr_iter(b',', json.as_bytes()).count();
        if objects > MAX_OBJECTS || elements > MAX_ELEMENTS {
            return Err(format!(
                "the record holds more than {MAX_OBJECTS} objects or {MAX_ELEMENTS} elements (split it)"
            ));
        }
    }
    serde_json::from_str(json).map(sorted).map_err(|error| reason(&error))
}

/// A tree with the members of its objects in the order of their names. Ids and fingerprints are hashed from such trees, and a
/// feature of the library, which any crate of the build can turn on, keeps the order in which members come.
pub(crate) fn sorted(mut tree: Value) -> Value {
    tree.sort_all_objects();
    tree
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

/// The message for an identifier beyond its bound, with the field's name.
#[cold]
pub(crate) fn too_long(name: &str, bytes: usize) -> String {
    format!("`{name}`: {}", beyond_bound(bytes))
}

/// The message for an identifier beyond its bound.
#[cold]
pub(crate) fn beyond_bound(bytes: usize) -> String {
    format!("{bytes} bytes is longer than the bound of {MAX_IDENT_BYTES} (give a hash such as `sha256:…`)")
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

/// Longest name that is shown in a message, in bytes.
const MAX_NAME_SHOWN: usize = 40;

/// Whether a name of a field or column may be shown in a message. In a record that nobody knows a name may be a value: a
/// prompt, a key, a telephone number, an address. Names are short, of one word or two, and hold few digits.
fn may_be_shown(name: &str) -> bool {
    let is_of_name = |(at, byte): (usize, u8)| {
        byte.is_ascii_alphanumeric() || b"_-./:$ ".contains(&byte) || (byte == b'@' && at == 0)
    };
    let count = |is: fn(&u8) -> bool| name.bytes().filter(is).count();
    !name.is_empty()
        && name.len() <= MAX_NAME_SHOWN
        && (0..).zip(name.bytes()).all(is_of_name)
        && count(u8::is_ascii_digit) <= 2
        && count(|byte| *byte == b' ') <= 1
}

/// The first names of fields or columns, for a message. Those that might be values are counted.
pub(crate) fn shown_names<'a>(names: impl ExactSizeIterator<Item = &'a str>, most: usize) -> String {
    let rest = if names.len() > most { ", …" } else { "" };
    let (shown, hidden): (Vec<&str>, Vec<&str>) = names.take(most).partition(|name| may_be_shown(name));
    let mut shown: Vec<String> = shown.into_iter().map(|name| format!("`{name}`")).collect();
    if !hidden.is_empty() {
        shown.push(format!("{} not shown, since they may be values", hidden.len()));
    }
    format!("{}{rest}", shown.join(", "))
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
    // JSON calls it no sequence.
    let what = what.strip_suffix("a sequence").map_or(what.into(), |rest| Cow::Owned(format!("{rest}a list")));
    let what: String = without_value(&what).chars().take(MAX_REASON_CHARS).collect();
    if what.starts_with("recursion limit") {
        return format!("nested deeper than {MAX_DEPTH} levels{at}");
    }
    match error.classify() {
        serde_json::error::Category::Eof => format!("the record is cut: {what}{at}"),
        serde_json::error::Category::Syntax => format!("not JSON: {what}{at}"),
        _ => format!("{what}{at}"),
    }
}

/// An error of the library without the value that it quotes, which may be a prompt, a key or a card: the type alone is
/// said. `invalid type: string "…", expected …` becomes `expected …, found text`.
fn without_value(what: &str) -> Cow<'_, str> {
    let Some((_, found)) = what.split_once("invalid type: ").or_else(|| what.split_once("invalid value: ")) else {
        // The library quotes the name of a variant that it does not know, and nothing else.
        return match what.split_once("unknown variant `") {
            Some(_) => Cow::Borrowed("a word that is not known here"),
            None => Cow::Borrowed(what),
        };
    };
    // The value is the caller's, and may hold these words itself: what is expected stands last.
    let expected = found.rsplit_once(", expected ").map_or("another type", |(_, expected)| expected);
    let kinds = [
        ("string", "text"),
        ("character", "text"),
        ("boolean", "a flag"),
        ("integer", "a number"),
        ("floating point", "a number"),
        ("null", "null"),
        ("map", "an object"),
        ("sequence", "a list"),
        ("unit", "null"),
    ];
    let kind = kinds.iter().find(|(word, _)| found.starts_with(word)).map_or("another type", |(_, kind)| kind);
    Cow::Owned(format!("expected {expected}, found {kind}"))
}

/// The text of the value under a key of an object's text.
pub(crate) fn raw_field<'t>(json: &'t str, key: &str) -> Option<&'t str> {
    struct Field<'k>(&'k str);
    impl<'de> DeserializeSeed<'de> for Field<'_> {
        type Value = Option<&'de RawValue>;
        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_map(self)
        }
    }
    impl<'de> Visitor<'de> for Field<'_> {
        type Value = Option<&'de RawValue>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(Str(name)) = map.next_key()? {
                if name == self.0 {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(json);
    Field(key).deserialize(&mut reader).ok()?.map(RawValue::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_be_values_are_counted_and_not_shown() {
        let names = ["@timestamp", "gen_ai.request.model", "Request ID", "ja4"];
        assert_eq!(shown_names(names.into_iter(), 3), "`@timestamp`, `gen_ai.request.model`, `Request ID`, …");
        let values = ["name three rivers", "sk-live-Zq8vT2xW7L", "4929174839201746", "a@b.example", "x\u{202e}", ""];
        assert_eq!(shown_names(values.into_iter(), 9), "6 not shown, since they may be values");
        assert_eq!(shown_names(["a", "b c d"].into_iter(), 9), "`a`, 1 not shown, since they may be values");
    }
}
