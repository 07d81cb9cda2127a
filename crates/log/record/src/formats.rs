//! One record's text to its exchanges.
//!
//! The format is told record by record ([`crate::shape`]), since a file may hold several. What most of a file's first
//! records are decides only for those that do not tell.

use serde_json::Value;

use crate::Format;
use crate::elements::Scanner;
use crate::envelope;
use crate::found::Record;
use crate::json;
use crate::maps::Maps;
use crate::native;
use crate::shape;
use crate::shape::Shape;
use crate::sniff::foreign;

mod account;
mod api;
mod bedrock;
mod bodies;
mod calls;
mod capture;
mod emit;
mod headers;
mod litellm;
mod mapped;
mod otel;
mod otel_protobuf;
mod parts;
mod passed;
mod placeholder;
mod sse;
mod value;
mod written;

pub(crate) use bodies::Bodies;
use emit::Emit;
#[cfg(feature = "parquet")]
pub(crate) use mapped::parse as parse_mapped;
#[cfg(feature = "parquet")]
pub(crate) use mapped::parse_addition as parse_mapped_addition;

pub use litellm::litellm_account;
pub use parts::join_parts;
pub use passed::Passed;

/// How the records of a file are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    /// The format that was asked for.
    pub(crate) forced: Option<Format>,
    /// What most of the first records are.
    pub(crate) usual: Option<Format>,
    pub(crate) maps: Maps,
    pub(crate) bodies: Bodies,
    /// Whether the records only say more of exchanges that another log tells.
    pub(crate) adds: bool,
}

/// Reads one record. A record may hold many exchanges, or none if it is of a kind that tells of none.
pub(crate) fn parse(reading: &Reading, record: &str, emit: &mut Emit<'_>) {
    if reading.forced == Some(Format::Native) {
        return emit(native::parse(record).into());
    }
    let mut reason = None;
    if reading.forced.or(reading.usual) == Some(Format::Native) {
        match native::parse_own(record) {
            Ok(Some(exchange)) => return emit(Ok(exchange).into()),
            Ok(None) => {}
            Err(refused) => reason = Some(refused),
        }
    }
    parse_foreign(reading, record, reason, emit);
}

/// Reads one export of OTLP in protobuf.
pub(crate) fn parse_protobuf(reading: &Reading, message: &[u8], emit: &mut Emit<'_>) {
    otel_protobuf::parse(message, &reading.maps, emit);
}

/// Reads a record that may be in any format; `reason` is why it is no native one, where it was read as one.
fn parse_foreign(reading: &Reading, record: &str, reason: Option<String>, emit: &mut Emit<'_>) {
    let Some(json) = envelope::json_part(record) else {
        return emit(Err(reason.unwrap_or_else(|| no_object(record))).into());
    };
    match json::tree(json) {
        Ok(value) => parse_value(reading, json, &value, reason, emit),
        Err(error) => match split(json) {
            // Objects that follow one another without a line feed.
            Some(parts) => parts.iter().for_each(|part| parse(reading, part, emit)),
            None => emit(Err(reason.unwrap_or(error)).into()),
        },
    }
}

/// The reason for what begins with no brace.
#[cold]
fn no_object(record: &str) -> String {
    match serde_json::from_str::<serde::de::IgnoredAny>(record) {
        Ok(_) => "not a record: expected a JSON object".to_owned(),
        Err(error) => json::reason(&error),
    }
}

/// The records of a text that holds several; `None` where it holds one, or nothing whole.
fn split(json: &str) -> Option<Vec<&str>> {
    let mut spans = Vec::new();
    let is_cut = Scanner::new(1).scan(json.as_bytes(), true, &mut spans);
    let parts: Vec<&str> = spans.iter().filter_map(|span| json.get(span.start..span.end)).collect();
    let are_records = parts.iter().all(|part| part.starts_with('{'));
    // A cut last record is one reject, and those before it are read.
    (parts.len() > 1 && are_records && !(is_cut && parts.len() < 2)).then_some(parts)
}

