//! The options of `stillwatch doctor`.

use std::path::PathBuf;

use clap::Args;

/// What `stillwatch doctor` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch doctor --data-dir data
  stillwatch doctor --up up.toml            what `stillwatch up` would be started with
  stillwatch doctor --gate gate.toml --json

It looks and changes nothing, but for a file that it makes in folders and removes again, to see whether they can be written to.
Exit status: 0 all is well, warnings or not; 4 something must be mended, and how is said.";

/// `stillwatch doctor`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct DoctorArguments {
    /// A data directory: its folder, secret, manifest, ledger, disk and clock.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// A configuration of `stillwatch watch`.
    #[cfg(feature = "watch")]
    #[arg(long, value_name = "FILE")]
    pub watch: Option<PathBuf>,
    /// A configuration of `stillwatch gate`.
    #[cfg(feature = "gate")]
    #[arg(long, value_name = "FILE")]
    pub gate: Option<PathBuf>,
    /// A configuration of `stillwatch up`.
    #[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
    #[arg(long, value_name = "FILE")]
    pub up: Option<PathBuf>,
    /// Print what was found as JSON instead of text.
    #[arg(long)]
    pub json: bool,
}
