//! The older convention, in which each message of a call is an event of its own: on the span, in an attribute of it, or
//! as log records beside it.

use serde_json::Map;
use serde_json::Value;

use super::attributes::Attributes;
use super::attributes::plain;
use crate::Exchange;
use crate::Message;
use crate::formats::api;
use crate::formats::value::first_text;
use crate::formats::value::unwrapped;

/// What events told of one call.
#[derive(Default)]
pub(super) struct Pieces {
    messages: Vec<Message<'static>>,
    answers: Vec<String>,
    stop_reason: Option<String>,
}

/// Who wrote the message of an event; `None` for an event that tells of no message.
pub(super) fn role_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "gen_ai.system.message" => "system",
        "gen_ai.user.message" => "user",
        "gen_ai.assistant.message" => "assistant",
        "gen_ai.tool.message" => "tool",
        "gen_ai.choice" => "choice",
        _ => return None,
    })
}

impl Pieces {
    /// What a span's own events tell, or the list of them in an attribute.
    pub(super) fn of_span(span: &Value, own: &Attributes<'_>) -> Self {
        let mut pieces = Self::default();
        for event in span.get("events").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = event.get("name").and_then(Value::as_str).filter(|name| role_of(name).is_some()) {
                pieces.add(name, &body_of(&Attributes::of(event.get("attributes"))));
            }
        }
        let list = if pieces.is_empty() { own.structure("events") } else { None };
        for event in list.as_ref().and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = event.get("event.name").and_then(Value::as_str) {
                pieces.add(name, event);
            }
        }
        pieces
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.answers.is_empty()
    }

    /// Adds what a log record tells.
    pub(super) fn add_log(&mut self, name: &str, record: &Value, own: &Attributes<'_>) {
        match record.get("body").map(plain) {
            Some(body) if body.is_object() => self.add(name, &body),
            Some(body) if body.is_string() => self.add(name, &unwrapped(&body)),
            _ => self.add(name, &body_of(own)),
        }
    }

    /// Adds what one event tells.
    fn add(&mut self, name: &str, body: &Value) {
        let Some(role) = role_of(name) else { return };
        if role == "choice" {
            let message = body.get("message").map(unwrapped);
            let message = message.as_deref().unwrap_or(body);
            let content = message.get("content").unwrap_or(message);
            let texts = message_of("assistant", content).into_iter().map(|message| message.text.into_owned());
            self.answers.extend(texts.filter(|text| !text.is_empty()));
            self.stop_reason = first_text(body, &["finish_reason"]).map(str::to_owned).or(self.stop_reason.take());
        } else if let Some(content) = body.get("content").or_else(|| body.get("message")) {
            self.messages.extend(message_of(role, content));
        }
    }

    /// Gives an exchange what it lacks.
    pub(super) fn complete(self, exchange: &mut Exchange<'_>) {
        if exchange.request.messages.is_empty() {
            exchange.request.messages = self.messages;
            crate::native::lift_system(&mut exchange.request);
        }
        if exchange.response.content.is_none() && !self.answers.is_empty() {
            exchange.response.content = Some(self.answers.join("\n").into());
        }
        if let (None, Some(reason)) = (&exchange.response.stop_reason, self.stop_reason) {
            exchange.response.stop_reason = Some(crate::json::cut(reason.into()));
        }
    }
}

/// The body of an event whose parts are attributes.
fn body_of(attributes: &Attributes<'_>) -> Value {
    if let Some(whole) = attributes.structure("gen_ai.event.content").filter(Value::is_object) {
        return whole;
    }
    let names = ["content", "message", "finish_reason"];
    let part = |name: &&str| Some(((*name).to_owned(), attributes.structure(name)?));
    Value::Object(names.iter().filter_map(part).collect::<Map<_, _>>())
}

fn message_of(role: &str, content: &Value) -> Vec<Message<'static>> {
    let message = serde_json::json!({"role": role, "content": unwrapped(content)});
    api::owned_messages(&Value::Array(vec![message]))
}
