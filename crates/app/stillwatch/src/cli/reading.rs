//! How logs are read.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

/// Format of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatChoice {
    /// Found for each file from its content.
    Auto,
    /// One exchange a line, as docs/formats.md has it.
    Native,
    /// LiteLLM StandardLoggingPayload.
    Litellm,
    /// OpenTelemetry GenAI as OTLP/JSON.
    Otel,
    /// Amazon Bedrock model-invocation logs.
    Bedrock,
    /// Anthropic Messages, as captured by a gateway.
    Anthropic,
    /// OpenAI Chat Completions or Responses, as captured by a gateway.
    Openai,
    /// A flat foreign log, read by a map: one that comes with the program, or that of --map.
    Mapped,
}

impl FormatChoice {
    /// The format, or `None` to find it.
    pub fn format(self) -> Option<record::Format> {
        Some(match self {
            Self::Auto => return None,
            Self::Native => record::Format::Native,
            Self::Litellm => record::Format::LiteLlm,
            Self::Otel => record::Format::Otel,
            Self::Bedrock => record::Format::Bedrock,
            Self::Anthropic => record::Format::Anthropic,
            Self::Openai => record::Format::OpenAi,
            Self::Mapped => record::Format::Mapped,
        })
    }
}

/// How logs are read.
#[derive(Debug, Args)]
pub struct Reading {
    /// Format of the logs.
    #[arg(long, value_enum, default_value_t = FormatChoice::Auto)]
    pub format: FormatChoice,
    /// Which attribute or column of a foreign log is the account, the time, the text and so on: TOML, as docs/formats.md
    /// has it (repeatable).
    #[arg(long, value_name = "FILE")]
    pub map: Vec<PathBuf>,
    /// A second log of the same requests, which says what the log lacks: addresses, clients, accounts, texts. Joined by the
    /// id of a request or of its trace: CloudTrail, access logs, or others by a --map with `adds = true` (repeatable).
    #[arg(long, value_name = "FILE")]
    pub join: Vec<String>,
    /// File with the secret of the key under which texts and values are hashed: 64 random hexadecimal digits. A data
    /// directory keeps its own; other runs use $STILLWATCH_SECRET, and without it one that is made for the user once.
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
}
