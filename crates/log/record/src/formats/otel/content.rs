//! Prompts and answers in the ways in which instrumentations have written them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

use super::attributes::Attributes;
use super::attributes::text;
use crate::Exchange;
use crate::Message;
use crate::Role;
use crate::content::Content;
use crate::formats::api;
use crate::formats::placeholder::is_placeholder;
use crate::formats::value::at;
use crate::formats::value::unwrapped;
use crate::formats::written;
use crate::maps::Field;
use crate::maps::Maps;
use crate::shape::looks_like_json;

/// Attributes with what was asked, as a list of messages, or as an object that holds one.
const ASKED: [&str; 8] = [
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "ai.prompt.messages",
    "ai.prompt",
    "langfuse.observation.input",
    "gen_ai.content.prompt",
    "ai.values",
    "ai.value",
];
/// Attributes with what was answered.
const ANSWERED: [&str; 6] = [
    "gen_ai.output.messages",
    "gen_ai.completion",
    "ai.response.text",
    "langfuse.observation.output",
    "gen_ai.content.completion",
    "ai.result.text",
];

/// The system prompt where it stands apart from the messages.
pub(super) fn system(own: &Attributes<'_>) -> Option<Cow<'static, str>> {
    let value = own
        .structure("gen_ai.system_instructions")
        .or_else(|| at(&own.structure("ai.prompt")?, &["system"]).cloned())?;
    let content = Content::deserialize(&value).ok()?;
    content.into_text().map(|text| Cow::Owned(text.into_owned()))
}

/// What was asked.
pub(super) fn asked<'v>(own: &Attributes<'v>, maps: &Maps) -> Vec<Message<'v>> {
    let named = maps.attributes(Field::Messages, true).chain(maps.attributes(Field::Text, true)).chain(ASKED);
    for value in named.filter_map(|name| own.structure(name)) {
        let messages = written::messages(&value);
        if !messages.is_empty() {
            return messages;
        }
    }
    let indexed = indexed(own, &["gen_ai.prompt.", "llm.prompts.", "llm.input_messages.", "embedding.embeddings."]);
    if !indexed.is_empty() {
        return indexed;
    }
    own.structure("input.value").map(|value| written::messages(&value)).unwrap_or_default()
}

/// Gives a call what no attribute of a known name told, from the first attribute that holds messages, or an answer.
pub(super) fn complete_from_any(own: &Attributes<'_>, exchange: &mut Exchange<'_>) {
    let is_answer = |name: &str| ["response", "output", "completion", "answer"].iter().any(|word| name.contains(word));
    let others = ["tool", "schema", "metadata", "definition", "error", "usage", "events"];
    let named = |answer: bool| {
        let lower = |name: &str| name.to_ascii_lowercase();
        let all = own.all().filter(|(_, value)| text(value).is_none_or(looks_like_json));
        let is_fit = move |name: &str| is_answer(name) == answer && !others.iter().any(|other| name.contains(other));
        all.filter(move |(name, _)| is_fit(&lower(name))).filter_map(|(name, _)| own.structure(name))
    };
    if exchange.request.messages.is_empty()
        && let Some(body) = named(false).find(written::holds_messages)
    {
        let (body, at_top) = (&body, &exchange.request.system);
        let mut request = api::request(body);
        let messages = if body.is_array() { written::messages(body) } else { std::mem::take(&mut request.messages) };
        let system = request.system.filter(|_| at_top.is_none()).map(|system| Cow::Owned(system.into_owned()));
        exchange.request.messages = messages.into_iter().map(api::into_owned).collect();
        exchange.request.system = exchange.request.system.take().or(system);
        crate::native::lift_system(&mut exchange.request);
    }
    if exchange.response.content.is_none() {
        let mut bodies = named(true).filter(|body| body.is_object() || written::holds_messages(body));
        exchange.response.content = bodies.find_map(|body| written::answer(&body)).map(Cow::Owned);
    }
}

/// What was answered.
pub(super) fn answered<'v>(own: &Attributes<'v>) -> Option<Cow<'v, str>> {
    if let Some(value) = ANSWERED.iter().find_map(|name| own.structure(name)) {
        return written::answer(&value).map(Cow::Owned);
    }
    // An answer in a form that the caller gave is JSON.
    if let Some(object) = ["ai.response.object", "ai.result.object"].iter().find_map(|name| own.text(name)) {
        return Some(Cow::Borrowed(object));
    }
    let indexed = indexed(own, &["gen_ai.completion.", "llm.completions.", "llm.output_messages."]);
    if !indexed.is_empty() {
        return written::joined(indexed);
    }
    own.structure("output.value").and_then(|value| written::answer(&value)).map(Cow::Owned)
}

