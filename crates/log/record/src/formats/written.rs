//! What programs that watch calls write of a prompt and of an answer: plain, as messages, as a provider's body, as JSON in
//! text.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::placeholder::answered as answered_text;
use super::value::at;
use crate::Message;
use crate::shape::looks_like_json;

/// Messages of a value that does not outlive the span's reading. JSON that holds none is no text: its keys are the same
/// for everybody who uses the library.
pub(super) fn messages(value: &Value) -> Vec<Message<'static>> {
    if value.as_str().is_some_and(looks_like_json) {
        return Vec::new();
    }
    let keys = ["messages", "contents", "input", "prompt", "query", "question", "text", "inputs"];
    let inner = value.as_object().filter(|object| !object.contains_key("role") && !object.contains_key("kwargs"));
    match inner {
        Some(object) => keys.iter().find_map(|key| object.get(*key)).map(messages).unwrap_or_default(),
        None => match value {
            // A value of a list may be JSON itself.
            Value::Array(list) if list.iter().all(Value::is_string) => list.iter().flat_map(quoted).collect(),
            value => api::owned_messages(value),
        },
    }
}

/// A text that may be written as JSON is.
fn quoted(value: &Value) -> Vec<Message<'static>> {
    let inner = value.as_str().and_then(|text| serde_json::from_str::<String>(text).ok());
    api::owned_messages(&inner.map_or_else(|| value.clone(), Value::String))
}

/// The text of an answer: plain, a list of messages, a provider's body, or LangChain's generations.
pub(super) fn answer(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if looks_like_json(text) => None,
        Value::String(text) => answered_text(text).map(Cow::into_owned),
        Value::Object(object) => {
            let generation = at(value, &["generations"]).and_then(|list| list.get(0)?.get(0));
            if let Some(text) = generation.and_then(|generation| generation.get("text")).and_then(Value::as_str) {
                return Some(text.to_owned());
            }
            if let Some(inner) = ["completion", "output", "answer", "result"].iter().find_map(|key| object.get(*key)) {
                return answer(inner);
            }
            if let Some(messages) = object.get("messages").and_then(Value::as_array) {
                return joined(messages.last().map(api::owned_messages).unwrap_or_default()).map(Cow::into_owned);
            }
            api::response(value).content.map(Cow::into_owned)
        }
        // A list of choices without the body around it.
        Value::Array(list) if list.first().is_some_and(|first| first.get("message").is_some()) => {
            api::response(&serde_json::json!({"choices": list})).content.map(Cow::into_owned)
        }
        list => joined(api::owned_messages(list)).map(Cow::into_owned),
    }
}

/// Whether a value holds messages: a list of those with roles, or a body with such a list.
pub(super) fn holds_messages(value: &Value) -> bool {
    let is_list = |value: &Value| value.as_array().and_then(|list| list.first()?.get("role")).is_some();
    is_list(value) || ["messages", "contents"].iter().filter_map(|key| value.get(*key)).any(is_list)
}

pub(super) fn joined(messages: Vec<Message<'_>>) -> Option<Cow<'_, str>> {
    messages.into_iter().map(|message| message.text).reduce(|whole, text| {
        let mut whole = whole.into_owned();
        whole.push('\n');
        whole.push_str(&text);
        Cow::Owned(whole)
    })
}
