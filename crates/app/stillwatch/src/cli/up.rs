//! The options of `stillwatch up`.

use std::path::PathBuf;

use clap::Args;

/// What `stillwatch up` shows with `--help`.
pub const HELP: &str = "\
Example of a configuration, where each part is as its own command reads it:
  [watch]                            docs/watch.md; data_dir, found and snapshot have defaults here
  [watch.sweep]
  every_s = 600
  [gate]                             docs/gate.md; the snapshot, the secret and the spool are the watch's
  listen = \"127.0.0.1:8080\"
  mode = \"shadow\"
  [[gate.routes]]
  path = \"/\"
  upstream = \"https://api.example.com\"
  failure = \"open\"
  [api]                              docs/api.md
  listen = \"127.0.0.1:8480\"

The API asks for a token: stillwatch token create --data-dir data --as me --role analyst.
Exit status: 0 it was told to end; 2 the configuration is wrong; 1 any other failure.";

/// `stillwatch up`.
#[derive(Debug, Args)]
pub struct UpArguments {
    /// The configuration, a TOML file.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Explain the configuration, and do not start.
    #[arg(long)]
    pub check: bool,
}
