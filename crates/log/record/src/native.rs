//! The native form: one JSON object a line.
//!
//! This is the path that carries millions of exchanges, so it is written against the input by hand: strings borrow
//! from the block, unknown fields are read past, and the only allocations are the list of messages, the list of
//! tools, and those strings that hold an escape.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::Client;
use crate::Exchange;
use crate::Message;
use crate::Params;
use crate::Request;
use crate::Response;
use crate::Role;
use crate::content::Content;
use crate::json;
use crate::json::List;
use crate::json::Str;
use crate::json::cut;
use crate::json::field;
use crate::json::no_time;
use crate::time::parse_time_us;

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
    json::check_depth(text)?;
    let draft: Draft<'_> = serde_json::from_str(text).map_err(|error| json::reason(&error))?;
    draft.finish()
}

/// Implements `Deserialize` for a type by a visitor of its object's keys.
macro_rules! object {
    ($type:ident, $what:literal, |$map:ident, $value:ident, $key:ident| $arms:expr) => {
        impl<'de> Deserialize<'de> for $type<'de> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;
                impl<'de> Visitor<'de> for ObjectVisitor {
                    type Value = $type<'de>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }
                    fn visit_unit<E: de::Error>(self) -> Result<$type<'de>, E> {
                        Ok($type::default())
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut $map: A) -> Result<$type<'de>, A::Error> {
                        let mut $value = $type::default();
                        while let Some(Str($key)) = $map.next_key()? {
                            $arms
                        }
                        Ok($value)
                    }
                }
                deserializer.deserialize_any(ObjectVisitor)
            }
        }
    };
}

/// An exchange whose needed fields may still be missing.
#[derive(Default)]
struct Draft<'a> {
    has_time: bool,
    exchange: Exchange<'a>,
}

impl<'a> Draft<'a> {
    fn finish(self) -> Result<Exchange<'a>, String> {
        let exchange = self.exchange;
        if self.has_time && !exchange.id.is_empty() && !exchange.account.is_empty() {
            return Ok(exchange);
        }
        let absent = [("id", exchange.id.is_empty()), ("at", !self.has_time), ("account", exchange.account.is_empty())];
        let names: Vec<_> = absent.iter().filter(|(_, absent)| *absent).map(|(name, _)| format!("`{name}`")).collect();
        Err(format!("no {} (a native exchange needs `id`, `at` and `account`)", names.join(" and no ")))
    }
}

