//! LiteLLM's `StandardLoggingPayload`, bare or in the wrapper of a collector that kept the request's `body`.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::emit::Emit;
use super::headers::Headers;
use super::headers::raw_field;
use super::value::at;
use super::value::count;
use super::value::elapsed_ms;
use super::value::first_text;
use super::value::ident;
use super::value::label;
use super::value::number;
use super::value::text;
use super::value::time_us;
use crate::Client;
use crate::Exchange;
use crate::Request;
use crate::Response;
use crate::elements::Scanner;
use crate::json;

/// What LiteLLM writes in place of a text that it was told not to log.
const REDACTED: &str = "redacted-by-litellm";
/// The user of every key that the proxy's administrator made: no account.
const ADMINISTRATOR: &str = "default_user_id";
/// Who answers for a request, the nearest to a customer first.
const ACCOUNT: [&str; 4] = ["user_api_key_user_id", "user_api_key_team_id", "user_api_key_org_id", "user_api_key_hash"];

/// Reads one payload, or all payloads in a wrapper.
pub(super) fn parse(record: &str, value: &Value, emit: &mut Emit<'_>) {
    let is_payload = value.get("startTime").is_some() || value.get("call_type").is_some();
    match value.get("body") {
        Some(Value::String(body)) if !is_payload => parse_all(body, emit),
        Some(_) if !is_payload => parse_all(raw_field(record, "body").unwrap_or_default(), emit),
        _ => parse_payload(record, value, emit),
    }
}

/// Reads a body: a payload, a list of them, or one a line.
fn parse_all(body: &str, emit: &mut Emit<'_>) {
    let mut spans = Vec::new();
    Scanner::new(1).scan(body.as_bytes(), true, &mut spans);
    for span in spans {
        let record = body.get(span.start..span.end).unwrap_or_default();
        match serde_json::from_str::<Value>(record) {
            Ok(value) => parse_payload(record, &value, emit),
            Err(error) => emit(Err(format!("in `body`: {}", json::reason(&error)))),
        }
    }
}

fn parse_payload(record: &str, value: &Value, emit: &mut Emit<'_>) {
    // The calls of LiteLLM's guardrail hook share the collector with its log. They tell of no exchange.
    if value.get("input_type").is_some() && value.get("startTime").is_none() {
        return;
    }
    let headers = Headers::within(record, &["metadata", "requester_metadata", "headers"]);
    emit(exchange(value, &headers));
}

fn exchange<'v>(value: &'v Value, headers: &Headers) -> Result<Exchange<'v>, String> {
    let at_us = at(value, &["startTime"]).and_then(time_us);
    let at_us = at_us.ok_or("no `startTime` (a StandardLoggingPayload has one in seconds since 1970)")?;
    let id = ident("litellm_call_id", first_text(value, &["litellm_call_id", "id", "request_id"]))?;
    let metadata = at(value, &["metadata"]).unwrap_or(&Value::Null);
    let parameters = at(value, &["model_parameters"]).unwrap_or(&Value::Null);
    let key = first_text(metadata, &["user_api_key_hash", "user_api_key"]).or_else(|| text(value, &["api_key"]));
    let account = ACCOUNT.iter().find_map(|name| text(metadata, &[name]).filter(|account| *account != ADMINISTRATOR));
    let account = ident("metadata.user_api_key_user_id", account.or_else(|| text(value, &["user"])).or(key))?;
    let end_user = text(value, &["end_user"])
        .or_else(|| text(metadata, &["user_api_key_end_user_id"]))
        .or_else(|| api::end_user(parameters));
    Ok(Exchange {
        id: id.ok_or("no `litellm_call_id` and no `id`")?,
        at_us,
        account: account.ok_or("no account (give callers virtual keys: `metadata.user_api_key_hash` is empty)")?,
        key: ident("metadata.user_api_key_hash", key)?,
        channel: Some(Cow::Borrowed("api")),
        conversation: ident("session_id", text(value, &["session_id"]))?,
        end_user: ident("end_user", end_user)?,
        client: client(value, metadata, headers)?,
        request: request(value, metadata, parameters),
        response: response(value, at_us),
    })
}

fn client<'v>(value: &'v Value, metadata: &'v Value, headers: &Headers) -> Result<Client<'v>, String> {
    let both = |key: &str| text(value, &[key]).or_else(|| text(metadata, &[key]));
    let owned = |text: &str| json::cut(Cow::Owned(text.to_owned()));
    let ja4 = text(metadata, &["requester_custom_headers", "x-ja4"]);
    Ok(Client {
        ip: ident("requester_ip_address", both("requester_ip_address"))?,
        asn: None,
        country: headers.country().map(owned),
        user_agent: label(both("user_agent")).or_else(|| headers.get("user-agent").map(owned)),
        ja4: label(ja4).or_else(|| headers.ja4().map(owned)),
        headers: headers.fingerprint().map(Cow::Owned),
    })
}

fn request<'v>(value: &'v Value, metadata: &'v Value, parameters: &'v Value) -> Request<'v> {
    let asked = at(value, &["messages"]).filter(|asked| asked.as_str() != Some(REDACTED));
    let mut request = match asked {
        // The Responses and Messages routes log the whole body in its place.
        Some(body @ Value::Object(_)) => api::request(body),
        Some(list) => {
            let mut request = Request { messages: api::messages(list), ..Request::default() };
            request.messages.retain(|message| message.text != REDACTED);
            request.system =
                text(parameters, &["system"]).or_else(|| text(parameters, &["instructions"])).map(Cow::Borrowed);
            crate::native::lift_system(&mut request);
            request
        }
        None => Request::default(),
    };
    let route = text(metadata, &["user_api_key_request_route"]).and_then(api::endpoint);
    request.endpoint = route.or_else(|| call_type(text(value, &["call_type"])?)).map(Cow::Borrowed);
    request.model = label(first_text(value, &["model_group", "model"]));
    request.params = api::params(parameters);
    request.params.stream = value.get("stream").and_then(Value::as_bool).or(request.params.stream);
    if let Some(tools) = at(parameters, &["tools"]) {
        request.tools = api::tools(tools);
    }
    request
}

fn call_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "completion" | "acompletion" => "chat",
        "text_completion" | "atext_completion" => "completions",
        "embedding" | "aembedding" => "embeddings",
        "responses" | "aresponses" => "responses",
        "anthropic_messages" => "messages",
        _ => return None,
    })
}

fn response(value: &Value, at_us: i64) -> Response<'_> {
    let mut response = match at(value, &["response"]) {
        Some(Value::String(text)) => Response { content: Some(Cow::Borrowed(text)), ..Response::default() },
        Some(body) => api::response(body),
        None => Response::default(),
    };
    response.content = response.content.filter(|content| content != REDACTED);
    response.input_tokens = at(value, &["prompt_tokens"]).and_then(count).or(response.input_tokens);
    response.output_tokens = at(value, &["completion_tokens"]).and_then(count).or(response.output_tokens);
    let ended = || elapsed_ms(at_us, time_us(value.get("endTime")?)?);
    let told = || json::whole((number(value.get("response_time")?)? * 1e3).round());
    response.latency_ms = ended().or_else(told);
    if text(value, &["status"]) == Some("failure") {
        let error = at(value, &["error_information"]);
        let code = error.and_then(|error| count(error.get("error_code")?));
        response.status = code.and_then(|code| u16::try_from(code).ok());
        response.stop_reason = label(error.and_then(|error| text(error, &["error_class"])));
    } else {
        response.status = Some(200);
    }
    response
}
