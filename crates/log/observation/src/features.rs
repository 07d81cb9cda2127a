//! From an exchange to the columns that are computed once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use record::Client;
use record::Exchange;
use record::Role;
use sketch::Embedder;
use sketch::FRAMES;
use sketch::HashKey;
use sketch::Opening;
use sketch::QUOTES;
use sketch::TextSketch;
use sketch::sketch_text;

use crate::cues::Cue;
use crate::cues::read_cues;
use crate::observation::Observation;

/// Frames of an exchange: those of the caller's new text, and of the system prompt.
pub const MAX_FRAMES: usize = FRAMES + SYSTEM_FRAMES;

/// Frames of a system prompt. It is a fixed text, so the same few are kept wherever it is used.
const SYSTEM_FRAMES: usize = 2;

/// Words of the shortest answer that is somebody's: shorter ones are given to everybody.
const MIN_ANSWER_WORDS: u32 = 24;

/// Words of the shortest system prompt that is framed: "You are a helpful assistant." tells nobody apart.
const MIN_SYSTEM_WORDS: u32 = 12;

/// Reasons to stop by which providers say that they declined, in the spellings of their APIs and libraries.
const DECLINED: [&str; 16] = [
    "refusal",
    "content_filter",
    "content-filter",
    "content_filtered",
    "guardrail_intervened",
    "safety",
    "image_safety",
    "prohibited_content",
    "blocklist",
    "spii",
    "recitation",
    "error_toxic",
    "ContentPolicyViolationError",
    "GuardrailRaisedException",
    "content_policy_violation",
    "ResponsibleAIPolicyViolation",
];

/// System prompts whose frames are remembered: a log has few, and each is met many times.
const MAX_SYSTEMS: usize = 4096;

/// Everything computed from one exchange, owned, so that a row can be written or folded after the text is gone.
#[derive(Debug, Clone)]
pub struct Features {
    /// The text's sketch: hash, frames, features.
    pub text: TextSketch,
    frames: [u64; MAX_FRAMES],
    frame_count: usize,
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
    /// Quotes of the answer, ascending, and then `u64::MAX`.
    answer: [u64; QUOTES],
    /// See [`Observation::root`].
    pub root: u64,
    /// See [`Observation::minted`].
    pub minted: u64,
    /// See [`Observation::presented`].
    pub presented: u64,
    /// See [`Observation::model`].
    pub model: u64,
    /// See [`Observation::ja4`].
    pub ja4: u64,
    /// See [`Observation::cues`].
    pub cues: u32,
    /// Number of messages in the request.
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
            frames: self.frames.get(..self.frame_count).unwrap_or_default(),
            phrases: self.text.phrases(),
            quotes: self.text.quotes(),
            answer: self.answer.get(..self.answer.partition_point(|quote| *quote != u64::MAX)).unwrap_or_default(),
            root: self.root,
            minted: self.minted,
            presented: self.presented,
            model: self.model,
            ja4: self.ja4,
            asn: exchange.client.asn.map(u64::from),
            features: if self.text.words == 0 { &[] } else { &self.text.features },
            cues: self.cues,
            status: exchange.response.status.map(u64::from),
            input_tokens: exchange.response.input_tokens,
            output_tokens: exchange.response.output_tokens,
        }
    }
}

const _: () = assert!(MAX_FRAMES == 12, "docs/columns.md says twelve");

/// Computes features, exchange after exchange, with what it needs to be fast: a buffer, and the frames of the system
/// prompts met. What it remembers never changes what it computes.
#[derive(Debug, Default)]
pub struct Observer {
    key: HashKey,
    embedder: Option<Arc<dyn Embedder>>,
    joined: String,
    systems: HashMap<u64, [u64; SYSTEM_FRAMES]>,
}

impl Observer {
    /// An observer that hashes under a key, and makes vectors with the built-in embedder.
    #[must_use]
    pub fn new(key: HashKey) -> Self {
        Self { key, ..Self::default() }
    }

