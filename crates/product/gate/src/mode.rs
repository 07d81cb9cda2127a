//! Words of the configuration.

use serde::Deserialize;

/// Whether decisions act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateMode {
    /// Decisions are made and recorded; no byte is changed and nobody is refused.
    Shadow,
    /// Decisions act.
    Enforce,
}

/// What happens where no decision can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureMode {
    /// The request is served as if nothing were held of anybody.
    Open,
    /// The request is refused.
    Closed,
    /// The last verdicts that were read count, however old they are.
    Last,
}

/// What an answer may reveal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// Most alternatives for each token.
    pub max_top_logprobs: Option<u64>,
    /// Most answers to one request.
    pub max_n: Option<u64>,
    /// Whether logit bias together with log probabilities is refused.
    #[serde(default)]
    pub refuse_logit_bias_with_logprobs: bool,
}
