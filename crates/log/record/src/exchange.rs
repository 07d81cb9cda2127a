//! One request to a model and its answer, as any of the formats tell it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::Deserializer;

use crate::content;
use crate::fields;
use crate::json::Str;
use crate::tools;

/// One request and its answer.
///
/// Strings borrow from the block they were read from wherever the format allows it: the fold touches every
/// exchange once and keeps none of them. Only `id`, `at_us` and `account` are always there; each other field is
/// `None` where the source does not carry it, and what is missing weakens evidence instead of failing the run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exchange<'a> {
    /// The provider's id of the request. The same id twice counts once.
    pub id: Cow<'a, str>,
    /// When the request arrived: microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// The account that is answerable for the request.
    pub account: Cow<'a, str>,
    /// The API key, always as an identifier or keyed hash, never the secret.
    pub key: Option<Cow<'a, str>>,
    /// The way in: `api`, `console`, a cloud's name.
    pub channel: Option<Cow<'a, str>>,
    /// The caller's id of the conversation.
    pub conversation: Option<Cow<'a, str>>,
    /// The caller's own user, as the caller names it.
    pub end_user: Option<Cow<'a, str>>,
    /// What is known of the machine that asked.
    pub client: Client<'a>,
    /// What was asked.
    pub request: Request<'a>,
    /// What was answered.
    pub response: Response<'a>,
}

/// What is known of the machine that asked.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Client<'a> {
    /// Source address, as text.
    #[serde(borrow, deserialize_with = "fields::ident")]
    pub ip: Option<Cow<'a, str>>,
    /// Autonomous system number of the source address.
    #[serde(deserialize_with = "fields::whole")]
    pub asn: Option<u32>,
    /// ISO 3166 country code of the source address. Never evidence.
    #[serde(borrow, deserialize_with = "fields::label")]
    pub country: Option<Cow<'a, str>>,
    /// The `User-Agent` header.
    #[serde(borrow, deserialize_with = "fields::label")]
    pub user_agent: Option<Cow<'a, str>>,
    /// JA4 fingerprint of the TLS client hello.
    #[serde(borrow, deserialize_with = "fields::label")]
    pub ja4: Option<Cow<'a, str>>,
    /// Fingerprint of the other headers: their names, order and fixed values.
    #[serde(borrow, deserialize_with = "fields::label")]
    pub headers: Option<Cow<'a, str>>,
}

/// What was asked.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Request<'a> {
    /// Model name as the caller gave it.
    #[serde(borrow, deserialize_with = "fields::label")]
    pub model: Option<Cow<'a, str>>,
    /// The endpoint: `chat`, `messages`, `responses`, `completions`, `embeddings`.
    #[serde(borrow, deserialize_with = "fields::label")]
    pub endpoint: Option<Cow<'a, str>>,
    /// The system prompt.
    #[serde(borrow, deserialize_with = "content::text")]
    pub system: Option<Cow<'a, str>>,
    /// The messages in order, without the system prompt.
    #[serde(borrow, deserialize_with = "fields::or_default")]
    pub messages: Vec<Message<'a>>,
    /// Names of the tools that were offered, in order.
    #[serde(borrow, deserialize_with = "tools::names")]
    pub tools: Vec<Cow<'a, str>>,
    /// Sampling parameters.
    #[serde(deserialize_with = "fields::object")]
    pub params: Params,
}

impl<'a> Request<'a> {
    /// The messages after the model's last turn: what this request adds to its conversation.
    #[must_use]
    pub fn new_messages(&self) -> &[Message<'a>] {
        let first = self.messages.iter().rposition(|message| message.role == Role::Assistant).map_or(0, |at| at + 1);
        self.messages.get(first..).unwrap_or_default()
    }
}

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// The caller, and any role this version does not know.
    #[default]
    User,
    /// The model: an answer given earlier and sent back as context.
    Assistant,
    /// The result of a tool call.
    Tool,
    /// An instruction in the middle of a conversation (`system`, `developer`).
    System,
}

impl Role {
    /// The role of that name; a name that is not known is the caller.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "assistant" | "model" | "ai" | "chatbot" | "ASSISTANT" | "MODEL" | "CHATBOT" => Self::Assistant,
            "tool" | "function" | "TOOL" => Self::Tool,
            "system" | "developer" | "SYSTEM" => Self::System,
            _ => Self::User,
        }
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Str<'de>>::deserialize(deserializer)?.map_or(Self::User, |name| Self::of(&name.0)))
    }
}

/// One message of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message<'a> {
    /// Who speaks.
    pub role: Role,
    /// The text blocks of the message, joined by a line feed.
    pub text: Cow<'a, str>,
    /// Number of images and other media, which are counted and never read.
    pub media: u32,
    /// Signature of the last signed or encrypted block of reasoning in it: minted for one session by the provider.
    pub signature: Option<Cow<'a, str>>,
}

/// Sampling parameters. `None` is "not said", which is a fingerprint of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Params {
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling mass.
    pub top_p: Option<f64>,
    /// Bound on the answer in tokens.
    #[serde(deserialize_with = "fields::whole")]
    pub max_tokens: Option<u64>,
    /// Number of answers asked for.
    #[serde(deserialize_with = "fields::whole")]
    pub n: Option<u32>,
    /// Whether log probabilities were asked for.
    pub logprobs: Option<bool>,
    /// How many alternatives per token were asked for.
    #[serde(deserialize_with = "fields::whole")]
    pub top_logprobs: Option<u32>,
    /// Number of tokens whose probability the caller biased.
    #[serde(deserialize_with = "fields::biases")]
    pub logit_bias: Option<u32>,
    /// Whether the answer was streamed.
    pub stream: Option<bool>,
}

/// What was answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response<'a> {
    /// HTTP status, or the nearest to it that the source tells.
    pub status: Option<u16>,
    /// Why the answer ended.
    pub stop_reason: Option<Cow<'a, str>>,
    /// Tokens read.
    pub input_tokens: Option<u64>,
    /// Tokens written.
    pub output_tokens: Option<u64>,
    /// Time from request to the end of the answer.
    pub latency_ms: Option<u64>,
    /// Text of the answer.
    pub content: Option<Cow<'a, str>>,
    /// Signature of the last signed or encrypted block of reasoning in the answer.
    pub signature: Option<Cow<'a, str>>,
}
