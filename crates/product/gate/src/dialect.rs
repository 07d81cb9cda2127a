//! The dialects of the providers' APIs: which one a request speaks, and how an error is told in it.

use std::borrow::Cow;

use http::HeaderMap;
use http::Method;
use serde_json::Value;
use serde_json::json;

use crate::refusal::Refusal;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// OpenAI's Chat Completions.
    Chat,
    /// OpenAI's Completions.
    Completions,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Messages,
    /// Anything else: its body is not looked at.
    Other,
}

impl Endpoint {
    /// By method and path. A path that an upstream may take for one of these counts as it: with doubled or trailing
    /// slashes, in capitals, or with escapes.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        if method != Method::POST {
            return Self::Other;
        }
        let plain = plain(path);
        let ends = |end: &str| plain.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        match () {
            () if ends("chat/completions") => Self::Chat,
            () if ends("completions") => Self::Completions,
            () if ends("responses") => Self::Responses,
            () if ends("messages") => Self::Messages,
            () => Self::Other,
        }
    }

    /// The name in exchanges and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completions => "completions",
            Self::Responses => "responses",
            Self::Messages => "messages",
            Self::Other => "other",
        }
    }

    /// The dialect of its errors.
    pub(crate) fn dialect(self, headers: &HeaderMap) -> Dialect {
        match self {
            Self::Messages => Dialect::Anthropic,
            Self::Other if headers.contains_key("anthropic-version") => Dialect::Anthropic,
            Self::Responses => Dialect::Responses,
            _ => Dialect::OpenAi,
        }
    }
}

/// A path without what does not tell two apart.
fn plain(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let pair = more.split_first_chunk::<2>().filter(|_| *first == b'%');
        let escaped = pair.and_then(|(pair, after)| {
            let digits = std::str::from_utf8(pair).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let byte;
        (byte, rest) = escaped.unwrap_or((*first, more));
        if byte != b'/' || !out.ends_with('/') {
            out.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    out.truncate(out.trim_end_matches('/').len());
    out
}

/// How errors are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenAI's, but for the events of Responses.
    OpenAi,
    /// OpenAI's, and the events of Responses.
    Responses,
    /// Anthropic's.
    Anthropic,
}

impl Dialect {
    /// The body of a refusal.
    pub(crate) fn body(self, refusal: &Refusal, id: &str) -> Vec<u8> {
        self.error(refusal, id).to_string().into_bytes()
    }

    /// An event that ends a stream. After it no end marker comes, so that nobody takes the answer for a whole one.
    pub(crate) fn event(self, refusal: &Refusal, id: &str) -> Vec<u8> {
        match self {
            Self::OpenAi => format!("data: {}\n\n", self.error(refusal, id)).into_bytes(),
            Self::Responses => {
                let (code, message) = (refusal.code(), refusal.message());
                // The client does not count; the number is beyond those of an answer.
                let event = json!({ "type": "error", "code": code, "message": message, "param": null,
                                    "sequence_number": 1_000_000 });
                format!("event: error\ndata: {event}\n\n").into_bytes()
            }
            Self::Anthropic => format!("event: error\ndata: {}\n\n", self.error(refusal, id)).into_bytes(),
        }
    }

    fn error(self, refusal: &Refusal, id: &str) -> Value {
        let message: Cow<'_, str> = refusal.message();
        match self {
            Self::OpenAi | Self::Responses => json!({ "error": {
                "message": message, "type": refusal.openai_type(), "param": null, "code": refusal.code(),
            }}),
            Self::Anthropic => json!({
                "type": "error",
                "error": { "type": refusal.anthropic_type(), "message": message },
                "request_id": id,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