    /// The same with another embedder.
    #[must_use]
    pub fn with_embedder(self, embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder: Some(embedder), ..self }
    }

    /// Computes the features of one exchange.
    ///
    /// Only the *new* text of the caller counts as its prompt: the user messages after the model's last turn. What
    /// came before is the history of a conversation, and would be counted again in each of its exchanges. Frames are
    /// those of the prompt and of the system prompt: an instruction shared by strangers stands in either.
    pub fn observe(&mut self, exchange: &Exchange<'_>) -> Features {
        let added = exchange.request.new_messages();
        let mut new = added.iter().filter(|message| message.role == Role::User);
        let (first, second) = (new.next(), new.next());
        self.joined.clear();
        if let (Some(first), Some(second)) = (first, second) {
            for message in [first, second].into_iter().chain(new) {
                self.joined.push_str(&message.text);
                self.joined.push('\n');
            }
        }
        let system = exchange.request.system.as_deref().unwrap_or_default();
        let system_hash = if system.is_empty() { 0 } else { self.key.text(system.as_bytes()) };
        let system_frames = if system.is_empty() { [0; SYSTEM_FRAMES] } else { self.system(system, system_hash) };
        let text: &str = match (first, second) {
            (None, _) => "",
            (Some(only), None) => &only.text,
            (Some(_), Some(_)) => &self.joined,
        };
        let media = added.iter().map(|message| message.media).sum();
        let (client, key) = (&exchange.client, &self.key);
        let of = |value: &Option<Cow<'_, str>>| value.as_deref().map_or(0, |value| key.value(value));
        let mut sketch = sketch_text(text, key);
        if let Some(embedder) = self.embedder.as_deref().filter(|_| sketch.words > 0) {
            sketch.features = embedder.embed(text, &sketch.features);
        }
        let answer = answer_quotes(exchange, sketch.quotes(), key);
        let (frames, frame_count) = join_frames(sketch.frames(), &system_frames);
        Features {
            text: sketch,
            frames,
            frame_count,
            text_bytes: text.len() as u64,
            ip: of(&client.ip),
            client_tuple: client_tuple(client, key),
            user_agent: of(&client.user_agent),
            harness: harness(exchange, key),
            conversation: of(&exchange.conversation),
            end_user: of(&exchange.end_user),
            answer,
            root: root(exchange, key),
            minted: of(&exchange.response.signature),
            presented: exchange
                .request
                .messages
                .iter()
                .rev()
                .find_map(|message| message.signature.as_deref())
                .map_or(0, |signature| key.value(signature)),
            model: of(&exchange.request.model),
            ja4: of(&client.ja4),
            cues: read_cues(text, media).0 | outside_cues(exchange),
            turns: u32::try_from(exchange.request.messages.len()).unwrap_or(u32::MAX),
        }
    }

    fn system(&mut self, system: &str, hash: u64) -> [u64; SYSTEM_FRAMES] {
        if let Some(frames) = self.systems.get(&hash) {
            return *frames;
        }
        let mut frames = [0; SYSTEM_FRAMES];
        let sketch = sketch_text(system, &self.key);
        if sketch.words >= MIN_SYSTEM_WORDS {
            frames.iter_mut().zip(sketch.frames()).for_each(|(slot, frame)| *slot = *frame);
        }
        if self.systems.len() >= MAX_SYSTEMS {
            self.systems.clear();
        }
        self.systems.insert(hash, frames);
        frames
    }
}

/// The distinct frames of both, ascending; zeros are none.
fn join_frames(prompt: &[u64], system: &[u64]) -> ([u64; MAX_FRAMES], usize) {
    let mut frames = [u64::MAX; MAX_FRAMES];
    let all = prompt.iter().chain(system.iter().filter(|frame| **frame != 0 && !prompt.contains(frame)));
    let mut count = 0;
    for (slot, frame) in frames.iter_mut().zip(all) {
        *slot = *frame;
        count += 1;
    }
    frames.sort_unstable();
    (frames, count)
}