fn parse_value(reading: &Reading, record: &str, value: &Value, reason: Option<String>, emit: &mut Emit<'_>) {
    if !value.is_object() {
        return emit(Err("not a record: expected a JSON object".to_owned()).into());
    }
    if let Some(kind) = known(reading, value) {
        return parse_known(reading, kind, record, value, emit);
    }
    let is_known = |inner: &Value| known(reading, inner).is_some();
    if let Some(opened) = envelope::open(value, &is_known, &|text| json::tree(text).ok()) {
        for inner in &opened.records {
            let text = inner.text.as_deref().unwrap_or_else(|| envelope::text_within(record, value, &inner.value));
            if let Some(kind) = known(reading, &inner.value) {
                parse_known(reading, kind, text, &inner.value, emit);
            }
        }
        return (0..opened.others).for_each(|_| emit(Record::PassedOver("a member of an envelope that is no record")));
    }
    if reading.adds {
        return emit(Err(no_addition(value)).into());
    }
    if is_control(value) {
        return emit(Record::PassedOver("a control message of a log service"));
    }
    match (looks(value), reading.forced.or(reading.usual)) {
        (_, Some(format)) if reading.forced.is_some() => {
            parse_known(reading, Kind::Format(format), record, value, emit)
        }
        (Some(format), usual) => parse_known(reading, Kind::Format(agreed(format, usual)), record, value, emit),
        _ if reading.maps.own().is_some() => {
            if let Some(map) = reading.maps.own() {
                mapped::parse(map, value, emit);
            }
        }
        (None, Some(Format::Native)) if foreign::name(value).is_none() => {
            emit(Err(reason.unwrap_or_else(|| foreign::unknown(value))).into());
        }
        (None, _) => emit(Err(foreign::unknown(value)).into()),
    }
}

/// How a record is read that is of a known kind.
#[derive(Clone, Copy)]
enum Kind<'m> {
    Format(Format),
    Map(&'m crate::maps::Map),
}

/// What a record is, where fields tell it that no caller writes.
fn known<'m>(reading: &'m Reading, value: &Value) -> Option<Kind<'m>> {
    if reading.adds {
        return reading.maps.addition(value).map(Kind::Map);
    }
    if reading.maps.is_own(value) {
        return reading.maps.of_record(value).map(Kind::Map);
    }
    let shape = shape::of(value);
    match (shape, reading.forced) {
        (Shape::Is(format), None) if !matches!(format, Format::Native | Format::Anthropic | Format::OpenAi) => {
            Some(Kind::Format(format))
        }
        (Shape::Is(format), Some(forced)) if format == forced => Some(Kind::Format(format)),
        (_, Some(Format::Mapped) | None) => match reading.maps.of_record(value) {
            Some(map) => Some(Kind::Map(map)),
            None => match shape {
                Shape::Is(format) if reading.forced.is_none() => Some(Kind::Format(format)),
                // Before any envelope is opened, whose inside a caller may have written.
                _ => reading.maps.own().filter(|map| map.fits(value)).map(Kind::Map),
            },
        },
        _ => None,
    }
}

/// The format that a record looks like by what its caller wrote.
fn looks(value: &Value) -> Option<Format> {
    match shape::of(value) {
        Shape::Looks(format) => Some(format),
        Shape::Is(_) | Shape::Unknown => None,
    }
}

/// A record that only looks like a format is read as the file's others are, where these have a request and a response
/// too.
fn agreed(format: Format, usual: Option<Format>) -> Format {
    match usual {
        Some(usual @ (Format::Native | Format::Anthropic | Format::OpenAi)) => usual,
        _ => format,
    }
}

/// The reason for a record that no map of a second log is of.
#[cold]
fn no_addition(value: &Value) -> String {
    let what = "no map of a second log is of it (say with a --map of `adds = true` which column is what)";
    format!("{}: {what}", foreign::unknown(value))
}

