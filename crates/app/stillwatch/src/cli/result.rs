//! `stillwatch show`.

use std::path::PathBuf;

use clap::Args;

/// Examples of `stillwatch show`.
pub const HELP: &str = "\
Examples:
  stillwatch show C-fecy91vc --found found
  stillwatch show acct_17 --found found --json
  stillwatch show 15128ce4 --found found        who has this card, wording, address or conversation

--json prints {campaigns, leads, accounts, items}: lists of what has the name, as in the files of the results.";

/// `stillwatch show`.
#[derive(Debug, Args)]
pub struct ShowResultArguments {
    /// An account, the id of a campaign or a lead, or the hash of an item (six characters or more of it).
    #[arg(value_name = "ACCOUNT|CAMPAIGN|ITEM")]
    pub name: String,
    /// Folder of a hunt's results.
    #[arg(long, value_name = "DIR")]
    pub found: PathBuf,
    /// Print JSON instead of text.
    #[arg(long)]
    pub json: bool,
}
