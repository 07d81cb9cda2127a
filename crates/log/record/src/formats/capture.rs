//! Exchanges of the providers' APIs as a gateway captures them: the two bodies, the headers, the time.

use std::borrow::Cow;

use serde_json::Value;

use super::account::is_account;
use super::api;
use super::calls;
use super::emit::Emit;
use super::headers::Headers;
use super::headers::Key;
use super::headers::hashed;
use super::sse;
use super::value::at;
use super::value::bounded;
use super::value::count;
use super::value::elapsed_ms;
use super::value::first_name;
use super::value::label;
use super::value::needed_time;
use super::value::number;
use super::value::status;
use super::value::text;
use super::value::time_us;
use super::value::unwrapped;
use crate::Client;
use crate::Exchange;
use crate::Response;
use crate::address::client_address;
use crate::envelope;
use crate::found::Origin;
use crate::found::Record;
use crate::found::unplaced;

const AT: [&[&str]; 10] = [
    &["startedDateTime"],
    &["at"],
    &["timestamp"],
    &["t"],
    &["time"],
    &["started_at"],
    &["start_time"],
    &["ts"],
    &["request", "timestamp"],
    &["created_at"],
];
const END: [&[&str]; 5] = [&["t_end"], &["ended_at"], &["end_time"], &["finished_at"], &["response", "timestamp"]];
const ACCOUNT: [&str; 6] = ["account", "account_id", "organization", "organization_id", "org_id", "tenant"];
const CLIENT_IP: [&str; 7] = ["client_ip", "clientIp", "ip", "remote_addr", "remote_ip", "peer_ip", "src_ip"];
const STATUS: [&str; 5] = ["status", "status_code", "statusCode", "code", "http_status"];

/// Reads one captured exchange.
pub(super) fn parse(record: &str, value: &Value, emit: &mut Emit<'_>) {
    let Some(request) = at(value, &["request"]) else {
        return emit(Err("no `request` (a capture needs `at`, `request` and `response`)".to_owned()).into());
    };
    if let Some(reason) = calls::no_call(path(value), method(value)) {
        return emit(Record::PassedOver(reason));
    }
    // A gateway that logs whole messages keeps the body beside the headers; an archive of a browser's keeps it deeper.
    let request_body = body(request, &[&["body"], &["postData", "text"], &["body_raw"]]);
    let response = value.get("response").unwrap_or(&Value::Null);
    let response_body = body(response, &[&["body"], &["body_raw"], &["content", "text"]]);
    let capture = Capture {
        record,
        value,
        request_body: &request_body,
        response_body: &response_body,
        headers: headers(record, value, &["headers"], &["request", "headers"]),
        answer_headers: headers(record, value, &["response_headers"], &["response", "headers"]),
    };
    match capture.exchange() {
        Ok((exchange, origin)) if is_empty(&exchange) => {
            drop((exchange, origin));
            emit(Record::PassedOver("a capture without model, text and status"));
        }
        Ok((exchange, origin)) => emit(Record::Exchange(exchange, origin)),
        Err(reason) => emit(Err(reason).into()),
    }
}

/// Whether a record tells of nothing that was asked or answered. A status alone is that of any web server, unless the path
/// is one of a model's API.
pub(super) fn is_empty(exchange: &Exchange<'_>) -> bool {
    let Exchange { request, response, .. } = exchange;
    request.model.is_none()
        && request.messages.is_empty()
        && (response.status.is_none() || request.endpoint.is_none())
        && response.content.is_none()
        && response.output_tokens.is_none()
}

/// The body in a message, or the message itself where it is the body.
fn body<'v>(message: &'v Value, paths: &[&[&str]]) -> Cow<'v, Value> {
    let is_packed = at(message, &["content", "encoding"]).is_some_and(|encoding| encoding == "base64");
    match undecoded(message, paths) {
        Value::String(text) if is_packed => {
            let text = envelope::unpacked(text).unwrap_or_default();
            Cow::Owned(unwrapped(&Value::String(text)).into_owned())
        }
        body => unwrapped(body),
    }
}

