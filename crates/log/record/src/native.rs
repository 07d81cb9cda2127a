//! The native form: one JSON object a line.
//!
//! This is the path that carries millions of exchanges: strings borrow from the block, unknown fields are read past,
//! and the only allocations are the list of messages, the list of tools, and those strings that hold an escape.

use std::borrow::Cow;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;

use crate::Client;
use crate::Exchange;
use crate::Message;
use crate::Request;
use crate::Response;
use crate::Role;
use crate::content::Content;
use crate::fields;
use crate::fields::Object;
use crate::json;

mod account;
mod action;
mod write;

pub(crate) use account::parse_account;
pub(crate) use action::parse_action;
pub use write::write_account;
pub use write::write_exchange;
#[cfg(feature = "parquet")]
pub(crate) use write::write_messages;

/// Reads one record.
pub(crate) fn parse(text: &str) -> Result<Exchange<'_>, String> {
    json::read::<Object<ExchangeForm<'_>>>(text)?.0.into_exchange()
}

/// Reads one exchange that [`write_exchange`] wrote.
///
/// # Errors
/// What is wrong with it.
pub fn read_exchange(line: &str) -> Result<Exchange<'_>, String> {
    parse(line)
}

/// Reads one record of a file whose records are native. `None` for one that has what only captures have: it is to be
/// looked at again.
pub(crate) fn parse_own(text: &str) -> Result<Option<Exchange<'_>>, String> {
    let form = json::read::<Object<ExchangeForm<'_>>>(text)?.0;
    if form.headers.0 || form.client_ip.0 || form.response.is_body() {
        return Ok(None);
    }
    form.into_exchange().map(Some)
}

/// An exchange whose needed fields may still be missing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ExchangeForm<'a> {
    #[serde(borrow, deserialize_with = "fields::ident")]
    id: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "fields::time_us")]
    at: Option<i64>,
    #[serde(borrow, deserialize_with = "fields::ident")]
    account: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "fields::ident")]
    key: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "fields::label")]
    channel: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "fields::ident")]
    conversation: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "fields::ident")]
    end_user: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "fields::object")]
    client: Client<'a>,
    #[serde(borrow, deserialize_with = "fields::object")]
    request: Request<'a>,
    #[serde(borrow, deserialize_with = "fields::object")]
    response: ResponseForm<'a>,
    // What captures have in place of these.
    headers: Present,
    client_ip: Present,
}

impl<'a> ExchangeForm<'a> {
    fn into_exchange(self) -> Result<Exchange<'a>, String> {
        let Self { id, at, account, key, channel, conversation, end_user, client, mut request, response, .. } = self;
        let (id, at_us, account) = match (id, at, account) {
            (Some(id), Some(at_us), Some(account)) => (id, at_us, account),
            (id, at, account) => {
                return Err(missing([("id", id.is_none()), ("at", at.is_none()), ("account", account.is_none())]));
            }
        };
        lift_system(&mut request);
        let response = response.into();
        Ok(Exchange { id, at_us, account, key, channel, conversation, end_user, client, request, response })
    }
}

/// The reason for a record without its needed fields.
#[cold]
fn missing(fields: [(&str, bool); 3]) -> String {
    let names: Vec<_> = fields.iter().filter(|(_, missing)| *missing).map(|(name, _)| format!("`{name}`")).collect();
    format!("no {} (a native exchange needs `id`, `at` and `account`)", names.join(" and no "))
}

/// Moves the instructions that open a conversation from the messages to the system prompt, so that one harness looks
/// the same whichever way its library sends them.
pub(crate) fn lift_system(request: &mut Request<'_>) {
    let leading = request.messages.iter().take_while(|message| message.role == Role::System).count();
    for message in request.messages.drain(..leading) {
        match &mut request.system {
            Some(system) => {
                let system = system.to_mut();
                system.push('\n');
                system.push_str(&message.text);
            }
            none => *none = Some(message.text),
        }
    }
}

/// A message as it comes: its content tells the text, and may tell the role.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MessageForm<'a> {
    role: Role,
    #[serde(borrow)]
    content: Content<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let MessageForm { role, content } = fields::object(deserializer)?;
        let role = if content.is_tool_result() { Role::Tool } else { role };
        Ok(Message { role, text: content.text, media: content.media, signature: content.signature })
    }
}

/// An answer as it comes: its content tells the text and the signature.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ResponseForm<'a> {
    #[serde(deserialize_with = "fields::whole")]
    status: Option<u16>,
    #[serde(borrow, deserialize_with = "fields::label")]
    stop_reason: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "fields::whole")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "fields::whole")]
    output_tokens: Option<u64>,
    #[serde(deserialize_with = "fields::latency")]
    latency_ms: Option<u64>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
    // What a provider's own body has in place of these.
    usage: Present,
    choices: Present,
    output: Present,
    object: Present,
    candidates: Present,
    body: Present,
}

impl ResponseForm<'_> {
    fn is_body(&self) -> bool {
        [&self.usage, &self.choices, &self.output, &self.object, &self.candidates, &self.body].iter().any(|held| held.0)
    }
}

/// Whether a field is there; what it holds does not count.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

impl<'a> From<ResponseForm<'a>> for Response<'a> {
    fn from(form: ResponseForm<'a>) -> Self {
        let ResponseForm { status, stop_reason, input_tokens, output_tokens, latency_ms, content, .. } = form;
        let (content, signature) = content.map(|content| (content.text, content.signature)).unzip();
        let signature = signature.flatten();
        Self { status, stop_reason, input_tokens, output_tokens, latency_ms, content, signature }
    }
}

#[cfg(test)]
mod tests;
