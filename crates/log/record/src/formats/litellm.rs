//! LiteLLM's `StandardLoggingPayload` and its table of spend logs, bare or in the wrapper of a collector that kept the
//! request's `body`.

use std::borrow::Cow;

use serde_json::Value;

use super::account::is_account;
use super::api;
use super::calls::no_operation;
use super::emit::Emit;
use super::headers::Headers;
use super::headers::hashed;
use super::sse;
use super::value::at;
use super::value::bounded;
use super::value::count;
use super::value::elapsed_ms;
use super::value::first_name;
use super::value::first_text;
use super::value::label;
use super::value::name;
use super::value::needed_time;
use super::value::number;
use super::value::status;
use super::value::text;
use super::value::time_us;
use super::value::unwrapped;
use crate::Client;
use crate::Exchange;
use crate::Request;
use crate::Response;
use crate::address::client_address;
use crate::found::Call;
use crate::found::Origin;
use crate::found::Record;
use crate::json;

/// Who answers for a request, the nearest to a customer first. `default_user_id`, the user of every key that the
/// proxy's administrator made, is no account.
const ACCOUNT: [&str; 4] = ["user_api_key_user_id", "user_api_key_team_id", "user_api_key_org_id", "user_api_key_hash"];

/// Reads one payload.
pub(super) fn parse(record: &str, value: &Value, emit: &mut Emit<'_>) {
    // The calls of LiteLLM's guardrail hook share the collector with its log. They tell of no exchange.
    if value.get("input_type").is_some() && value.get("startTime").is_none() {
        return emit(Record::PassedOver("a call of a guardrail hook"));
    }
    if let Some(reason) = text(value, &["call_type"]).and_then(no_operation) {
        return emit(Record::PassedOver(reason));
    }
    // The table of spend logs holds these as text.
    let part = |key: &str| unwrapped(value.get(key).unwrap_or(&Value::Null));
    let metadata = part("metadata");
    let payload = Payload {
        value,
        headers: if record.is_empty() {
            Headers::at(&metadata, &["requester_metadata", "headers"])
        } else {
            Headers::within(record, &["metadata", "requester_metadata", "headers"])
        },
        parameters: at(value, &["model_parameters"]).unwrap_or(&Value::Null),
        messages: part("messages"),
        request: part("proxy_server_request"),
        response: part("response"),
        record,
        metadata,
    };
    match payload.exchange() {
        Ok((exchange, origin)) => emit(Record::Exchange(exchange, origin)),
        Err(reason) => emit(Err(reason).into()),
    }
}

/// The account that LiteLLM names in the metadata of a call, as its log of the call is read; `None` where it names none.
#[must_use]
pub fn litellm_account(metadata: &Value) -> Option<String> {
    bounded("account", named(metadata)).ok().flatten().map(Cow::into_owned)
}

/// The nearest to a customer of those that answer for a call.
fn named(metadata: &Value) -> Option<Cow<'_, str>> {
    ACCOUNT.iter().filter_map(|name| first_name(metadata, &[name])).find(|name| is_account(name))
}

/// One payload's parts.
struct Payload<'v> {
    record: &'v str,
    value: &'v Value,
    metadata: Cow<'v, Value>,
    parameters: &'v Value,
    headers: Headers,
    messages: Cow<'v, Value>,
    request: Cow<'v, Value>,
    response: Cow<'v, Value>,
}

