//! What a request asks for, read from its body without a copy.

use policy::Capability;

use crate::members::Members;
use crate::members::elements;

/// Tokens of an answer that are reserved where a request names no bound.
const USUAL_ANSWER_TOKENS: u64 = 1024;
/// Bytes of JSON that make about one token.
const BYTES_OF_TOKEN: u64 = 4;
/// What asks for log probabilities in a request of OpenAI's Responses.
const LOGPROBS: &str = "message.output_text.logprobs";

/// What a request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Whether log probabilities are asked for.
    pub(crate) logprobs: bool,
    /// Whether tokens are biased.
    pub(crate) logit_bias: bool,
    /// Whether tools are offered.
    pub(crate) tools: bool,
    /// Whether reasoning is asked for.
    pub(crate) reasoning: bool,
    /// Tokens that it may cost: its own by its length, and those of the answers.
    pub(crate) tokens: u64,
}

impl Asked {
    /// Reads a request of any of the dialects.
    pub(crate) fn of(members: &Members<'_>, bytes: usize) -> Self {
        let any = |names: &[&str]| names.iter().any(|name| members.values(name).any(is_on));
        let most = |names: &[&str]| names.iter().flat_map(|name| members.values(name)).filter_map(whole).max();
        let answer = most(&["max_tokens", "max_completion_tokens", "max_output_tokens"]).unwrap_or(USUAL_ANSWER_TOKENS);
        let answers = answer.saturating_mul(most(&["n"]).unwrap_or(1).max(1));
        Self {
            logprobs: any(&["logprobs", "top_logprobs"]) || members.values("include").any(includes_logprobs),
            logit_bias: any(&["logit_bias"]),
            tools: any(&["tools", "functions"]),
            reasoning: any(&["reasoning", "thinking", "reasoning_effort"]),
            tokens: (bytes as u64 / BYTES_OF_TOKEN).saturating_add(answers).min(budget::MAX_AMOUNT),
        }
    }

    /// A request that was not read: its tokens by its length. One that should have been read and could not be counts as
    /// asking for everything, so that nobody gains by odd bytes.
    pub(crate) fn unread(bytes: usize, should_be_read: bool) -> Self {
        let tokens = (bytes as u64 / BYTES_OF_TOKEN).saturating_add(USUAL_ANSWER_TOKENS);
        Self {
            logprobs: should_be_read,
            logit_bias: should_be_read,
            tools: should_be_read,
            reasoning: should_be_read,
            tokens: tokens.min(budget::MAX_AMOUNT),
        }
    }

    /// What a rule may read of it.
    pub(crate) fn capabilities(self) -> impl Iterator<Item = Capability> {
        let asks = [
            (self.logprobs || self.logit_bias, Capability::Logprobs),
            (self.tools, Capability::Agent),
            (self.reasoning, Capability::Reasoning),
        ];
        asks.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, capability)| capability)
    }
}

/// Whether a value switches something on: not null, false, zero or empty.
pub(crate) fn is_on(value: &str) -> bool {
    let is_empty = |open: char, close: char| {
        value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|rest| rest.trim().is_empty())
    };
    let is_zero = || value.parse::<f64>().is_ok_and(|number| number == 0.0);
    !(matches!(value, "null" | "false") || is_empty('{', '}') || is_empty('[', ']') || is_zero())
}

/// A whole number; of what is none the largest, so that nobody gains by odd spellings.
fn whole(value: &str) -> Option<u64> {
    if value == "null" {
        return None;
    }
    value.parse().ok().or_else(|| value.parse::<f64>().ok().map(|number| number as u64))
}

/// Whether a list of what an answer includes names log probabilities.
pub(crate) fn includes_logprobs(list: &str) -> bool {
    elements(list).is_some_and(|elements| elements.iter().any(|element| is_logprobs(element)))
}

/// Whether an element of such a list does.
pub(crate) fn is_logprobs(element: &str) -> bool {
    serde_json::from_str::<String>(element).is_ok_and(|name| name == LOGPROBS)
}
