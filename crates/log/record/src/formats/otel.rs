//! OpenTelemetry GenAI spans and log events as OTLP/JSON.
//!
//! Spans and events that are no call of a model are passed over: a trace is full of them, and they are no log of
//! ours. Agent and tool spans are passed over too, since the calls inside them have spans of their own.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::emit::Emit;
use super::value::at;
use super::value::count;
use super::value::elapsed_ms;
use super::value::ident;
use super::value::label;
use super::value::text;
use crate::Client;
use crate::Exchange;
use crate::Params;
use crate::Request;
use crate::Response;

mod attributes;
mod content;

use attributes::Attributes;

/// Attributes that name the account, in order; each is looked for on the span first and then on its resource.
const ACCOUNT: [&str; 6] = ["enduser.id", "user.id", "account.id", "tenant.id", "organization.id", "user.account_id"];
/// The log event that carries a whole call.
const EVENT: &str = "gen_ai.client.inference.operation.details";
/// Operations that are one call of a model.
const CALLS: [&str; 7] =
    ["chat", "completion", "text_completion", "generate_content", "embeddings", "embedding", "fetch_response"];

/// Reads one export, one resource of an export, or one bare span.
pub(super) fn parse(value: &Value, emit: &mut Emit<'_>) {
    let lists = ["resourceSpans", "resource_spans", "resourceLogs", "resource_logs"];
    let mut is_export = false;
    for list in lists.iter().filter_map(|key| value.get(*key)?.as_array()) {
        is_export = true;
        list.iter().for_each(|resource| parse_resource(resource, emit));
    }
    if is_export {
        return;
    }
    if ["scopeSpans", "scope_spans", "scopeLogs", "scope_logs"].iter().any(|key| value.get(*key).is_some()) {
        return parse_resource(value, emit);
    }
    if value.get("attributes").is_none() {
        return emit(Err("no `resourceSpans`, `resourceLogs` or `attributes` (expected OTLP/JSON)".to_owned()));
    }
    let resource = Attributes::of(at(value, &["resource", "attributes"]));
    parse_signal(value, &resource, emit);
}

fn parse_resource(value: &Value, emit: &mut Emit<'_>) {
    let resource = Attributes::of(at(value, &["resource", "attributes"]));
    let scopes = ["scopeSpans", "scope_spans", "scopeLogs", "scope_logs"];
    for scope in scopes.iter().filter_map(|key| value.get(*key)?.as_array()).flatten() {
        let signals = ["spans", "logRecords", "log_records"];
        for signal in signals.iter().filter_map(|key| scope.get(*key)?.as_array()).flatten() {
            parse_signal(signal, &resource, emit);
        }
    }
}

/// Reads one span or log record, if it is a call of a model.
fn parse_signal(signal: &Value, resource: &Attributes<'_>, emit: &mut Emit<'_>) {
    let mut own = Attributes::of(signal.get("attributes"));
    for event in signal.get("events").and_then(Value::as_array).into_iter().flatten() {
        own.add_absent(event.get("attributes"));
    }
    let is_log = signal.get("startTimeUnixNano").is_none() && signal.get("start_time_unix_nano").is_none();
    let event =
        text(signal, &["eventName"]).or_else(|| text(signal, &["event_name"])).or_else(|| own.text("event.name"));
    let is_call = match own.text("gen_ai.operation.name").or_else(|| own.text("llm.request.type")) {
        Some(operation) => CALLS.contains(&operation),
        None => own.has("gen_ai.request.model") || own.has("llm.model_name"),
    };
    if is_call && (!is_log || event == Some(EVENT)) {
        emit(exchange(signal, &own, resource));
    }
}

