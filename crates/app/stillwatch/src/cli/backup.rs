//! The options of `stillwatch backup` and `stillwatch restore`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::show::ShowArguments;

/// What `stillwatch backup` shows with `--help`.
pub const BACKUP_HELP: &str = "\
Examples:
  stillwatch backup --data-dir data --out backup.tar.zst
  stillwatch backup --data-dir data --out backup.tar.zst --without-keys

Everything in the data directory is in it, but for the sessions of the page. `up`, `watch` and `ingest` may run meanwhile.
Without --without-keys it holds the secret of all hashes and the key that signs the ledger: keep it as safe as the data
directory. Nothing that is there is replaced.
Exit status: 0 done; 2 what is there cannot be backed up, and why; 1 any other failure.";

/// What `stillwatch restore` shows with `--help`.
pub const RESTORE_HELP: &str = "\
Examples:
  stillwatch restore --check backup.tar.zst              reads all of it, compares every digest, and writes nothing
  stillwatch restore backup.tar.zst --data-dir data      into a new or empty folder

The folder takes its place as a whole, after every digest was compared. The digests find damage; they do not say who made
the archive.
Exit status: 0 done; 2 something is at DIR; 4 the archive is damaged, or is none, and where; 1 any other failure.";

/// `stillwatch backup`.
#[derive(Debug, Args)]
pub struct BackupArguments {
    /// Data directory to back up.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// New file for the backup: a tar archive, packed with zstd, that only its owner may read.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Leave out DIR/secret and DIR/ledger/key: keep them elsewhere, and put them back after a restore.
    #[arg(long)]
    pub without_keys: bool,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}

/// `stillwatch restore`.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// A backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the data directory is to be: nothing, or an empty folder.
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    pub data_dir: Option<PathBuf>,
    /// Only say whether the backup is whole.
    #[arg(long, conflicts_with = "data_dir")]
    pub check: bool,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}
