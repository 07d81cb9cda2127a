//! The bodies of the providers' APIs: what was asked and what was answered.
//!
//! One reader serves Anthropic Messages, OpenAI Chat Completions, Completions and Responses, and Amazon's Converse:
//! their keys do not contradict each other.

use std::borrow::Cow;

use serde::Deserialize as _;
use serde_json::Value;

use super::value::at;
use super::value::count;
use super::value::first_count;
use super::value::first_text;
use super::value::label;
use super::value::number;
use super::value::text;
use crate::Message;
use crate::Params;
use crate::Request;
use crate::Response;
use crate::Role;
use crate::content::Content;
use crate::native::lift_system;
use crate::tools::Tools;

/// Reads a request's body. The endpoint is not in it.
pub(super) fn request(body: &Value) -> Request<'_> {
    let tools = at(body, &["toolConfig", "tools"]).or_else(|| at(body, &["tools"])).map(tools).unwrap_or_default();
    let system = at(body, &["system"]).or_else(|| at(body, &["instructions"]));
    let asked = ["messages", "input", "prompt", "inputText"].iter().find_map(|key| at(body, &[key]));
    let mut request = Request {
        model: label(text(body, &["model"])),
        endpoint: None,
        system: system.and_then(|system| content(system).into_text()),
        messages: asked.map(messages).unwrap_or_default(),
        tools,
        params: params(body),
    };
    lift_system(&mut request);
    request
}

/// Who the caller says its user is.
pub(super) fn end_user(body: &Value) -> Option<&str> {
    first_text(body, &["safety_identifier", "user"]).or_else(|| text(body, &["metadata", "user_id"]))
}

/// The caller's conversation.
pub(super) fn conversation(body: &Value) -> Option<&str> {
    text(body, &["conversation"]).or_else(|| text(body, &["conversation", "id"]))
}

/// Names of tools from names or schemas.
pub(super) fn tools(list: &Value) -> Vec<Cow<'_, str>> {
    Tools::deserialize(list).map(|tools| tools.0).unwrap_or_default()
}

/// Messages from a list of them, or from one text.
pub(super) fn messages(list: &Value) -> Vec<Message<'_>> {
    match list {
        Value::String(text) => vec![Message { role: Role::User, text: text.into(), ..Message::default() }],
        Value::Array(items) => items.iter().filter_map(message).collect(),
        _ => Vec::new(),
    }
}

fn message(item: &Value) -> Option<Message<'_>> {
    if let Value::String(text) = item {
        return Some(Message { role: Role::User, text: text.into(), ..Message::default() });
    }
    // In a Responses input, calls and reasoning are items of their own; their role is absent.
    let role = text(item, &["role"]);
    let content = match at(item, &["content"]).or_else(|| at(item, &["parts"])) {
        Some(value) if role.is_some() => content(value),
        // An item that is a block itself: a tool's result, or a text without a role.
        _ => content(item),
    };
    if role.is_none() && !content.has_blocks() {
        return None;
    }
    let role = if content.is_tool_result() { Role::Tool } else { Role::of(role.unwrap_or_default()) };
    Some(Message { role, text: content.text, media: content.media, signature: content.signature })
}

fn content(value: &Value) -> Content<'_> {
    Content::deserialize(value).unwrap_or_default()
}

/// Sampling parameters, in any of the spellings.
pub(super) fn params(body: &Value) -> Params {
    let inner = at(body, &["inferenceConfig"]).or_else(|| at(body, &["textGenerationConfig"])).unwrap_or(body);
    let max_tokens = [
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "maxTokens",
        "max_tokens_to_sample",
        "maxTokenCount",
        "max_gen_len",
    ];
    let first_number = |keys: &[&str]| keys.iter().find_map(|key| number(inner.get(*key)?));
    let logprobs = body.get("logprobs");
    // The older Completions API asks for log probabilities by the number of alternatives.
    let alternatives = logprobs.and_then(count);
    Params {
        temperature: first_number(&["temperature"]),
        top_p: first_number(&["top_p", "topP"]),
        max_tokens: first_count(inner, &max_tokens),
        n: narrow(body.get("n").and_then(count)),
        logprobs: logprobs.and_then(|value| value.as_bool().or_else(|| Some(count(value)? > 0))),
        top_logprobs: narrow(body.get("top_logprobs").and_then(count).or(alternatives)),
        logit_bias: at(body, &["logit_bias"]).and_then(Value::as_object).and_then(|map| u32::try_from(map.len()).ok()),
        stream: body.get("stream").and_then(Value::as_bool),
    }
}

