//! The options of `stillwatch attribute`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::show::ShowArguments;

/// What `stillwatch attribute` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch attribute C-fecy91vc --found found --data-dir data --accounts accounts.jsonl --entities entities/
  stillwatch hunt logs/ --accounts accounts.jsonl --entities entities/ --out found

Reads the results of a hunt and the exchanges of its data directory, and changes neither. Every organisation in --entities,
none of these, and several on one pool are weighed side by side. Nobody is named on one family of evidence, on working hours,
or on what anybody can forge; where an organisation lived, what it spoke and where it is from is not read (docs/attribution.md).
Exit status: 0 done, whoever is named; 2 bad usage or an organisation's file that is not fit; 1 any other failure.";

/// `stillwatch attribute`.
#[derive(Debug, Args)]
pub struct AttributeArguments {
    /// The campaign, as campaigns.json has it.
    #[arg(value_name = "CAMPAIGN")]
    pub campaign: String,
    /// Folder of a hunt's results.
    #[arg(long, value_name = "DIR")]
    pub found: PathBuf,
    /// Data directory with the exchanges that were hunted.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Organisations that may be behind it: a folder of TOML files, or one of them.
    #[arg(long, value_name = "FILE|DIR")]
    pub entities: PathBuf,
    /// Account records, as for the hunt. Without them nothing is known of mail domains, cards and registrations.
    #[arg(long, value_name = "FILE")]
    pub accounts: Vec<String>,
    /// First moment to look at: a date or RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// End of what to look at, which is left out: a date or RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}
