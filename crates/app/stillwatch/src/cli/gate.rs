//! The options of `stillwatch gate`.

use std::path::PathBuf;

use clap::Args;

/// What `stillwatch gate` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch gate --config gate.toml --check
  stillwatch gate --config gate.toml --key-line acct_17 < key >> keys.jsonl
  stillwatch gate --config gate.toml --new-budget-server         # once, where [budgets] names a server that is new
  stillwatch gate --config gate.toml

A configuration with every key: docs/gate.md. SIGTERM or Ctrl-C ends it when the streams that are open have ended, or after
limits.drain; a second one at once.
Exit status: 0 stopped, or fit; 2 the configuration or a file that it names is not fit; 1 any other failure.";

/// `stillwatch gate`.
#[derive(Debug, Args)]
pub struct GateArguments {
    /// The configuration.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Read everything that the configuration names, say what a person should know, and end.
    #[arg(long)]
    pub check: bool,
    /// Tell the server of shared budgets that nothing was leased from it before, and end. One that remembers leases is left as it is.
    #[arg(long, conflicts_with = "check")]
    pub new_budget_server: bool,
    /// Print the line of an API key, which is read from standard input, for the file of keys.
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["check", "new_budget_server"])]
    pub key_line: Option<String>,
}