fn narrow<T: TryFrom<u64>>(count: Option<u64>) -> Option<T> {
    T::try_from(count?).ok()
}

/// Reads an answer's body.
pub(super) fn response(body: &Value) -> Response<'_> {
    let mut answer = answer(body);
    let mut response = Response {
        status: error_name(body).and_then(status_of_error),
        stop_reason: label(stop_reason(body)),
        signature: answer.signature.take(),
        content: answer.into_text(),
        latency_ms: at(body, &["metrics", "latencyMs"]).and_then(count),
        ..Response::default()
    };
    (response.input_tokens, response.output_tokens) = usage(body);
    response
}

/// Tokens read and written. What Anthropic reads from its cache was read too, and is counted apart there.
pub(super) fn usage(body: &Value) -> (Option<u64>, Option<u64>) {
    let usage = at(body, &["usage"]).unwrap_or(body);
    let read = ["input_tokens", "prompt_tokens", "inputTokens", "prompt_token_count", "inputTextTokenCount"];
    let written = ["output_tokens", "completion_tokens", "outputTokens", "generation_token_count"];
    let cached = ["cache_read_input_tokens", "cache_creation_input_tokens"];
    let cached = cached.iter().filter_map(|key| count(usage.get(*key)?)).fold(0, u64::saturating_add);
    (first_count(usage, &read).map(|read| read.saturating_add(cached)), first_count(usage, &written))
}

fn stop_reason(body: &Value) -> Option<&str> {
    let choice = || body.get("choices")?.get(0)?.get("finish_reason")?.as_str();
    first_text(body, &["stop_reason", "stopReason"])
        .or_else(choice)
        .or_else(|| text(body, &["incomplete_details", "reason"]))
        .or_else(|| error_name(body))
        .or_else(|| text(body, &["status"]))
}

/// The text of an answer; the answers to one request with `n` above 1 are joined by a line feed.
fn answer(body: &Value) -> Content<'_> {
    let mut whole = Content::default();
    if let Some(choices) = body.get("choices").and_then(Value::as_array) {
        for choice in choices {
            let value = at(choice, &["message", "content"]).or_else(|| at(choice, &["text"]));
            whole.add(value.map(content).unwrap_or_default());
        }
        return whole;
    }
    let converse = at(body, &["output", "message", "content"]);
    if let Some(value) = converse.or_else(|| at(body, &["content"])).or_else(|| at(body, &["generation"])) {
        return content(value);
    }
    for item in body.get("output").and_then(Value::as_array).into_iter().flatten() {
        match text(item, &["type"]) {
            Some("message") => whole.add(at(item, &["content"]).map(content).unwrap_or_default()),
            Some("reasoning") => whole.add(content(item)),
            _ => {}
        }
    }
    whole
}

/// The provider's name for an error.
pub(super) fn error_name(body: &Value) -> Option<&str> {
    let error = at(body, &["error"])?;
    text(error, &["code"]).or_else(|| text(error, &["type"]))
}

/// The HTTP status that goes with a provider's error.
pub(super) fn status_of_error(name: &str) -> Option<u16> {
    Some(match name {
        "invalid_request_error" | "ValidationException" | "content_filter" | "organization_on_hold" => 400,
        "authentication_error" | "invalid_api_key" | "UnrecognizedClientException" => 401,
        "billing_error" => 402,
        "permission_error" | "access_restricted" | "AccessDeniedException" => 403,
        "not_found_error" | "model_not_found" | "ResourceNotFoundException" => 404,
        "request_too_large" => 413,
        "ModelErrorException" => 424,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "insufficient_quota"
        | "ThrottlingException"
        | "ModelNotReadyException"
        | "ServiceQuotaExceededException" => 429,
        "api_error" | "server_error" | "InternalServerException" => 500,
        "ServiceUnavailableException" => 503,
        "timeout_error" | "ModelTimeoutException" => 504,
        "overloaded_error" => 529,
        _ => return None,
    })
}

/// The endpoint of a path.
pub(super) fn endpoint(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let ends = [
        ("/chat/completions", "chat"),
        ("/messages", "messages"),
        ("/responses", "responses"),
        ("/completions", "completions"),
        ("/embeddings", "embeddings"),
        ("/converse", "chat"),
        ("/converse-stream", "chat"),
    ];
    ends.iter().find(|(end, _)| path.ends_with(end)).map(|(_, name)| *name)
}
