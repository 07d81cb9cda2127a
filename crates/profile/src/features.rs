//! From an exchange to the columns that are computed once.

use record::Exchange;
use record::Role;
use sketch::FRAMES;
use sketch::TextSketch;
use sketch::hash::text_hash;
use sketch::hash::tuple_hash;
use sketch::hash::value_hash;
use sketch::sketch_text;
use xxhash_rust::xxh3::Xxh3Default;

use crate::cues::read_cues;
use crate::observation::Observation;

/// Everything computed from one exchange, owned, so that a row can be written or folded after the text is gone.
#[derive(Debug, Clone)]
pub struct Features {
    /// The text's sketch: hash, frames, features.
    pub text: TextSketch,
    /// Bytes of new text of the caller.
    pub text_bytes: u64,
    /// See [`Observation::ip`].
    pub ip: u64,
    /// See [`Observation::client_tuple`].
    pub client_tuple: u64,
    /// See [`Observation::user_agent`].
    pub user_agent: u64,
    /// See [`Observation::harness`].
    pub harness: u64,
    /// See [`Observation::conversation`].
    pub conversation: u64,
    /// See [`Observation::end_user`].
    pub end_user: u64,
    /// See [`Observation::cues`].
    pub cues: u32,
    /// See [`Observation::turns`].
    pub turns: u32,
}

impl Features {
    /// The features as the fold reads them, beside the facts of the exchange they were computed from.
    #[must_use]
    pub fn observation<'a>(&'a self, exchange: &Exchange<'_>) -> Observation<'a> {
        Observation {
            at_us: exchange.at_us,
            ip: self.ip,
            client_tuple: self.client_tuple,
            user_agent: self.user_agent,
            harness: self.harness,
            conversation: self.conversation,
            end_user: self.end_user,
            prompt: self.text.hash >> 1,
            frames: self.text.frames(),
            features: if self.text.words == 0 { &[] } else { &self.text.features },
            cues: self.cues,
            turns: self.turns,
            status: exchange.response.status.unwrap_or(0),
            input_tokens: exchange.response.input_tokens.unwrap_or(0),
            output_tokens: exchange.response.output_tokens.unwrap_or(0),
            latency_ms: exchange.response.latency_ms,
        }
    }
}

const _: () = assert!(FRAMES == 10, "the columnar form documents ten frames");

/// Computes the features of one exchange. `scratch` is a buffer to be reused; its contents do not matter.
///
/// Only the *new* text of the caller counts as its prompt: the user messages after the model's last turn. What came
/// before is the history of a conversation, and would be counted again in each of its exchanges.
pub fn observe_exchange<'a>(exchange: &'a Exchange<'_>, scratch: &'a mut String) -> Features {
    let messages = &exchange.request.messages;
    let last_answer = messages.iter().rposition(|message| message.role == Role::Assistant).map_or(0, |at| at + 1);
    let mut new = messages.iter().skip(last_answer).filter(|message| message.role == Role::User);
    let (first, second) = (new.next(), new.next());
    let text: &str = match (first, second) {
        (None, _) => "",
        (Some(only), None) => &only.text,
        (Some(first), Some(second)) => {
            scratch.clear();
            for message in [first, second].into_iter().chain(new) {
                scratch.push_str(&message.text);
                scratch.push('\n');
            }
            scratch
        }
    };
    let media = messages.iter().skip(last_answer).map(|message| message.media).sum();
    let client = &exchange.client;
    let of = |value: &Option<std::borrow::Cow<'_, str>>| value.as_deref().map_or(0, value_hash);
    Features {
        text: sketch_text(text),
        text_bytes: text.len() as u64,
        ip: of(&client.ip),
        client_tuple: if client.user_agent.is_none() && client.headers.is_none() && client.ja4.is_none() {
            0
        } else {
            let part = |value: &'a Option<std::borrow::Cow<'_, str>>| value.as_deref().unwrap_or_default();
            tuple_hash(&[part(&client.user_agent), part(&client.headers), part(&client.ja4)])
        },
        user_agent: of(&client.user_agent),
        harness: harness(exchange),
        conversation: of(&exchange.conversation),
        end_user: of(&exchange.end_user),
        cues: read_cues(text, media).0,
        turns: u32::try_from(messages.len()).unwrap_or(u32::MAX),
    }
}

/// The program that asks, as far as a request shows it: system prompt, tools and parameters. A request that shows
/// none of them has no harness.
fn harness(exchange: &Exchange<'_>) -> u64 {
    let request = &exchange.request;
    let params = &request.params;
    let shown = request.system.is_some()
        || !request.tools.is_empty()
        || params.temperature.is_some()
        || params.top_p.is_some()
        || params.max_tokens.is_some();
    if !shown {
        return 0;
    }
    let mut hash = Xxh3Default::new();
    hash.update(&request.system.as_deref().map_or(0, |system| text_hash(system.as_bytes())).to_le_bytes());
    for tool in &request.tools {
        hash.update(tool.as_bytes());
        hash.update(&[0x1f]);
    }
    let number = |value: Option<f64>| value.map_or(u64::MAX, f64::to_bits).to_le_bytes();
    hash.update(&number(params.temperature));
    hash.update(&number(params.top_p));
    for count in [params.max_tokens, params.n.map(u64::from), params.top_logprobs.map(u64::from)] {
        hash.update(&count.map_or(u64::MAX, |count| count).to_le_bytes());
    }
    (hash.digest() >> 1).max(1)
}
