//! What an answer may reveal: the one case in which the body of a request is rewritten, and then only the values that ask
//! for more.

use std::ops::Range;

use bytes::Bytes;

use crate::asked::is_logprobs;
use crate::asked::is_on;
use crate::members::Members;
use crate::members::elements;
use crate::mode::Caps;

/// What is held back from one caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    /// No log probabilities and no logit bias.
    pub(crate) no_logprobs: bool,
    /// Bounds.
    pub(crate) caps: Caps,
}

impl Limit {
    /// Whether it holds nothing back.
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// The stricter of two bounds each.
    pub(crate) fn of(no_logprobs: bool, one: Caps, other: Caps) -> Self {
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Self {
            no_logprobs,
            caps: Caps {
                max_top_logprobs: least(one.max_top_logprobs, other.max_top_logprobs),
                max_n: least(one.max_n, other.max_n),
                refuse_logit_bias_with_logprobs: one.refuse_logit_bias_with_logprobs
                    || other.refuse_logit_bias_with_logprobs,
            },
        }
    }
}

/// The body of a request with the values replaced that ask for more than is allowed; `None` where none does, or where it is
/// no JSON object.
#[must_use]
pub fn limited_body(body: &[u8], no_logprobs: bool, caps: Caps) -> Option<Bytes> {
    edited(body, &Members::read(body)?, &Limit::of(no_logprobs, caps, caps))
}

/// The body with the values replaced that ask for more than a limit allows; `None` where none does.
///
/// A value of the wrong type counts as asking for more: what the upstream makes of it is not known.
pub(crate) fn edited(body: &[u8], members: &Members<'_>, limit: &Limit) -> Option<Bytes> {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut replace = |value: &str, by: String| edits.push((members.place(value), by));
    if limit.no_logprobs {
        for name in ["logprobs", "top_logprobs", "logit_bias"] {
            members.values(name).filter(|value| is_on(value)).for_each(|value| replace(value, "null".to_owned()));
        }
        for list in members.values("include") {
            let Some(all) = elements(list) else { continue };
            let kept: Vec<&str> = all.iter().filter(|element| !is_logprobs(element)).copied().collect();
            if kept.len() < all.len() {
                replace(list, format!("[{}]", kept.join(",")));
            }
        }
    } else if let Some(most) = limit.caps.max_top_logprobs {
        // In OpenAI's older completions `logprobs` is the number.
        let numbers = members.values("logprobs").filter(|value| !matches!(*value, "true" | "false"));
        let all = members.values("top_logprobs").chain(numbers);
        all.filter(|value| is_beyond(value, most)).for_each(|value| replace(value, most.to_string()));
    }
    if let Some(most) = limit.caps.max_n {
        members.values("n").filter(|value| is_beyond(value, most)).for_each(|value| replace(value, most.to_string()));
    }
    if edits.is_empty() { None } else { Some(apply(body, edits)) }
}

fn is_beyond(value: &str, most: u64) -> bool {
    value != "null" && !value.parse::<f64>().is_ok_and(|number| number <= most as f64)
}

fn apply(body: &[u8], mut edits: Vec<(Range<usize>, String)>) -> Bytes {
    edits.sort_by_key(|(place, _)| place.start);
    let mut out = Vec::with_capacity(body.len() + 16);
    let mut at = 0;
    for (place, by) in edits {
        out.extend_from_slice(body.get(at..place.start).unwrap_or_default());
        out.extend_from_slice(by.as_bytes());
        at = place.end;
    }
    out.extend_from_slice(body.get(at..).unwrap_or_default());
    out.into()
}