/// The reason to stop in the last of the messages that were answered.
pub(super) fn finish_reason(own: &Attributes<'_>) -> Option<String> {
    let messages = own.structure("gen_ai.output.messages")?;
    let reason = messages.as_array()?.last()?.get("finish_reason")?.as_str()?;
    Some(reason.to_owned())
}

/// Names of the tools that were offered.
pub(super) fn tools(own: &Attributes<'_>) -> Vec<Cow<'static, str>> {
    let names =
        ["gen_ai.tool.definitions", "gen_ai.request.tools", "llm.request.functions", "ai.prompt.tools", "llm.tools"];
    let owned = |name: Cow<'_, str>| Cow::Owned(name.into_owned());
    if let Some(Value::Array(list)) = names.iter().find_map(|name| own.structure(name)) {
        let list = Value::Array(list.iter().map(|tool| unwrapped(tool).into_owned()).collect());
        return api::tools(&list).into_iter().map(owned).collect();
    }
    // One attribute a tool: its name, or the JSON of its schema.
    let mut found: BTreeMap<u32, String> = BTreeMap::new();
    for (rest, value) in own.below("llm.request.functions.").chain(own.below("llm.tools.")) {
        let Some((number, field)) = rest.split_once('.') else { continue };
        let (Ok(number), Some(text)) = (number.parse(), text(value)) else { continue };
        if field == "name" {
            found.insert(number, text.to_owned());
        } else if field.ends_with("json_schema") {
            let schema = serde_json::from_str::<Value>(text).unwrap_or_default();
            let name = api::tools(&Value::Array(vec![schema])).into_iter().next().map(Cow::into_owned);
            found.extend(name.map(|name| (number, name)));
        }
    }
    found.into_values().map(Cow::Owned).collect()
}

/// Messages spread over attributes by number: `gen_ai.prompt.0.role`, `llm.input_messages.0.message.content`,
/// `llm.input_messages.0.message.contents.0.message_content.text`.
fn indexed<'v>(own: &Attributes<'v>, prefixes: &[&'static str]) -> Vec<Message<'v>> {
    let mut messages: BTreeMap<u32, Message<'v>> = BTreeMap::new();
    for prefix in prefixes {
        let mut parts: BTreeMap<(u32, u32), Cow<'v, str>> = BTreeMap::new();
        for (rest, value) in own.below(prefix) {
            let Some((number, field)) = rest.split_once('.') else { continue };
            let (Ok(number), Some(text)) = (number.parse(), text(value)) else { continue };
            match field.strip_prefix("message.").unwrap_or(field) {
                "role" => messages.entry(number).or_default().role = Role::of(text),
                "content" | "embedding.text" => {
                    let message = messages.entry(number).or_default();
                    (message.text, message.media) = blocks(text);
                }
                field => part(field, number, text, &mut messages, &mut parts),
            }
        }
        for ((number, _), text) in parts {
            let message = messages.entry(number).or_default();
            if message.text.is_empty() {
                message.text = text;
            } else {
                let whole = message.text.to_mut();
                whole.push('\n');
                whole.push_str(&text);
            }
        }
    }
    messages.into_values().collect()
}

/// One part of a message whose content is spread over attributes too: a text, or an image that is counted.
fn part<'v>(
    field: &str,
    number: u32,
    text: &'v str,
    messages: &mut BTreeMap<u32, Message<'v>>,
    parts: &mut BTreeMap<(u32, u32), Cow<'v, str>>,
) {
    let rest = field.strip_prefix("contents.").or_else(|| field.strip_prefix("content."));
    let Some((at, field)) = rest.and_then(|rest| rest.split_once('.')) else { return };
    let Ok(at) = at.parse() else { return };
    if field == "text" || field.ends_with(".text") || field == "content" {
        parts.insert((number, at), Cow::Borrowed(text));
    } else if field.ends_with("image.url") || field.ends_with("image_url.url") {
        let message = messages.entry(number).or_default();
        message.media = message.media.saturating_add(1);
    }
}

/// A content that an instrumentation may have written as the JSON of its blocks.
fn blocks(text: &str) -> (Cow<'_, str>, u32) {
    let looks_so =
        (text.starts_with("[{") || text.starts_with('{')) && (text.contains("\"type\"") || text.contains("\"text\""));
    if let Some(content) = looks_so.then(|| serde_json::from_str::<Content<'_>>(text).ok()).flatten()
        && content.has_blocks()
    {
        return (Cow::Owned(content.text.into_owned()), content.media);
    }
    if is_placeholder(text) { (Cow::Borrowed(""), 0) } else { (Cow::Borrowed(text), 0) }
}
