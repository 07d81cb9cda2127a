//! Amazon Bedrock model-invocation logs.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::bodies::Bodies;
use super::emit::Emit;
use super::sse;
use super::value::at;
use super::value::bounded;
use super::value::count;
use super::value::elapsed_ms;
use super::value::first_name;
use super::value::label;
use super::value::name;
use super::value::needed_time;
use super::value::status;
use super::value::text;
use super::value::time_us;
use super::value::unwrapped;
use crate::Exchange;
use crate::Request;
use crate::Response;

/// Reads one invocation.
pub(super) fn parse(value: &Value, bodies: &Bodies, emit: &mut Emit<'_>) {
    let input = body(value, ["input", "inputBodyJson", "inputBodyS3Path"], bodies);
    let output = body(value, ["output", "outputBodyJson", "outputBodyS3Path"], bodies);
    emit(exchange(value, &input, &output).into());
}

/// A body in the record, or in the file that the record names.
fn body<'v>(value: &'v Value, [part, body, path]: [&str; 3], bodies: &Bodies) -> Cow<'v, Value> {
    if let Some(body) = at(value, &[part, body]) {
        return unwrapped(body);
    }
    text(value, &[part, path]).and_then(|path| bodies.read(path)).map_or(Cow::Borrowed(&Value::Null), Cow::Owned)
}

fn exchange<'v>(value: &'v Value, input: &'v Value, output: &'v Value) -> Result<Exchange<'v>, String> {
    let at_us = needed_time(value, &[&["timestamp"]])?;
    let account = name(value, &["identity", "arn"]).or_else(|| name(value, &["accountId"]));
    let account = bounded("identity.arn", account)?.ok_or("no `identity.arn` and no `accountId`")?;
    let id = bounded("requestId", name(value, &["requestId"]))?.ok_or("no `requestId`")?;
    let user = at(value, &["requestMetadata"]).and_then(|own| first_name(own, &["end_user", "user_id", "user"]));
    let session = at(value, &["requestMetadata"]).and_then(|own| first_name(own, &["conversation_id", "session_id"]));
    Ok(Exchange {
        id,
        at_us,
        account,
        key: None,
        channel: Some(Cow::Borrowed("bedrock")),
        conversation: bounded("requestMetadata", session)?,
        end_user: bounded("requestMetadata", user)?,
        client: crate::Client::default(),
        request: request(value, input),
        response: response(value, output, at_us),
    })
}

fn request<'v>(value: &'v Value, input: &'v Value) -> Request<'v> {
    let operation = text(value, &["operation"]).unwrap_or_default();
    let mut request = api::request(input);
    let model = text(value, &["modelId"]);
    request.model = label(model);
    request.endpoint = Some(Cow::Borrowed(if operation.starts_with("Converse") {
        "chat"
    } else if model.is_some_and(|model| model.contains("embed")) {
        "embeddings"
    } else if at(input, &["messages"]).is_some() {
        "messages"
    } else {
        "completions"
    }));
    request.params.stream = Some(operation.ends_with("Stream"));
    request
}

fn response<'v>(value: &'v Value, output: &'v Value, at_us: i64) -> Response<'v> {
    let mut response = match output {
        Value::Null => Response::default(),
        body => sse::response(body).0,
    };
    let error = text(value, &["errorCode"]);
    let answered = || (error.is_none() && value.get("output").is_some()).then_some(200);
    response.status = at(value, &["status"])
        .and_then(status)
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
