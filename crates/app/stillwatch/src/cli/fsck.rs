//! The options of `stillwatch fsck`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::show::ShowArguments;

/// What `stillwatch fsck` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch fsck data                     reads every file that the manifest names, and says what is wrong
  stillwatch fsck data --repair            mends what can be, and takes over a directory of an earlier version
  stillwatch fsck data --forget-missing    after exchanges were removed on purpose

Nothing is deleted: files that are damaged, or that no manifest names, are moved to DIR/.set-aside.
Exit status: 0 all is well, or was mended; 1 something is wrong.";

/// `stillwatch fsck`.
#[derive(Debug, Args)]
pub struct FsckArguments {
    /// Data directory to look at.
    #[arg(value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Mend what can be.
    #[arg(long)]
    pub repair: bool,
    /// Take files that are missing out of the manifest: they were removed on purpose.
    #[arg(long)]
    pub forget_missing: bool,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}
