//! The bodies of the providers' APIs: what was asked and what was answered.
//!
//! One reader serves Anthropic Messages, OpenAI Chat Completions, Completions and Responses, and Amazon's Converse:
//! their keys do not contradict each other.

use std::borrow::Cow;

use serde::Deserialize as _;
use serde_json::Value;

use super::placeholder::is_placeholder;
use super::value::at;
use super::value::count;
use super::value::first_count;
use super::value::first_name;
use super::value::label;
use super::value::name;
use super::value::number;
use super::value::text;
use super::value::unwrapped;
use crate::Message;
use crate::Params;
use crate::Request;
use crate::Role;
use crate::content::Content;
use crate::native::lift_system;
use crate::tools::Tools;

mod answer;

pub(super) use answer::error_name;
pub(super) use answer::is_answer;
pub(super) use answer::is_declined;
pub(super) use answer::response;
pub(super) use answer::status_of_error;
pub(super) use answer::usage;

/// Reads a request's body. The endpoint is not in it.
pub(super) fn request(body: &Value) -> Request<'_> {
    let (whole, body) = (body, inner(body));
    let tools = at(body, &["toolConfig", "tools"]).or_else(|| at(body, &["tools"])).map(tools).unwrap_or_default();
    let systems = ["system", "instructions", "systemInstruction", "system_instruction", "preamble"];
    let system = systems.iter().find_map(|key| at(body, &[key]));
    let mut request = Request {
        model: label(text(whole, &["model"])),
        endpoint: None,
        system: system.and_then(|system| content(parts(system)).into_text()),
        messages: asked(body),
        tools,
        params: params(whole),
    };
    lift_system(&mut request);
    request
}

/// The part of a request that says what is asked: some services put it below `input`, or into a list of one.
fn inner(body: &Value) -> &Value {
    let listed = ["instances", "requests"].iter().find_map(|key| at(body, &[key])?.get(0));
    listed.or_else(|| at(body, &["input"])).filter(|inner| inner.is_object()).unwrap_or(body)
}

/// The messages of a request, under the name that its API gives them.
fn asked(body: &Value) -> Vec<Message<'_>> {
    let keys = ["messages", "input", "prompt", "inputText", "contents", "texts", "inputs"];
    if let Some(asked) = keys.iter().find_map(|key| at(body, &[key])) {
        return messages(asked);
    }
    // A text alone, and what a picture is made of.
    let texts: [&[&str]; 3] = [&["text"], &["textToImageParams", "text"], &["textToVideoParams", "text"]];
    if let Some(asked) = texts.iter().find_map(|path| text(body, path)) {
        return user(asked).into_iter().collect();
    }
    // Cohere has the turns before apart from the new one.
    let mut all = at(body, &["chat_history"]).map(messages).unwrap_or_default();
    all.extend(text(body, &["message"]).and_then(user));
    all
}

/// Google's contents hold their blocks one level down.
fn parts(value: &Value) -> &Value {
    at(value, &["parts"]).unwrap_or(value)
}

/// One message of the caller.
pub(super) fn user(text: &str) -> Option<Message<'_>> {
    (!is_placeholder(text)).then(|| Message { role: Role::User, text: text.into(), ..Message::default() })
}

/// Who the caller says its user is.
pub(super) fn end_user(body: &Value) -> Option<Cow<'_, str>> {
    first_name(body, &["safety_identifier", "user"]).or_else(|| name(body, &["metadata", "user_id"]))
}

/// The caller's conversation.
pub(super) fn conversation(body: &Value) -> Option<&str> {
    text(body, &["conversation"]).or_else(|| text(body, &["conversation", "id"]))
}

/// Names of tools from names or schemas.
pub(super) fn tools(list: &Value) -> Vec<Cow<'_, str>> {
    Tools::deserialize(list).map(|tools| tools.0).unwrap_or_default()
}

/// Messages from a list of them, or from one text, also where a list is inside another.
pub(super) fn messages(list: &Value) -> Vec<Message<'_>> {
    match list {
        Value::String(text) => user(text).into_iter().collect(),
        Value::Array(items) if matches!(items.as_slice(), [Value::Array(_)]) => {
            items.first().map(messages).unwrap_or_default()
        }
        Value::Array(items) => items.iter().filter_map(message).collect(),
        Value::Object(_) => message(list).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Messages from a value that may hold the JSON of a list as text, or a whole body; they do not borrow from it.
pub(super) fn owned_messages(value: &Value) -> Vec<Message<'static>> {
    let value = unwrapped(value);
    // JSON that was cut is no text of the caller's: its keys are the same in everybody's log.
    if value.as_str().is_some_and(crate::shape::looks_like_json) {
        return Vec::new();
    }
    let inner = ["messages", "contents", "input"].iter().find_map(|key| at(&value, &[key]));
    messages(inner.unwrap_or(&value)).into_iter().map(into_owned).collect()
}

