//! OpenTelemetry GenAI spans and log events as OTLP in JSON, and as the console exporter and trace stores write them.
//!
//! Any span with a model or with tokens is a call, but for those that are known to be something else: agents, tools, and
//! spans around calls that have spans of their own. What is no call is passed over by kind.

use serde_json::Value;

use super::emit::Emit;
use crate::found::Record;
use crate::maps::Maps;

mod attributes;
mod call;
mod content;
mod events;
mod names;
mod pieces;
mod signal;
mod spans;

use signal::Signal;

/// Reads one export, one resource of an export, or one bare span or log record.
pub(super) fn parse(value: &Value, maps: &Maps, emit: &mut Emit<'_>) {
    if value.get("resourceMetrics").is_some() {
        return emit(Record::PassedOver("metrics"));
    }
    let lists = ["resourceSpans", "resource_spans", "resourceLogs", "resource_logs"];
    let mut is_export = false;
    let mut signals = Vec::new();
    for list in lists.iter().filter_map(|key| value.get(*key)?.as_array()) {
        is_export = true;
        list.iter().for_each(|resource| of_resource(resource, &mut signals));
    }
    // A trace store's trace: its spans, and what it says of the whole.
    if let Some(spans) = value.get("data").and_then(|data| data.get("spans")).and_then(Value::as_array) {
        is_export = true;
        let resource = value.get("info").and_then(|info| info.get("trace_metadata"));
        signals.extend(spans.iter().map(|value| Signal { value, resource }));
    }
    let scopes = ["scopeSpans", "scope_spans", "scopeLogs", "scope_logs"];
    if !is_export && scopes.iter().any(|key| value.get(*key).is_some()) {
        of_resource(value, &mut signals);
    } else if !is_export {
        if value.get("attributes").is_none() {
            let reason = "no `resourceSpans`, `resourceLogs` or `attributes` (expected OTLP/JSON)";
            return emit(Err(reason.to_owned()).into());
        }
        let resource = value.get("resource").and_then(|resource| resource.get("attributes"));
        signals.push(Signal { value, resource });
    }
    if signals.is_empty() {
        return emit(Record::PassedOver("an export without spans and log records"));
    }
    let (logs, spans): (Vec<_>, Vec<_>) = signals.into_iter().partition(Signal::is_log);
    spans::read(&spans, maps, emit);
    events::read_all(&logs, maps, emit);
}

fn of_resource<'v>(value: &'v Value, signals: &mut Vec<Signal<'v>>) {
    let resource = value.get("resource").and_then(|resource| resource.get("attributes"));
    let scopes = ["scopeSpans", "scope_spans", "scopeLogs", "scope_logs"];
    for scope in scopes.iter().filter_map(|key| value.get(*key)?.as_array()).flatten() {
        let kinds = ["spans", "logRecords", "log_records"];
        let values = kinds.iter().filter_map(|key| scope.get(*key)?.as_array()).flatten();
        signals.extend(values.map(|value| Signal { value, resource }));
    }
}
