//! Exchanges of the Anthropic and OpenAI APIs as a gateway captures them: the two bodies, the headers, the time.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::emit::Emit;
use super::headers::Headers;
use super::headers::hashed;
use super::sse::Answer;
use super::value::at;
use super::value::count;
use super::value::elapsed_ms;
use super::value::first_text;
use super::value::ident;
use super::value::label;
use super::value::number;
use super::value::text;
use super::value::time_us;
use super::value::unwrapped;
use crate::Client;
use crate::Exchange;
use crate::Response;

const AT: [&str; 6] = ["at", "timestamp", "t", "time", "started_at", "ts"];
const END: [&str; 4] = ["t_end", "ended_at", "end_time", "finished_at"];
const ACCOUNT: [&str; 6] = ["account", "account_id", "organization", "organization_id", "org_id", "tenant"];
const CLIENT_IP: [&str; 5] = ["client_ip", "ip", "remote_addr", "remote_ip", "peer_ip"];

/// Reads one captured exchange.
pub(super) fn parse(record: &str, value: &Value, emit: &mut Emit<'_>) {
    let Some(request) = value.get("request") else {
        return emit(Err("no `request` (a capture needs `at`, `request` and `response`)".to_owned()));
    };
    // A gateway that logs whole messages keeps the body beside the headers.
    let request_body = unwrapped(at(request, &["body"]).unwrap_or(request));
    let response = value.get("response").unwrap_or(&Value::Null);
    let is_message = at(response, &["body"]).is_some();
    let response_body = unwrapped(at(response, &["body"]).unwrap_or(response));
    let capture = Capture {
        record,
        value,
        request_body: &request_body,
        response_body: &response_body,
        headers: headers(record, &["headers"], &["request", "headers"]),
        answer_headers: headers(record, &["response_headers"], &["response", "headers"]),
        status: is_message.then(|| at(response, &["status"]).and_then(count)).flatten(),
    };
    emit(capture.exchange());
}

fn headers(record: &str, first: &[&str], second: &[&str]) -> Headers {
    let headers = Headers::within(record, first);
    if headers.is_empty() { Headers::within(record, second) } else { headers }
}

/// One record's parts.
struct Capture<'v> {
    record: &'v str,
    value: &'v Value,
    request_body: &'v Value,
    response_body: &'v Value,
    headers: Headers,
    answer_headers: Headers,
    status: Option<u64>,
}

impl<'v> Capture<'v> {
    fn exchange(&self) -> Result<Exchange<'v>, String> {
        let value = self.value;
        let at_us = AT.iter().find_map(|key| time_us(value.get(*key)?));
        let at_us = at_us.ok_or("no time (log `at` as RFC 3339 or as seconds since 1970)")?;
        let (mut response, answered_id) = self.response();
        response.status = self.status(&response);
        response.latency_ms = self.latency_ms(at_us).or(response.latency_ms);
        let mut request = api::request(self.request_body);
        let path = ["path", "url", "uri"]
            .iter()
            .find_map(|key| text(value, &[key]).or_else(|| text(value, &["request", key])));
        request.endpoint = path.and_then(api::endpoint).or_else(|| self.shape()).map(Cow::Borrowed);
        let key = self.headers.key();
        Ok(Exchange {
            id: self.id(answered_id)?,
            at_us,
            account: self.account(key.as_deref())?,
            key: ident("key", text(value, &["key"]))?.or(key.map(Cow::Owned)),
            channel: Some(label(text(value, &["channel"])).unwrap_or(Cow::Borrowed("api"))),
            conversation: ident(
                "conversation",
                first_text(value, &["conversation", "session_id"]).or_else(|| api::conversation(self.request_body)),
            )?,
            end_user: ident("end_user", text(value, &["end_user"]).or_else(|| api::end_user(self.request_body)))?,
            client: self.client()?,
            request,
            response,
        })
    }

    /// The id in the record or the answer. A record with neither is known by its own bytes, so that the same line
    /// twice counts once.
    fn id(&self, answered: Option<String>) -> Result<Cow<'v, str>, String> {
        if let Some(id) = ident("id", first_text(self.value, &["id", "request_id"]))? {
            return Ok(id);
        }
        let header = self.answer_headers.get("request-id").or_else(|| self.answer_headers.get("x-request-id"));
        let own = header.map(str::to_owned).or(answered).filter(|id| id.len() <= crate::json::MAX_IDENT_BYTES);
        Ok(Cow::Owned(own.unwrap_or_else(|| hashed(self.record.as_bytes()))))
    }

    fn account(&self, key: Option<&str>) -> Result<Cow<'v, str>, String> {
        if let Some(account) = ident("account", first_text(self.value, &ACCOUNT))? {
            return Ok(account);
        }
        let organization = ["anthropic-organization-id", "openai-organization"]
            .iter()
            .find_map(|name| self.answer_headers.get(name).or_else(|| self.headers.get(name)));
        let account = organization.or(key).filter(|account| account.len() <= crate::json::MAX_IDENT_BYTES);
        account.map(|account| Cow::Owned(account.to_owned())).ok_or_else(|| {
            "no account (log `account` in each record, or the request's `authorization` or `x-api-key` header)"
                .to_owned()
        })
    }

    fn client(&self) -> Result<Client<'v>, String> {
        let value = self.value;
        let owned = |text: Option<&str>| text.map(|text| crate::json::cut(Cow::Owned(text.to_owned())));
        let asn = value.get("asn").and_then(count).and_then(|asn| u32::try_from(asn).ok());
        Ok(Client {
            ip: ident("ip", first_text(value, &CLIENT_IP))?.or_else(|| owned(self.headers.client_ip())),
            asn,
            country: label(text(value, &["country"])).or_else(|| owned(self.headers.country())),
            user_agent: label(text(value, &["user_agent"])).or_else(|| owned(self.headers.get("user-agent"))),
            ja4: label(text(value, &["ja4"])).or_else(|| owned(self.headers.ja4())),
            headers: self.headers.fingerprint().map(Cow::Owned),
        })
    }

    /// The answer, and the provider's id of it.
    fn response(&self) -> (Response<'v>, Option<String>) {
        let streamed = match self.response_body {
            Value::Array(events) => Some(Answer::of_list(events)),
            Value::String(text) => Answer::of_text(text),
            _ => None,
        };
        if let Some(mut answer) = streamed {
            let id = answer.id.take();
            return (answer.into_response(), id);
        }
        match self.response_body {
            Value::String(text) => (Response { content: Some(Cow::Borrowed(text)), ..Response::default() }, None),
            body => (api::response(body), text(body, &["id"]).map(str::to_owned)),
        }
    }

    fn status(&self, response: &Response<'_>) -> Option<u16> {
        let logged =
            self.status.or_else(|| ["status", "status_code"].iter().find_map(|key| count(self.value.get(*key)?)));
        let answered = || response.content.as_ref().or(response.stop_reason.as_ref()).map(|_| 200);
        logged.and_then(|status| u16::try_from(status).ok()).or(response.status).or_else(answered)
    }

    fn latency_ms(&self, at_us: i64) -> Option<u64> {
        let told = ["latency_ms", "duration_ms"].iter().find_map(|key| number(self.value.get(*key)?));
        let ended = || elapsed_ms(at_us, END.iter().find_map(|key| time_us(self.value.get(*key)?))?);
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