object!(Draft, "an exchange object", |map, draft, key| {
    let exchange = &mut draft.exchange;
    match key.as_ref() {
        "id" => exchange.id = json::ident(&mut map, "id")?.unwrap_or_default(),
        "at" => {
            if let Some(at) = json::text(&mut map, "at")? {
                exchange.at_us = parse_time_us(&at).ok_or_else(|| no_time("at", &at))?;
                draft.has_time = true;
            }
        }
        "account" => exchange.account = json::ident(&mut map, "account")?.unwrap_or_default(),
        "key" => exchange.key = json::ident(&mut map, "key")?,
        "channel" => exchange.channel = json::label(&mut map, "channel")?,
        "conversation" => exchange.conversation = json::ident(&mut map, "conversation")?,
        "end_user" => exchange.end_user = json::ident(&mut map, "end_user")?,
        "client" => exchange.client = field(&mut map, "client")?,
        "request" => exchange.request = field(&mut map, "request")?,
        "response" => exchange.response = field(&mut map, "response")?,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

object!(Client, "an object with the client's facts", |map, client, key| {
    match key.as_ref() {
        "ip" => client.ip = json::ident(&mut map, "client.ip")?,
        "asn" => client.asn = json::narrow(&mut map, "client.asn")?,
        "country" => client.country = json::label(&mut map, "client.country")?,
        "user_agent" => client.user_agent = json::label(&mut map, "client.user_agent")?,
        "ja4" => client.ja4 = json::label(&mut map, "client.ja4")?,
        "headers" => client.headers = json::label(&mut map, "client.headers")?,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

/// The request as it comes, before the system prompt is told from the messages.
#[derive(Default)]
struct RequestForm<'a>(Request<'a>);

object!(RequestForm, "an object with the request", |map, form, key| {
    let request = &mut form.0;
    match key.as_ref() {
        "model" => request.model = json::label(&mut map, "request.model")?,
        "endpoint" => request.endpoint = json::label(&mut map, "request.endpoint")?,
        "system" => request.system = field::<A, Option<Content<'_>>>(&mut map, "request.system")?.map(|c| c.text),
        "messages" => request.messages = field::<A, List<Message<'_>>>(&mut map, "request.messages")?.0,
        "tools" => request.tools = field::<A, Tools<'_>>(&mut map, "request.tools")?.0,
        "params" => request.params = field::<A, ParamsForm<'_>>(&mut map, "request.params")?.0,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

impl<'de> Deserialize<'de> for Request<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut request = RequestForm::deserialize(deserializer)?.0;
        lift_system(&mut request);
        Ok(request)
    }
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

object!(Message, "a message object with `role` and `content`", |map, message, key| {
    match key.as_ref() {
        "role" => message.role = field(&mut map, "role")?,
        "content" => {
            let content: Content<'_> = field(&mut map, "content")?;
            if content.is_tool_result() {
                message.role = Role::Tool;
            }
            message.text = content.text;
            message.media = content.media;
            message.signature = content.signature;
        }
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

impl Role {
    /// The role of that name; a name that is not known is the caller.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "assistant" | "model" | "ai" => Self::Assistant,
            "tool" | "function" => Self::Tool,
            "system" | "developer" => Self::System,
            _ => Self::User,
        }
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Str<'de>>::deserialize(deserializer)?.map_or(Self::User, |name| Self::of(&name.0)))
    }
}

/// Names of tools, from names or full schemas.
#[derive(Default)]
pub(crate) struct Tools<'a>(pub(crate) Vec<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Tools<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tools: List<Tool<'de>> = List::deserialize(deserializer)?;
        Ok(Self(tools.0.into_iter().filter_map(Tool::into_name).collect()))
    }
}

/// One tool: a name, `{"name":…}`, `{"function":{"name":…}}`, `{"toolSpec":{"name":…}}` or a built-in's `type`.
#[derive(Default)]
struct Tool<'a> {
    name: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
}

impl<'a> Tool<'a> {
    fn into_name(self) -> Option<Cow<'a, str>> {
        self.name.or(self.kind).map(cut)
    }
}

impl<'de> Deserialize<'de> for Tool<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ToolVisitor;
        impl<'de> Visitor<'de> for ToolVisitor {
            type Value = Tool<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a tool's name or schema")
            }
            fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Tool<'de>, E> {
                Ok(Tool { name: Some(Cow::Borrowed(name)), kind: None })
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Tool<'de>, E> {
                Ok(Tool { name: Some(Cow::Owned(name.to_owned())), kind: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tool<'de>, A::Error> {
                let mut tool = Tool::default();
                while let Some(Str(key)) = map.next_key()? {
                    match key.as_ref() {
                        "name" => tool.name = json::text(&mut map, "name")?,
                        "type" => tool.kind = json::text(&mut map, "type")?,
                        "function" | "toolSpec" => tool.name = field::<A, Tool<'de>>(&mut map, "function")?.into_name(),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(tool)
            }
        }
        deserializer.deserialize_any(ToolVisitor)
    }
}

/// The sampling parameters; the lifetime is the macro's.
#[derive(Default)]
struct ParamsForm<'a>(Params, std::marker::PhantomData<&'a ()>);

object!(ParamsForm, "an object with the parameters", |map, form, key| {
    let params = &mut form.0;
    match key.as_ref() {
        "temperature" => params.temperature = field(&mut map, "temperature")?,
        "top_p" => params.top_p = field(&mut map, "top_p")?,
        "max_tokens" => params.max_tokens = json::count(&mut map, "max_tokens")?,
        "n" => params.n = json::narrow(&mut map, "n")?,
        "logprobs" => params.logprobs = field(&mut map, "logprobs")?,
        "top_logprobs" => params.top_logprobs = json::narrow(&mut map, "top_logprobs")?,
        "logit_bias" => params.logit_bias = field::<A, Option<Biases>>(&mut map, "logit_bias")?.map(|b| b.0),
        "stream" => params.stream = field(&mut map, "stream")?,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

/// How many tokens are biased: the number itself, or the entries of the map.
pub(crate) struct Biases(pub(crate) u32);

impl<'de> Deserialize<'de> for Biases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BiasesVisitor;
        impl<'de> Visitor<'de> for BiasesVisitor {
            type Value = Biases;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of tokens or a map from token to bias")
            }
            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Biases, E> {
                let wrong = || E::invalid_value(de::Unexpected::Unsigned(count), &self);
                u32::try_from(count).map(Biases).map_err(|_| wrong())
            }
            fn visit_f64<E: de::Error>(self, count: f64) -> Result<Biases, E> {
                let wrong = || E::invalid_value(de::Unexpected::Float(count), &self);
                let whole = json::whole(count).ok_or_else(wrong)?;
                u32::try_from(whole).map(Biases).map_err(|_| wrong())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Biases, A::Error> {
                let mut entries = 0_u32;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    entries = entries.saturating_add(1);
                }
                Ok(Biases(entries))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Biases, A::Error> {
                let mut entries = 0_u32;
                while map.next_key::<Str<'de>>()?.is_some() {
                    map.next_value::<IgnoredAny>()?;
                    entries = entries.saturating_add(1);
                }
                Ok(Biases(entries))
            }
        }
        deserializer.deserialize_any(BiasesVisitor)
    }
}

object!(Response, "an object with the answer", |map, response, key| {
    match key.as_ref() {
        "status" => response.status = json::narrow(&mut map, "response.status")?,
        "stop_reason" => response.stop_reason = json::label(&mut map, "response.stop_reason")?,
        "input_tokens" => response.input_tokens = json::count(&mut map, "response.input_tokens")?,
        "output_tokens" => response.output_tokens = json::count(&mut map, "response.output_tokens")?,
        "latency_ms" => {
            // A latency may have a fraction; a token count may not.
            let latency: Option<f64> = field(&mut map, "response.latency_ms")?;
            response.latency_ms = latency.and_then(|ms| json::whole(ms.round()));
        }
        "content" => {
            if let Some(content) = field::<A, Option<Content<'_>>>(&mut map, "response.content")? {
                response.content = Some(content.text);
                response.signature = content.signature;
            }
        }
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

#[cfg(test)]
mod tests;
