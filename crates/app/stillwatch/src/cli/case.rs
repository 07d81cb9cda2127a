//! The options of `stillwatch case` and `stillwatch verify`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use crate::cli::show::ShowArguments;

/// What `stillwatch case` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch hunt logs/ --data-dir data --out found
  stillwatch case list --data-dir data
  stillwatch case export C-fecy91vc --data-dir data --out case.zip --for court
  stillwatch verify case.zip --trust data/ledger/key.pub

A campaign's id names its case. A case is what the last hunt with this data directory held of it.";

/// What `stillwatch verify` shows with `--help`.
pub const VERIFY_HELP: &str = "\
Examples:
  stillwatch verify case.zip
  stillwatch verify case.zip --trust key.pub --json
  stillwatch verify proof.json

Needs no data directory, no network and no configuration. Exit status: 0 all holds; 4 something is refuted or damaged, and
it says what; 2 bad usage.";

/// `stillwatch case`.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Lists the cases of a data directory.
    List {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows one case, as it is in the ledger.
    Show {
        /// The case: the id of a campaign.
        #[arg(value_name = "ID")]
        id: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print the whole verdict as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes one archive that somebody else can check: claims, records, proofs, report.
    Export(ExportArguments),
}

/// `stillwatch case export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The case: the id of a campaign.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The archive.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whom it is for: `court` sees accounts, exchanges and their identifiers; `regulator` accounts and exchanges; `peer` and
    /// `public` neither.
    #[arg(long = "for", value_enum, default_value_t = For::Regulator, value_name = "WHO")]
    pub audience: For,
    /// Which texts are shown, where they are stored: none, those of exchanges that show a wording, or those of all in the archive.
    #[arg(long, value_enum, default_value_t = Text::None, value_name = "WHICH")]
    pub text: Text,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}

/// Whom an archive is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum For {
    /// A court.
    Court,
    /// A regulator.
    Regulator,
    /// Another provider.
    Peer,
    /// Anybody.
    Public,
}

/// Which texts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Text {
    /// None.
    None,
    /// Those of exchanges that show a wording.
    Claims,
    /// Those of all exchanges in the archive.
    All,
}

/// `stillwatch verify`.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// An archive of `stillwatch case export`, or a proof of `stillwatch ledger proof --exchange`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The public key of the ledger, or a file with it, from elsewhere.
    #[arg(long, value_name = "KEY")]
    pub trust: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}