impl Payload<'_> {
    fn exchange(&self) -> Result<(Exchange<'_>, Origin), String> {
        let value = self.value;
        let at_us = needed_time(value, &[&["startTime"], &["start_time"]])?;
        let metadata = &self.metadata;
        let key = name(metadata, &["user_api_key_hash"])
            .or_else(|| name(value, &["api_key"]))
            .or_else(|| name(metadata, &["user_api_key"]));
        let named = named(metadata);
        let beside = || {
            let names = ["user", "team_id", "organization_id"];
            names.iter().filter_map(|key| name(value, &[key])).find(|name| is_account(name))
        };
        let key = bounded("metadata.user_api_key_hash", key.filter(|key| is_account(key)))?;
        let account = bounded("metadata.user_api_key_user_id", named.or_else(beside).or_else(|| key.clone()))?;
        let account = account.ok_or(
            "no account (give callers virtual keys: `metadata.user_api_key_user_id`, `_team_id`, `_org_id`, `_hash`, `user` and \
             `api_key` are empty)",
        )?;
        let end_user = name(value, &["end_user"])
            .or_else(|| name(metadata, &["user_api_key_end_user_id"]))
            .or_else(|| api::end_user(self.parameters));
        // The inner and the outer log of one call have one trace; so have the attempts at one call, at other times.
        let call = name(value, &["trace_id"]).map(|trace| Call::Trace(xxhash_rust::xxh3::xxh3_64(trace.as_bytes())));
        // A failure may name no user where the other calls of its key do.
        let users = [name(metadata, &["user_api_key_user_id"]), name(value, &["user"])];
        let is_by_key = !users.iter().flatten().any(|user| *user == account);
        let origin = Origin { is_by_key, call, ..Origin::default() };
        let exchange = Exchange {
            id: self.id()?,
            at_us,
            account,
            key,
            channel: Some(Cow::Borrowed("api")),
            conversation: bounded("session_id", name(value, &["session_id"]))?,
            end_user: bounded("end_user", end_user)?,
            client: self.client(),
            request: self.request(),
            response: self.response(at_us),
        };
        Ok((exchange, origin))
    }

    /// The payload's id. What stands for none is replaced by the trace, and a payload without either is known by its
    /// bytes.
    fn id(&self) -> Result<Cow<'_, str>, String> {
        let id = first_name(self.value, &["litellm_call_id", "id", "request_id", "trace_id"]);
        let own =
            || hashed(if self.record.is_empty() { self.value.to_string() } else { self.record.to_owned() }.as_bytes());
        Ok(bounded("litellm_call_id", id)?.unwrap_or_else(|| Cow::Owned(own())))
    }

    fn client(&self) -> Client<'_> {
        let both = |key: &str| text(self.value, &[key]).or_else(|| text(&self.metadata, &[key]));
        let owned = |text: &str| json::cut(Cow::Owned(text.to_owned()));
        let ja4 = text(&self.metadata, &["requester_custom_headers", "x-ja4"]);
        Client {
            ip: both("requester_ip_address").and_then(client_address),
            asn: None,
            country: self.headers.country().map(owned),
            user_agent: label(both("user_agent")).or_else(|| self.headers.get("user-agent").map(owned)),
            ja4: label(ja4).or_else(|| self.headers.ja4().map(owned)),
            headers: self.headers.fingerprint().map(Cow::Owned),
        }
    }

    fn request(&self) -> Request<'_> {
        let parameters = self.parameters;
        let body = at(&self.request, &["body"]).unwrap_or(&self.request);
        let mut request = match self.messages.as_ref() {
            // The Responses and Messages routes log the whole body in its place.
            Value::Object(map) if !map.is_empty() => api::request(&self.messages),
            Value::Null | Value::Object(_) => api::request(body),
            list => {
                let mut request = Request { messages: api::messages(list), ..Request::default() };
                let systems = ["system", "instructions"]
                    .iter()
                    .find_map(|key| text(parameters, &[key]).or_else(|| text(body, &[key])));
                request.system = systems.map(Cow::Borrowed);
                crate::native::lift_system(&mut request);
                request
            }
        };
        let route = text(&self.metadata, &["user_api_key_request_route"]).and_then(api::endpoint);
        request.endpoint = route.or_else(|| call_type(text(self.value, &["call_type"])?)).map(Cow::Borrowed);
        request.model = label(first_text(self.value, &["model_group", "model"]));
        request.params = api::params(if parameters.is_object() { parameters } else { body });
        request.params.stream = self.value.get("stream").and_then(Value::as_bool).or(request.params.stream);
        if let Some(tools) = at(parameters, &["tools"]) {
            request.tools = api::tools(tools);
        }
        request
    }

    /// Whether a guardrail of the proxy stopped the call.
    fn is_blocked(&self) -> bool {
        let told =
            at(self.value, &["guardrail_information"]).or_else(|| at(&self.metadata, &["guardrail_information"]));
        let entries = match told {
            Some(Value::Array(list)) => list.as_slice(),
            Some(entry) => std::slice::from_ref(entry),
            None => &[],
        };
        let stopped = ["guardrail_intervened", "blocked"];
        entries.iter().filter_map(|entry| text(entry, &["guardrail_status"])).any(|status| stopped.contains(&status))
    }

    fn response(&self, at_us: i64) -> Response<'_> {
        let value = self.value;
        let (mut response, _) = sse::response(&self.response);
        let tokens = |key: &str| at(value, &[key]).and_then(count);
        response.input_tokens = tokens("prompt_tokens").or(response.input_tokens);
        response.output_tokens = tokens("completion_tokens").or(response.output_tokens);
        let ended = || elapsed_ms(at_us, time_us(value.get("endTime")?)?);
        let told = || json::whole((number(value.get("response_time")?)? * 1e3).round());
        response.latency_ms = ended().or_else(told);
        let status = text(value, &["status"]).or_else(|| text(&self.metadata, &["status"]));
        if status == Some("failure") {
            let error = at(value, &["error_information"]).or_else(|| at(&self.metadata, &["error_information"]));
            response.status = error_status(value, error);
            response.stop_reason =
                label(error.and_then(|error| text(error, &["error_class"]))).or(response.stop_reason);
        } else {
            response.status = Some(200);
        }
        if self.is_blocked() {
            response.stop_reason = Some(Cow::Borrowed("guardrail_intervened"));
        }
        response
    }
}

/// The status of a failure: its code, else what goes with its class, else with a class that the message names.
fn error_status(value: &Value, error: Option<&Value>) -> Option<u16> {
    let named = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).find_map(api::status_of_error);
    let field = |key: &str| error.and_then(|error| text(error, &[key]));
    let code = error.and_then(|error| status(error.get("error_code")?));
    code.or_else(|| field("error_class").and_then(api::status_of_error))
        .or_else(|| field("error_message").and_then(named))
        .or_else(|| text(value, &["error_str"]).and_then(named))
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