/// A message that borrows from nothing.
pub(super) fn into_owned(message: Message<'_>) -> Message<'static> {
    let Message { role, text, media, signature } = message;
    let signature = signature.map(|signature| Cow::Owned(signature.into_owned()));
    Message { role, text: Cow::Owned(text.into_owned()), media, signature }
}

fn message(item: &Value) -> Option<Message<'_>> {
    if let Value::String(text) = item {
        return user(text);
    }
    // LangChain's own form of a message.
    if let Some(inner) = at(item, &["kwargs"]).filter(|inner| inner.get("content").is_some()) {
        return message_of(inner, text(inner, &["type"]));
    }
    // In a Responses input, calls and reasoning are items of their own; their role is absent.
    message_of(item, text(item, &["role"]))
}

fn message_of<'v>(item: &'v Value, role: Option<&'v str>) -> Option<Message<'v>> {
    let body = ["content", "parts", "message"].iter().find_map(|key| at(item, &[key]));
    let mut content = match body {
        Some(value) if role.is_some() => content(parts(value)),
        // An item that is a block itself: a tool's result, or a text without a role.
        _ => content(item),
    };
    if role.is_none() && !content.has_blocks() {
        return None;
    }
    if is_placeholder(&content.text) {
        content.text = Cow::Borrowed("");
    }
    let role = if content.is_tool_result() { Role::Tool } else { Role::of(role.unwrap_or_default()) };
    Some(Message { role, text: content.text, media: content.media, signature: content.signature })
}

fn content(value: &Value) -> Content<'_> {
    Content::deserialize(value).unwrap_or_default()
}

/// Sampling parameters, in any of the spellings.
pub(super) fn params(body: &Value) -> Params {
    let configs = [
        "inferenceConfig",
        "textGenerationConfig",
        "generationConfig",
        "generation_config",
        "inference_config",
        "parameters",
        "options",
        "sampling_params",
    ];
    let inner = configs.iter().find_map(|key| at(body, &[key])).unwrap_or(body);
    let max_tokens = [
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "maxTokens",
        "max_tokens_to_sample",
        "maxTokenCount",
        "max_gen_len",
        "maxOutputTokens",
        "max_new_tokens",
        "max_tokens_to_generate",
        "num_predict",
        "n_predict",
    ];
    let first_number = |keys: &[&str]| keys.iter().find_map(|key| number(inner.get(*key)?));
    let logprobs = body.get("logprobs");
    // The older Completions API asks for log probabilities by the number of alternatives.
    let alternatives = logprobs.and_then(count);
    Params {
        temperature: first_number(&["temperature"]),
        top_p: first_number(&["top_p", "topP", "p"]),
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

/// The model in a path: Google's, Azure's and Amazon's APIs name it there.
pub(super) fn model_of_path(path: &str) -> Option<&str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').skip_while(|part| !matches!(*part, "models" | "deployments" | "model"));
    let (_, name, what) = (parts.next()?, parts.next()?, parts.next());
    // Without an act after it, the name is that of a model that is looked up.
    let (name, has_act) = name.split_once(':').map_or((name, what.is_some()), |(name, _)| (name, true));
    (has_act && !name.is_empty()).then_some(name)
}

/// The endpoint of a path.
pub(super) fn endpoint(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let path = path.strip_suffix("/invoke-with-response-stream").map_or(path, |_| "/invoke");
    let ends = [
        ("/chat/completions", "chat"),
        ("/messages", "messages"),
        ("/responses", "responses"),
        ("/completions", "completions"),
        ("/embeddings", "embeddings"),
        ("/converse", "chat"),
        ("/converse-stream", "chat"),
        (":generateContent", "chat"),
        (":streamGenerateContent", "chat"),
        (":rawPredict", "messages"),
        (":streamRawPredict", "messages"),
        ("/api/chat", "chat"),
        ("/api/generate", "completions"),
        ("/generate", "completions"),
        ("/invoke", "chat"),
    ];
    // Some logs leave out the first stroke.
    ends.iter().find(|(end, _)| path.ends_with(end) || end.strip_prefix('/') == Some(path)).map(|(_, name)| *name)
}
