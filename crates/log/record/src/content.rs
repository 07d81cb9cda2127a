//! Message content: a string, or a list of blocks in any provider's spelling.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use serde::de::DeserializeSeed;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::json::Str;

/// The text and the counts of one message's content.
#[derive(Default)]
pub(crate) struct Content<'a> {
    /// Text of all blocks, joined by a line feed.
    pub(crate) text: Cow<'a, str>,
    /// Images and other media.
    pub(crate) media: u32,
    /// Blocks of the caller's own (text, media), as against tool results.
    pub(crate) own: u32,
    /// Blocks that are results of tools.
    pub(crate) results: u32,
    /// Signature of the last signed or encrypted block of reasoning.
    pub(crate) signature: Option<Cow<'a, str>>,
    /// Whether the model declined in a block of its own.
    pub(crate) is_refusal: bool,
    /// Whether `text` holds a block yet, which an empty text does not tell.
    begun: bool,
}

impl<'a> Content<'a> {
    /// Whether the content is nothing but results of tools.
    pub(crate) fn is_tool_result(&self) -> bool {
        self.results > 0 && self.own == 0
    }

    /// Whether the content says anything at all.
    pub(crate) fn has_blocks(&self) -> bool {
        self.begun || self.own > 0 || self.results > 0
    }

    /// The text; `None` if there was no text block.
    pub(crate) fn into_text(self) -> Option<Cow<'a, str>> {
        self.begun.then_some(self.text)
    }

    fn push(&mut self, text: Cow<'a, str>) {
        if self.begun {
            let joined = self.text.to_mut();
            joined.push('\n');
            joined.push_str(&text);
        } else {
            self.text = text;
            self.begun = true;
        }
    }

    /// Adds one block.
    pub(crate) fn add(&mut self, block: Content<'a>) {
        if block.begun {
            self.push(block.text);
        }
        self.is_refusal |= block.is_refusal;
        self.media = self.media.saturating_add(block.media);
        self.own = self.own.saturating_add(block.own);
        self.results = self.results.saturating_add(block.results);
        if block.signature.is_some() {
            self.signature = block.signature;
        }
    }

    fn of_text(text: Cow<'a, str>) -> Self {
        Self { text, own: 1, begun: true, ..Self::default() }
    }

    /// A text that borrows from nothing; an empty one is none.
    pub(crate) fn of_owned(text: String) -> Self {
        if text.is_empty() { Self::default() } else { Self::of_text(Cow::Owned(text)) }
    }

    fn of_media() -> Self {
        Self { media: 1, own: 1, ..Self::default() }
    }

    /// The same content as what a tool gave back.
    fn into_result(self) -> Self {
        Self { own: 0, results: 1, ..self }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ContentSeed { any: false }.deserialize(deserializer)
    }
}

/// The text of an optional content.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    Ok(Option::<Content<'de>>::deserialize(deserializer)?.map(|content| content.text))
}

/// Reads content. Inside a block `any` value goes: a tool's result may be a number, and is then no text.
#[derive(Clone, Copy)]
struct ContentSeed {
    any: bool,
}

impl<'de> DeserializeSeed<'de> for ContentSeed {
    type Value = Content<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl ContentSeed {
    fn scalar<'de, E: de::Error>(self, found: de::Unexpected<'_>) -> Result<Content<'de>, E> {
        if self.any { Ok(Content::default()) } else { Err(E::invalid_type(found, &self)) }
    }
}

