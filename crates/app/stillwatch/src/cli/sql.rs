//! The command line of `stillwatch sql`.

use std::path::PathBuf;

use clap::Args;

/// What `--help` says after the options.
pub const HELP: &str = "\
Examples:
  stillwatch sql 'SELECT * FROM account ORDER BY exchanges DESC LIMIT 20' --data-dir data
  stillwatch sql 'SELECT model, count(*) AS exchanges FROM exchange GROUP BY model' --data-dir data --csv

Tables: `exchange`, a row an exchange, with the columns of docs/columns.md and `day` and `shard`; `account`, a row an
account: account, exchanges, first_seen, last_seen, input_tokens, output_tokens, addresses, models.";

/// `stillwatch sql`.
#[derive(Debug, Args)]
pub struct SqlArguments {
    /// The query.
    pub query: String,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Rows as a JSON array.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Rows as CSV.
    #[arg(long)]
    pub csv: bool,
}