/// The quotes of the answer, ascending, and then `u64::MAX`. What the caller just said is not the model's: an answer that
/// repeats its prompt gives no quote.
fn answer_quotes(exchange: &Exchange<'_>, said: &[u64], key: &HashKey) -> [u64; QUOTES] {
    let mut quotes = [u64::MAX; QUOTES];
    if let Some(content) = exchange.response.content.as_deref() {
        let sketch = sketch_text(content, key);
        if sketch.words >= MIN_ANSWER_WORDS {
            let told = sketch.quotes().iter().filter(|quote| !said.contains(quote));
            quotes.iter_mut().zip(told).for_each(|(slot, quote)| *slot = *quote);
        }
    }
    quotes
}

/// The beginning of the conversation, up to the model's turn with which its turns have said enough that no stranger was
/// told the same (see [`Opening`]). The same in each of the conversation's later exchanges, whichever account sends them, and
/// in the one that got that turn for its answer, where answers are logged. Zero before that.
fn root(exchange: &Exchange<'_>, key: &HashKey) -> u64 {
    let mut opening = Opening::new(key);
    let turns =
        exchange.request.messages.iter().map(|message| (message.text.as_ref(), message.role == Role::Assistant));
    let answer = exchange.response.content.as_deref().map(|answer| (answer, true));
    turns.chain(answer).find_map(|(text, is_answer)| opening.add(text, is_answer)).unwrap_or(0)
}

/// The cues that are not in the text.
fn outside_cues(exchange: &Exchange<'_>) -> u32 {
    let params = &exchange.request.params;
    let probing = params.logprobs == Some(true)
        || params.top_logprobs.is_some_and(|count| count > 0)
        || params.logit_bias.is_some_and(|count| count > 0)
        || params.n.is_some_and(|count| count > 1);
    let stopped = exchange.response.stop_reason.as_deref().is_some_and(is_declined);
    let declined = stopped || matches!(exchange.response.status, Some(400 | 402 | 405..=407 | 409..=428 | 451));
    u32::from(probing) << Cue::Probing as u32 | u32::from(declined) << Cue::Declined as u32
}

/// Whether a reason to stop says that the model, or a filter before or behind it, declined.
fn is_declined(reason: &str) -> bool {
    // The name of an error's class may stand behind the library's.
    let reason = reason.rsplit('.').next().unwrap_or(reason);
    DECLINED.iter().any(|declined| reason.eq_ignore_ascii_case(declined))
}

fn client_tuple(client: &Client<'_>, key: &HashKey) -> u64 {
    // A user agent alone is no tuple: a gateway that logs less would look like clients that vary less.
    if client.headers.is_none() && client.ja4.is_none() {
        return 0;
    }
    let [agent, headers, ja4] =
        [&client.user_agent, &client.headers, &client.ja4].map(|value| value.as_deref().unwrap_or_default());
    key.tuple(&[agent, headers, ja4])
}

/// The program that asks, as far as a request shows it beside its texts: tools and parameters. The system prompt is
/// left out, since its frames are ties of their own and one fact must not speak twice. A request that shows neither
/// tools nor parameters has no harness.
fn harness(exchange: &Exchange<'_>, key: &HashKey) -> u64 {
    let request = &exchange.request;
    let params = &request.params;
    let shown = !request.tools.is_empty()
        || params.temperature.is_some()
        || params.top_p.is_some()
        || params.max_tokens.is_some();
    if !shown {
        return 0;
    }
    let mut hash = key.text_hasher();
    for tool in &request.tools {
        hash.update(tool.as_bytes());
        hash.update(&[0x1f]);
    }
    let number = |value: Option<f64>| value.map_or(u64::MAX, f64::to_bits).to_le_bytes();
    hash.update(&number(params.temperature));
    hash.update(&number(params.top_p));
    for count in [params.max_tokens, params.n.map(u64::from), params.top_logprobs.map(u64::from)] {
        hash.update(&count.unwrap_or(u64::MAX).to_le_bytes());
    }
    (hash.finish() >> 1).max(1)
}
