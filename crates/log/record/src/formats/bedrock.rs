//! Amazon Bedrock model-invocation logs.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::sse::Answer;
use super::value::at;
use super::value::count;
use super::value::elapsed_ms;
use super::value::first_text;
use super::value::ident;
use super::value::label;
use super::value::text;
use super::value::time_us;
use crate::Exchange;
use crate::Request;
use crate::Response;

/// Reads one invocation.
pub(super) fn parse(value: &Value) -> Result<Exchange<'_>, String> {
    let at_us = at(value, &["timestamp"]).and_then(time_us);
    let at_us = at_us.ok_or("no `timestamp` (a Bedrock invocation has one in RFC 3339)")?;
    let account = text(value, &["identity", "arn"]).or_else(|| text(value, &["accountId"]));
    let account = ident("identity.arn", account)?.ok_or("no `identity.arn` and no `accountId`")?;
    let id = ident("requestId", text(value, &["requestId"]))?.ok_or("no `requestId`")?;
    let user = at(value, &["requestMetadata"]).and_then(|own| first_text(own, &["end_user", "user_id", "user"]));
    let session = at(value, &["requestMetadata"]).and_then(|own| first_text(own, &["conversation_id", "session_id"]));
    Ok(Exchange {
        id,
        at_us,
        account,
        key: None,
        channel: Some(Cow::Borrowed("bedrock")),
        conversation: ident("requestMetadata", session)?,
        end_user: ident("requestMetadata", user)?,
        client: crate::Client::default(),
        request: request(value),
        response: response(value, at_us),
    })
}

fn request(value: &Value) -> Request<'_> {
    let operation = text(value, &["operation"]).unwrap_or_default();
    let mut request = at(value, &["input", "inputBodyJson"]).map(api::request).unwrap_or_default();
    let model = text(value, &["modelId"]);
    request.model = label(model);
    request.endpoint = Some(Cow::Borrowed(if operation.starts_with("Converse") {
        "chat"
    } else if model.is_some_and(|model| model.contains("embed")) {
        "embeddings"
    } else if at(value, &["input", "inputBodyJson", "messages"]).is_some() {
        "messages"
    } else {
        "completions"
    }));
    request.params.stream = Some(operation.ends_with("Stream"));
    request
}

fn response(value: &Value, at_us: i64) -> Response<'_> {
    let mut response = match at(value, &["output", "outputBodyJson"]) {
        Some(Value::Array(events)) => Answer::of_list(events).into_response(),
        Some(body) => api::response(body),
        None => Response::default(),
    };
    let error = text(value, &["errorCode"]);
    let answered = || (error.is_none() && value.get("output").is_some()).then_some(200);
    response.status = at(value, &["status"])
        .and_then(count)
        .and_then(|status| u16::try_from(status).ok())
        .or_else(|| error.and_then(api::status_of_error))
        .or(response.status)
        .or_else(answered);
    response.stop_reason = response.stop_reason.or_else(|| label(error));
    let input = at(value, &["input"]);
    let tokens = |key| input.and_then(|input| count(input.get(key)?));
    let cached = [tokens("cacheReadInputTokenCount"), tokens("cacheWriteInputTokenCount")];
    let cached = cached.into_iter().flatten().fold(0, u64::saturating_add);
    let read = tokens("inputTokenCount").map(|read| read.saturating_add(cached));
    response.input_tokens = read.or(response.input_tokens);
    response.output_tokens = at(value, &["output", "outputTokenCount"]).and_then(count).or(response.output_tokens);
    let ended = ["responseTimestamp", "endTimestamp"].iter().find_map(|key| time_us(value.get(*key)?));
    response.latency_ms = response.latency_ms.or_else(|| elapsed_ms(at_us, ended?));
    response
}
