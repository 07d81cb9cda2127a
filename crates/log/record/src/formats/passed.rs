//! An exchange of a provider's API as it passes through a gate: the two bodies as they are, and what the gate knows of them.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::sse;
use crate::Client;
use crate::Exchange;

/// An exchange as it passes through a gate. Bodies that are no JSON, or were cut, say nothing and are no fault.
#[derive(Debug, Clone)]
pub struct Passed<'a> {
    /// The gate's own id of the request. Not the provider's: a caller who could choose it could hide behind another.
    pub id: &'a str,
    /// When the request arrived: microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// The account.
    pub account: &'a str,
    /// The keyed hash of the key.
    pub key: Option<&'a str>,
    /// The endpoint: `chat`, `completions`, `responses`, `messages`.
    pub endpoint: &'a str,
    /// What is known of the machine that asked.
    pub client: Client<'a>,
    /// The body of the request.
    pub request: &'a [u8],
    /// The body of the answer, not compressed.
    pub answer: &'a [u8],
    /// Whether the answer is an event stream.
    pub is_stream: bool,
    /// The status of the answer.
    pub status: u16,
    /// Milliseconds from the request to the end of the answer.
    pub latency_ms: u64,
}

impl Passed<'_> {
    /// Reads the bodies, and gives the exchange to `each`.
    pub fn read<T>(&self, each: impl FnOnce(Exchange<'_>) -> T) -> T {
        let asked: Value = serde_json::from_slice(self.request).unwrap_or_default();
        let answered = if self.is_stream {
            Value::String(String::from_utf8_lossy(self.answer).into_owned())
        } else {
            serde_json::from_slice(self.answer).unwrap_or_default()
        };
        let mut request = api::request(&asked);
        request.endpoint = Some(Cow::Borrowed(self.endpoint));
        let (mut response, _) = sse::response(&answered);
        response.status = Some(self.status);
        response.latency_ms = Some(self.latency_ms);
        each(Exchange {
            id: Cow::Borrowed(self.id),
            at_us: self.at_us,
            account: Cow::Borrowed(self.account),
            key: self.key.map(Cow::Borrowed),
            channel: Some(Cow::Borrowed("api")),
            conversation: api::conversation(&asked).map(Cow::Borrowed),
            end_user: api::end_user(&asked),
            client: self.client.clone(),
            request,
            response,
        })
    }
}