impl<'de> Visitor<'de> for ContentSeed {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of content blocks")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Content<'de>, E> {
        Ok(Content::of_text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Content<'de>, E> {
        Ok(Content::of_text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Content<'de>, E> {
        Ok(Content::default())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Content<'de>, E> {
        self.scalar(de::Unexpected::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Content<'de>, E> {
        self.scalar(de::Unexpected::Unsigned(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Content<'de>, E> {
        self.scalar(de::Unexpected::Signed(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Content<'de>, E> {
        self.scalar(de::Unexpected::Float(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content<'de>, A::Error> {
        let mut content = Content::default();
        while let Some(block) = seq.next_element_seed(ContentSeed { any: true })? {
            content.add(block);
        }
        Ok(content)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content<'de>, A::Error> {
        let mut block = Block::default();
        while let Some(Str(key)) = map.next_key()? {
            let any = ContentSeed { any: true };
            match key.as_ref() {
                "type" => block.kind = map.next_value::<Kind>()?,
                "signature" | "encrypted_content" => {
                    block.signature = map.next_value::<Option<Str<'de>>>()?.map(|text| text.0)
                }
                "refusal" => {
                    let refusal = map.next_value_seed(any)?;
                    block.is_refusal = refusal.has_blocks();
                    block.text = block.text.or(Some(refusal).filter(Content::has_blocks));
                }
                // A guarded block is the caller's text, and the one that a guardrail looked at.
                "text" | "guardContent" | "message_content" => block.text = Some(map.next_value_seed(any)?),
                // `response` and `result` are OpenTelemetry's words for what a tool gave back.
                "content" | "output" | "response" | "result" => block.content = Some(map.next_value_seed(any)?),
                // Google marks what a model thought before it answered.
                "thought" => block.is_thought = map.next_value::<IsTrue>()?.0,
                "toolResult" => {
                    block.kind = Kind::Result;
                    block.content = Some(map.next_value_seed(any)?);
                }
                "image" | "image_url" | "document" | "video" | "audio" | "input_audio" => {
                    block.has_media = true;
                    map.next_value::<IgnoredAny>()?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(block.into_content())
    }
}

/// One content block as its keys come.
#[derive(Default)]
struct Block<'a> {
    kind: Kind,
    text: Option<Content<'a>>,
    content: Option<Content<'a>>,
    has_media: bool,
    is_refusal: bool,
    is_thought: bool,
    signature: Option<Cow<'a, str>>,
}

/// Whether a value is `true`.
struct IsTrue(bool);

impl<'de> Deserialize<'de> for IsTrue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(|value| Self(value == true))
    }
}

impl<'a> Block<'a> {
    fn into_content(self) -> Content<'a> {
        let is_refusal = self.is_refusal;
        let inner = self.text.or(self.content);
        let kind = if self.is_thought { Kind::Silent } else { self.kind };
        let content = match kind {
            Kind::Media => Content::of_media(),
            Kind::Silent => Content { signature: self.signature, ..Content::default() },
            Kind::Result => inner.unwrap_or_default().into_result(),
            Kind::Text => match inner {
                Some(inner) => inner,
                None if self.has_media => Content::of_media(),
                None => Content::default(),
            },
        };
        Content { is_refusal: is_refusal || content.is_refusal, ..content }
    }
}

/// What a block's `type` says of its text.
#[derive(Default, Clone, Copy)]
enum Kind {
    /// Text, and any type this version does not know.
    #[default]
    Text,
    /// Counted and never read.
    Media,
    /// What a tool gave back.
    Result,
    /// Tool calls and reasoning, whose text is not the message's.
    Silent,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Option::<Str<'de>>::deserialize(deserializer)?;
        Ok(match name.as_ref().map_or("", |name| name.0.as_ref()) {
            "image" | "image_url" | "input_image" | "input_audio" | "audio" | "video" | "document" | "file"
            | "input_file" | "media" | "blob" | "uri" => Self::Media,
            "tool_result" | "tool_call_response" | "function_call_output" | "custom_tool_call_output" => Self::Result,
            "tool_use" | "server_tool_use" | "tool_call" | "function_call" | "thinking" | "redacted_thinking"
            | "reasoning" => Self::Silent,
            kind if kind.ends_with("_tool_result") => Self::Result,
            _ => Self::Text,
        })
    }
}
