//! The options of `stillwatch watch`.

use std::path::PathBuf;

use clap::Args;

/// What `stillwatch watch` shows with `--help`.
pub const HELP: &str = "\
Example of a configuration:
  data_dir = \"data\"                     what came, as Parquet; made if needed
  found = \"found\"                       the results of the last sweep: report.html, campaigns.json, ...
  snapshot = \"verdicts.snapshot\"        what gates read
  listen = \"127.0.0.1:8790\"             POST /api/v1/exchanges (JSON lines), /v1/traces and /v1/logs (OTLP)
  [sweep]
  every_s = 600
  accounts = [\"accounts.jsonl\"]
  [[follow]]
  path = \"/var/log/gateway/*.jsonl\"

Every setting: docs/watch.md. Ctrl-C or SIGTERM ends it; what was acknowledged is kept.
Exit status: 0 it was told to end; 2 the configuration is wrong; 1 any other failure.";

/// `stillwatch watch`.
#[derive(Debug, Args)]
pub struct WatchArguments {
    /// The configuration, a TOML file.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Explain the configuration, and do not start.
    #[arg(long)]
    pub check: bool,
    /// File with the secret under whose key texts and values are hashed; that of the data directory where it has one.
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
}
