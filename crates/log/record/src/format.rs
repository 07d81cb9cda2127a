//! The log formats by name, and what a file holds in them.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// A log format. Parquet is no member: it is a container, found by its own magic bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Our own exchange, one JSON object a line.
    Native,
    /// LiteLLM `StandardLoggingPayload`.
    LiteLlm,
    /// OpenTelemetry GenAI spans and log events as OTLP/JSON.
    Otel,
    /// Amazon Bedrock model-invocation log.
    Bedrock,
    /// Anthropic Messages exchanges captured by a gateway.
    Anthropic,
    /// OpenAI Chat Completions, Completions and Responses exchanges captured by a gateway.
    OpenAi,
    /// Records of a flat foreign log, read by a map: one that comes with the program, or the user's own.
    Mapped,
}

impl Format {
    /// All formats, in the order of the documentation.
    pub const ALL: [Self; 7] =
        [Self::Native, Self::LiteLlm, Self::Otel, Self::Bedrock, Self::Anthropic, Self::OpenAi, Self::Mapped];

    /// The name on the command line and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::LiteLlm => "litellm",
            Self::Otel => "otel",
            Self::Bedrock => "bedrock",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Mapped => "mapped",
        }
    }

    /// All names with commas between, for messages.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

/// What a file's records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Records {
    /// Exchanges, in this format or in the one that their content tells.
    Exchanges(Option<Format>),
    /// Account records.
    Accounts,
    /// What a second log says of exchanges.
    Additions,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| Error::Usage(format!("`{name}` is no log format (expected one of {})", Self::names())))
    }
}