/// The body as it was written.
fn undecoded<'v>(message: &'v Value, paths: &[&[&str]]) -> &'v Value {
    if let Some(body) = paths.iter().find_map(|path| at(message, path)) {
        return body;
    }
    // A message with an empty body has still the members of a message.
    let is_message =
        ["headers", "status", "status_code", "statusCode", "method"].iter().any(|key| message.get(*key).is_some())
            && ["choices", "content", "output", "messages", "usage", "error"]
                .iter()
                .all(|key| message.get(*key).is_none_or(is_har));
    if is_message { &Value::Null } else { message }
}

/// The content of a response in a browser's archive, which is no content of a model.
fn is_har(value: &Value) -> bool {
    value.get("mimeType").is_some()
}

fn path(value: &Value) -> Option<&str> {
    ["path", "url", "uri", "request_path"]
        .iter()
        .find_map(|key| text(value, &[key]).or_else(|| text(value, &["request", key])))
}

fn method(value: &Value) -> Option<&str> {
    text(value, &["method"]).or_else(|| text(value, &["request", "method"]))
}

fn headers(record: &str, value: &Value, first: &[&str], second: &[&str]) -> Headers {
    [first, second]
        .into_iter()
        .map(|path| if record.is_empty() { Headers::at(value, path) } else { Headers::within(record, path) })
        .find(|headers| !headers.is_empty())
        .unwrap_or_default()
}

/// One record's parts.
struct Capture<'v> {
    record: &'v str,
    value: &'v Value,
    request_body: &'v Value,
    response_body: &'v Value,
    headers: Headers,
    answer_headers: Headers,
}

impl<'v> Capture<'v> {
    fn exchange(&self) -> Result<(Exchange<'v>, Origin), String> {
        let value = self.value;
        let at_us = needed_time(value, &AT)?;
        let (mut response, names) = sse::response(self.response_body);
        response.status = self.status(&response);
        response.latency_ms = self.latency_ms(at_us).or(response.latency_ms);
        let mut request = api::request(self.request_body);
        request.endpoint = path(value).and_then(api::endpoint).or_else(|| self.shape()).map(Cow::Borrowed);
        let of_path = || label(path(value).and_then(api::model_of_path));
        request.model = request.model.or_else(of_path).or_else(|| names.model.map(Cow::Owned).map(crate::json::cut));
        let secret = self.headers.key();
        let (account, mut origin) = self.account(secret.as_ref())?;
        let own_key = bounded("key", first_name(value, &["key", "api_key_id", "key_id"]))?;
        let key = own_key.or(secret.map(|secret| Cow::Owned(secret.hash)));
        // A key's own hash as the account is the last resort.
        origin.is_by_key = origin.is_by_key && key.as_deref() == Some(account.as_ref());
        let conversation = first_name(value, &["conversation", "session_id"]);
        Ok((
            Exchange {
                id: self.id(names.id)?,
                at_us,
                account,
                key,
                channel: Some(label(text(value, &["channel"])).unwrap_or(Cow::Borrowed("api"))),
                conversation: bounded(
                    "conversation",
                    conversation.or_else(|| api::conversation(self.request_body).map(Cow::Borrowed)),
                )?,
                end_user: bounded(
                    "end_user",
                    first_name(value, &["end_user"]).or_else(|| api::end_user(self.request_body)),
                )?,
                client: self.client(),
                request,
                response,
            },
            origin,
        ))
    }

