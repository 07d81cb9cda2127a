//! The options of `stillwatch audit`.

use std::path::PathBuf;

use clap::Args;

/// What `stillwatch audit` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch audit --case ours.jsonl --suspect suspect.jsonl --compare other-a.jsonl other-b.jsonl
  stillwatch audit --case ours.jsonl --suspect suspect.jsonl --compare before.jsonl --assignment-key draw.key --json

ours.jsonl has a line {\"id\", \"prompt\", \"answer\", \"served\"} for each answer of ours, those that were held back among them; the
others have a line {\"prompt\", \"answer\"} for each answer of a model to one of our prompts. No model is asked by this program.
What is found rests on which answers were served being drawn at random (docs/audit.md).
Exit status: 0 done, whatever was found; 2 bad usage or a file that is not fit; 4 the design does not support a test.";

/// `stillwatch audit`.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Our answers, served and held back: JSON lines.
    #[arg(long = "case", value_name = "FILE")]
    pub ours: PathBuf,
    /// The suspect's answers to our prompts: JSON lines.
    #[arg(long, value_name = "FILE")]
    pub suspect: PathBuf,
    /// Answers of other models, or of the suspect before the campaign, one file a model: JSON lines.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub compare: Vec<PathBuf>,
    /// Strings that only the campaign was served: JSON lines of `text` and `bits`.
    #[arg(long, value_name = "FILE")]
    pub decoys: Option<PathBuf>,
    /// How often a model that was not trained on the answers is said to be, at most.
    #[arg(long, value_name = "RATE", default_value_t = 0.01)]
    pub level: f64,
    /// The key by which it was drawn which answers were served; every label is checked against it.
    #[arg(long, value_name = "FILE")]
    pub assignment_key: Option<PathBuf>,
    /// The share of prompts whose answers the key has served.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, requires = "assignment_key")]
    pub assignment_share: f64,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}