fn exchange<'v>(signal: &'v Value, own: &Attributes<'v>, resource: &Attributes<'v>) -> Result<Exchange<'v>, String> {
    let time = |keys: &[&str]| keys.iter().find_map(|key| nanoseconds_to_us(signal.get(*key)?));
    let started =
        ["startTimeUnixNano", "start_time_unix_nano", "timeUnixNano", "time_unix_nano", "observedTimeUnixNano"];
    let at_us = time(&started).ok_or("no `startTimeUnixNano` and no `timeUnixNano`")?;
    let account =
        ACCOUNT.iter().find_map(|name| own.text(name)).or_else(|| ACCOUNT.iter().find_map(|n| resource.text(n)));
    let account = ident("enduser.id", account)?.ok_or_else(|| {
        format!("no account (set one of {} on the span or its resource)", ACCOUNT.map(|n| format!("`{n}`")).join(", "))
    })?;
    let first = |names: &[&str]| names.iter().find_map(|name| own.text(name).or_else(|| resource.text(name)));
    let ended = time(&["endTimeUnixNano", "end_time_unix_nano"]);
    Ok(Exchange {
        id: id(signal, own)?,
        at_us,
        account,
        key: ident("api_key.id", first(&["api_key.id", "agw.api_key.name"]))?,
        channel: Some(Cow::Borrowed("api")),
        conversation: ident("gen_ai.conversation.id", first(&["gen_ai.conversation.id", "session.id"]))?,
        end_user: ident("enduser.pseudo.id", first(&["enduser.pseudo.id", "gen_ai.request.user", "llm.user"]))?,
        client: Client {
            ip: ident("client.address", first(&["client.address", "http.client_ip", "client.ip"]))?,
            asn: None,
            country: label(first(&["client.geo.country_iso_code", "geo.country.iso_code"])),
            user_agent: label(first(&["user_agent.original", "http.user_agent"])),
            ja4: label(first(&["tls.client.ja4", "client.ja4"])),
            headers: None,
        },
        request: request(own),
        response: response(signal, own, ended.and_then(|ended| elapsed_ms(at_us, ended))),
    })
}

/// The provider's id of the answer, which spans and events of the same call share; else the span's own.
fn id<'v>(signal: &'v Value, own: &Attributes<'v>) -> Result<Cow<'v, str>, String> {
    if let Some(id) = ident("gen_ai.response.id", own.text("gen_ai.response.id"))? {
        return Ok(id);
    }
    let part = |keys: [&str; 2]| keys.iter().find_map(|key| text(signal, &[key]));
    let (trace, span) = (part(["traceId", "trace_id"]), part(["spanId", "span_id"]));
    match (trace, span) {
        (Some(trace), Some(span)) => {
            ident("spanId", Some(trace)).and(ident("spanId", Some(span))).map(|_| Cow::Owned(format!("{trace}-{span}")))
        }
        _ => Err("no `gen_ai.response.id` and no `traceId` with `spanId`".to_owned()),
    }
}

fn nanoseconds_to_us(value: &Value) -> Option<i64> {
    let us = i64::try_from(count(value)? / 1000).ok()?;
    (us > 0).then_some(us)
}

fn request<'v>(own: &Attributes<'v>) -> Request<'v> {
    let first = |names: &[&str]| names.iter().find_map(|name| own.text(name));
    let operation = first(&["gen_ai.operation.name", "llm.request.type"]).unwrap_or("chat");
    let endpoint = match operation {
        "text_completion" | "completion" => "completions",
        "embeddings" | "embedding" => "embeddings",
        _ => "chat",
    };
    let narrow = |name: &str| own.count(name).and_then(|count| u32::try_from(count).ok());
    let mut request = Request {
        model: label(first(&["gen_ai.request.model", "llm.model_name", "gen_ai.response.model"])),
        endpoint: Some(Cow::Borrowed(endpoint)),
        system: content::system(own),
        messages: content::asked(own),
        tools: content::tools(own),
        params: Params {
            temperature: own.number("gen_ai.request.temperature"),
            top_p: own.number("gen_ai.request.top_p"),
            max_tokens: own.count("gen_ai.request.max_tokens"),
            n: narrow("gen_ai.request.choice.count"),
            stream: own.flag("gen_ai.request.stream").or_else(|| own.flag("llm.is_streaming")),
            ..Params::default()
        },
    };
    crate::native::lift_system(&mut request);
    request
}

fn response<'v>(signal: &'v Value, own: &Attributes<'v>, latency_ms: Option<u64>) -> Response<'v> {
    let first_count = |names: &[&str]| names.iter().find_map(|name| own.count(name));
    let has_failed = matches!(at(signal, &["status", "code"]), Some(code)
        if count(code) == Some(2) || code.as_str() == Some("STATUS_CODE_ERROR"));
    let error = own.text("error.type");
    let status = first_count(&["http.response.status_code", "http.status_code"])
        .or_else(|| error?.parse().ok())
        .and_then(|status| u16::try_from(status).ok())
        .or_else(|| api::status_of_error(error?));
    Response {
        status: status.or((!has_failed && error.is_none()).then_some(200)),
        stop_reason: label(own.first_of("gen_ai.response.finish_reasons").or(error)),
        input_tokens: first_count(&[
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "llm.usage.prompt_tokens",
            "llm.token_count.prompt",
        ]),
        output_tokens: first_count(&[
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "llm.usage.completion_tokens",
            "llm.token_count.completion",
        ]),
        latency_ms,
        content: content::answered(own),
        signature: None,
    }
}