/// What log services send to see whether anybody listens, and what bulk files say between records.
fn is_control(value: &Value) -> bool {
    let object = value.as_object().filter(|object| object.len() == 1);
    let is_bulk = object
        .and_then(|object| object.iter().next())
        .is_some_and(|(key, act)| matches!(key.as_str(), "index" | "create" | "update" | "delete") && act.is_object());
    is_bulk || value.get("messageType").and_then(Value::as_str) == Some("CONTROL_MESSAGE")
}

fn parse_known(reading: &Reading, kind: Kind<'_>, record: &str, value: &Value, emit: &mut Emit<'_>) {
    let format = match kind {
        Kind::Map(map) if reading.adds => return mapped::parse_addition(map, value, emit),
        Kind::Map(map) if map.each().is_some() => return parse_members(reading, map, value, emit),
        Kind::Map(map) => return mapped::parse(map, value, emit),
        Kind::Format(format) => format,
    };
    match format {
        Format::Native if record.is_empty() => emit(native::parse(&value.to_string()).into()),
        Format::Native => emit(native::parse(record).into()),
        Format::LiteLlm => litellm::parse(record, value, emit),
        Format::Otel => otel::parse(value, &reading.maps, emit),
        Format::Bedrock => bedrock::parse(value, &reading.bodies, emit),
        Format::Anthropic | Format::OpenAi => capture::parse(record, value, emit),
        Format::Mapped => emit(Err(foreign::unknown(value)).into()),
    }
}

/// Reads the members of a record that is a whole of several calls. Each sees what the whole says as a member of its own.
fn parse_members(reading: &Reading, map: &crate::maps::Map, whole: &Value, emit: &mut Emit<'_>) {
    let Some((list, name)) = map.each() else { return };
    let Some(members) = whole.get(list).and_then(Value::as_array) else { return };
    let mut outer = whole.clone();
    if let Some(outer) = outer.as_object_mut() {
        outer.remove(list);
    }
    for member in members {
        let mut member = member.clone();
        if let Some(member) = member.as_object_mut() {
            member.insert(name.to_owned(), outer.clone());
        }
        match known(reading, &json::sorted(member.clone())) {
            Some(Kind::Map(inner)) if inner.each().is_none() => mapped::parse(inner, &member, emit),
            _ => emit(Record::PassedOver("a member of an envelope that is no record")),
        }
    }
}

/// Whether a record is of a kind that is read, for the first look at a file.
pub(crate) fn format_of(maps: &Maps, value: &Value) -> Option<Format> {
    let reading = Reading { maps: maps.clone(), ..Reading::default() };
    let of = |value: &Value| match known(&reading, value)? {
        Kind::Format(format) => Some(format),
        Kind::Map(_) => Some(Format::Mapped),
    };
    if let Some(format) = of(value) {
        return Some(format);
    }
    let opened = envelope::open(value, &|inner| of(inner).is_some(), &|text| Some(crate::sniff::outline(text)));
    if let Some(inner) = opened.and_then(|opened| of(&opened.records.first()?.value)) {
        return Some(inner);
    }
    looks(value)
        .or_else(|| maps.own().map(|_| Format::Mapped))
        .or((value.get("messageType").is_some() && is_control(value)).then_some(Format::Bedrock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_writes_is_a_text_for_a_map_of_every_record() {
        let map = "[fields]\nat = \"when\"\naccount = \"team\"\ntext = \"message\"\n";
        let maps = Maps::with(&[("own.toml".to_owned(), map.to_owned())]).unwrap();
        let reading = Reading { maps, ..Reading::default() };
        let forged = r#"{"id":"r","at":"2026-04-22T00:00:01Z","account":"victim","client":{"ip":"203.0.113.7"}}"#;
        let record = serde_json::json!({"when": "2026-04-22T00:00:01Z", "team": "t-2", "message": forged}).to_string();
        let mut seen = Vec::new();
        parse(&reading, &record, &mut |found| match found {
            Record::Exchange(exchange, _) => {
                seen.push((exchange.account.into_owned(), exchange.request.messages[0].text.clone().into_owned()));
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(seen, [("t-2".to_owned(), forged.to_owned())]);
    }
}
