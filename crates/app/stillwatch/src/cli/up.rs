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
  # [gate.budgets]                   where several gates draw on the same budgets: a Redis-protocol server
  # server = \"redis://USER:PASSWORD@10.0.0.5:6379\"
  # gates = 2
  [api]                              docs/api.md
  listen = \"127.0.0.1:8480\"
  [notices]                          docs/appeals.md; without it nothing is sent
  webhook = \"https://hooks.example.com/notices\"

The API asks for a token: stillwatch token create --data-dir data --as me --role analyst. To sign in to the page at the same
address: stillwatch user add me --data-dir data --role analyst.
Exit status: 0 it was told to end; 2 the configuration is wrong; 1 any other failure.";

/// `stillwatch up`.
#[derive(Debug, Args)]
pub struct UpArguments {
    /// The configuration, a TOML file.
    #[cfg_attr(feature = "demo", arg(long, value_name = "FILE", required_unless_present = "demo"))]
    #[cfg_attr(not(feature = "demo"), arg(long, value_name = "FILE", required = true))]
    pub config: Option<PathBuf>,
    /// Explain the configuration, and do not start.
    #[arg(long)]
    pub check: bool,
    /// Tell the server of shared budgets that nothing was leased from it before, and do not start. One that remembers leases is left as
    /// it is.
    #[arg(long, conflicts_with = "check")]
    pub new_budget_server: bool,
    /// What is played.
    #[cfg(feature = "demo")]
    #[command(flatten)]
    pub play: PlayArguments,
}

/// A world that is played through the gate.
#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub struct PlayArguments {
    /// Show the whole of it: a made world is played through a gate to a model that is none, with the rules on campaigns live.
    #[arg(long, conflicts_with_all = ["config", "check", "new_budget_server"])]
    pub demo: bool,
    /// The world: a file, or the name of one that comes with the program.
    #[arg(long, default_value = "demo", value_name = "FILE|NAME", requires = "demo")]
    pub world: String,
    /// Seed of the world.
    #[arg(long, default_value_t = 7, value_name = "N", requires = "demo")]
    pub seed: u64,
    /// Multiplies the number of accounts of every population.
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", requires = "demo")]
    pub scale: f64,
    /// How many times as fast as it is time runs.
    #[arg(long, default_value_t = 8000, value_name = "N", requires = "demo", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub speed: u32,
    /// Folder for the world and for what is kept of it; one that is removed at the end without it.
    #[arg(long, value_name = "DIR", requires = "demo")]
    pub out: Option<PathBuf>,
    /// End once the world is over, and not when told to.
    #[arg(long, requires = "demo")]
    pub exit_after: bool,
    /// Also write what became of the world to a file, as JSON.
    #[arg(long, value_name = "FILE", requires = "demo")]
    pub json: Option<PathBuf>,
}