    /// The id in the record or the answer. A record with neither is known by its own bytes, so that the same line
    /// twice counts once.
    fn id(&self, answered: Option<String>) -> Result<Cow<'v, str>, String> {
        if let Some(id) = bounded("id", first_name(self.value, &["id", "request_id", "requestId"]))? {
            return Ok(id);
        }
        let names = ["request-id", "x-request-id", "x-amzn-requestid", "apim-request-id"];
        let header = names.iter().find_map(|name| self.answer_headers.get(name));
        let own = header.map(str::to_owned).or(answered).filter(|id| id.len() <= crate::json::MAX_IDENT_BYTES);
        Ok(Cow::Owned(own.filter(|id| !super::value::is_none(id)).unwrap_or_else(|| self.hash())))
    }

    fn hash(&self) -> String {
        if self.record.is_empty() { hashed(self.value.to_string().as_bytes()) } else { hashed(self.record.as_bytes()) }
    }

    /// The account that the log or the provider names, else the key. A key that is masked is no account.
    fn account(&self, key: Option<&Key>) -> Result<(Cow<'v, str>, Origin), String> {
        let named = first_name(self.value, &ACCOUNT).filter(|account| is_account(account));
        if let Some(account) = bounded("account", named)? {
            return Ok((account, Origin::default()));
        }
        let organization = ["anthropic-organization-id", "openai-organization"]
            .iter()
            .find_map(|name| self.answer_headers.get(name).or_else(|| self.headers.get(name)))
            .filter(|account| account.len() <= crate::json::MAX_IDENT_BYTES && is_account(account));
        if let Some(organization) = organization {
            return Ok((Cow::Owned(organization.to_owned()), Origin::default()));
        }
        if let Some(key) = key.filter(|key| !key.is_masked) {
            return Ok((Cow::Owned(key.hash.clone()), Origin { is_by_key: true, ..Origin::default() }));
        }
        let reason = if self.headers.has_secret() {
            "no account (the key is masked, so that it is the same for everybody: log `account` in each record)"
        } else {
            "no account (log `account` in each record, or the request's `authorization` or `x-api-key` header)"
        };
        let origin = Origin { orphan: Some(unplaced(reason.to_owned())), ..Origin::default() };
        Ok((Cow::Borrowed(""), origin))
    }

    fn client(&self) -> Client<'v> {
        let value = self.value;
        let owned = |text: Option<&str>| text.map(|text| crate::json::cut(Cow::Owned(text.to_owned())));
        let asn = value.get("asn").and_then(count).and_then(|asn| u32::try_from(asn).ok());
        let logged = CLIENT_IP.iter().find_map(|key| client_address(text(value, &[key])?));
        Client {
            ip: logged.or_else(|| Some(Cow::Owned(self.headers.client_ip()?.into_owned()))),
            asn,
            country: label(text(value, &["country"])).or_else(|| owned(self.headers.country())),
            user_agent: label(text(value, &["user_agent"])).or_else(|| owned(self.headers.get("user-agent"))),
            ja4: label(text(value, &["ja4"])).or_else(|| owned(self.headers.ja4())),
            headers: self.headers.fingerprint().map(Cow::Owned),
        }
    }

    /// The status of the answer's message, else the one beside it, else what the answer says.
    fn status(&self, response: &Response<'_>) -> Option<u16> {
        let within = STATUS.iter().find_map(|key| status(at(self.value, &["response", key])?));
        let beside = || STATUS.iter().find_map(|key| status(self.value.get(*key)?));
        let has_text = response.content.is_some() || response.stop_reason.is_some();
        let answered = || (has_text || api::is_answer(self.response_body)).then_some(200);
        let is_body = std::ptr::eq(self.response_body, self.value.get("response").unwrap_or(&Value::Null));
        within.filter(|_| !is_body).or_else(beside).or(response.status).or(within).or_else(answered)
    }

    fn latency_ms(&self, at_us: i64) -> Option<u64> {
        let keys = ["latency_ms", "duration_ms", "time"];
        let told = keys.iter().filter_map(|key| at(self.value, &[key])).find_map(number);
        // In some logs `time` is when it was.
        let told = told.filter(|ms| (0.0..1e9).contains(ms));
        let ended = || elapsed_ms(at_us, END.iter().find_map(|path| time_us(at(self.value, path)?))?);
        told.and_then(|ms| crate::json::whole(ms.round())).or_else(ended)
    }

    /// The endpoint by the shape of the request, where no path is logged.
    fn shape(&self) -> Option<&'static str> {
        let body = self.request_body;
        let is_message = text(self.response_body, &["type"]) == Some("message");
        if body.get("input").is_some() {
            return Some("responses");
        }
        if body.get("prompt").is_some() {
            return Some("completions");
        }
        body.get("messages")?;
        let is_anthropic =
            is_message || body.get("system").is_some() || self.headers.get("anthropic-version").is_some();
        Some(if is_anthropic { "messages" } else { "chat" })
    }
}
