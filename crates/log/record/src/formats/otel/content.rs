//! Prompts and answers in the four ways in which instrumentations have written them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

use super::attributes::Attributes;
use super::attributes::text;
use crate::Message;
use crate::Role;
use crate::content::Content;
use crate::formats::api;

/// The system prompt where it stands apart from the messages.
pub(super) fn system(own: &Attributes<'_>) -> Option<Cow<'static, str>> {
    let value = own.structure("gen_ai.system_instructions")?;
    let content = Content::deserialize(&value).ok()?;
    content.into_text().map(|text| Cow::Owned(text.into_owned()))
}

/// What was asked.
pub(super) fn asked<'v>(own: &Attributes<'v>) -> Vec<Message<'v>> {
    for name in ["gen_ai.input.messages", "gen_ai.prompt"] {
        if let Some(value) = own.structure(name) {
            return owned(&value);
        }
    }
    let indexed = indexed(own, ["gen_ai.prompt.", "llm.prompts.", "llm.input_messages."]);
    if !indexed.is_empty() {
        return indexed;
    }
    own.text("input.value")
        .map(|text| Message { role: Role::User, text: text.into(), ..Message::default() })
        .into_iter()
        .collect()
}

/// What was answered.
pub(super) fn answered<'v>(own: &Attributes<'v>) -> Option<Cow<'v, str>> {
    for name in ["gen_ai.output.messages", "gen_ai.completion"] {
        if let Some(value) = own.structure(name) {
            return joined(owned(&value));
        }
    }
    let indexed = indexed(own, ["gen_ai.completion.", "llm.completions.", "llm.output_messages."]);
    if indexed.is_empty() { own.text("output.value").map(Cow::Borrowed) } else { joined(indexed) }
}

/// Names of the tools that were offered.
pub(super) fn tools(own: &Attributes<'_>) -> Vec<Cow<'static, str>> {
    let Some(value) = own.structure("gen_ai.tool.definitions") else { return Vec::new() };
    api::tools(&value).into_iter().map(|name| Cow::Owned(name.into_owned())).collect()
}

fn joined(messages: Vec<Message<'_>>) -> Option<Cow<'_, str>> {
    messages.into_iter().map(|message| message.text).reduce(|whole, text| {
        let mut whole = whole.into_owned();
        whole.push('\n');
        whole.push_str(&text);
        Cow::Owned(whole)
    })
}

/// Messages of a value that does not outlive the span's reading.
fn owned(value: &Value) -> Vec<Message<'static>> {
    let own = |message: Message<'_>| {
        let Message { role, text, media, signature } = message;
        let signature = signature.map(|signature| Cow::Owned(signature.into_owned()));
        Message { role, text: Cow::Owned(text.into_owned()), media, signature }
    };
    // One message may stand without its list.
    let list = if value.is_object() { &Value::Array(vec![value.clone()]) } else { value };
    api::messages(list).into_iter().map(own).collect()
}

/// Messages spread over attributes by number: `gen_ai.prompt.0.role`, `llm.input_messages.0.message.content`.
fn indexed<'v>(own: &Attributes<'v>, prefixes: [&'static str; 3]) -> Vec<Message<'v>> {
    let mut messages: BTreeMap<u32, Message<'v>> = BTreeMap::new();
    for prefix in prefixes {
        for (rest, value) in own.below(prefix) {
            let Some((number, field)) = rest.split_once('.') else { continue };
            let (Ok(number), Some(text)) = (number.parse(), text(value)) else { continue };
            match field.strip_prefix("message.").unwrap_or(field) {
                "role" => messages.entry(number).or_default().role = Role::of(text),
                "content" => {
                    let message = messages.entry(number).or_default();
                    (message.text, message.media) = blocks(text);
                }
                _ => {}
            }
        }
    }
    messages.into_values().collect()
}

/// A content that an instrumentation may have written as the JSON of its blocks.
fn blocks(text: &str) -> (Cow<'_, str>, u32) {
    let looks_so = text.starts_with("[{") && text.contains("\"type\"");
    if let Some(content) = looks_so.then(|| serde_json::from_str::<Content<'_>>(text).ok()).flatten() {
        return (Cow::Owned(content.text.into_owned()), content.media);
    }
    (Cow::Borrowed(text), 0)
}
