//! One span or log record of an export, and how it is named.

use serde_json::Value;

use crate::formats::value::text;

/// A span or a log record with the attributes of its resource.
#[derive(Clone, Copy)]
pub(super) struct Signal<'v> {
    pub(super) value: &'v Value,
    pub(super) resource: Option<&'v Value>,
}

impl Signal<'_> {
    pub(super) fn is_log(&self) -> bool {
        let starts = ["startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime"];
        starts.iter().all(|key| self.value.get(*key).is_none())
    }
}

/// An id of a trace or span under any of its names; one of nothing but zeros is none.
fn hex_id<'v>(signal: &'v Value, keys: [&str; 2]) -> Option<&'v str> {
    let [first, second] = keys;
    let id =
        text(signal, &[first]).or_else(|| text(signal, &[second])).or_else(|| text(signal, &["context", second]))?;
    let id = id.strip_prefix("0x").unwrap_or(id);
    (id.len() <= 64 && id.bytes().any(|byte| byte != b'0')).then_some(id)
}

pub(super) fn trace_id(signal: &Value) -> Option<&str> {
    hex_id(signal, ["traceId", "trace_id"])
}

pub(super) fn span_id(signal: &Value) -> Option<&str> {
    hex_id(signal, ["spanId", "span_id"])
}

/// The hash of a trace and span, by which the records of one call are joined.
pub(super) fn call_hash(signal: &Value) -> Option<u64> {
    let (trace, span) = (trace_id(signal)?, span_id(signal)?);
    Some(xxhash_rust::xxh3::xxh3_64(format!("{trace}-{span}").to_ascii_lowercase().as_bytes()))
}
