//! How progress and results are shown.

use clap::Args;
use clap::ValueEnum;

/// When to show progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How progress and results are shown.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// When to show a progress bar.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub progress: When,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON instead of text.
    #[arg(long)]
    pub json: bool,
}
