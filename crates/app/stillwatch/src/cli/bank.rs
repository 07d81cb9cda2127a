//! The options of `stillwatch bank`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::show::ShowArguments;

/// What `stillwatch bank` shows with `--help`.
pub const HELP: &str = "\
A bank holds the scores of honest groups. A group of a log is judged by its rank among the honest groups that were formed
by the same ties and have a like size; the more of these there are, the smaller the false discovery rate that can be
claimed. A bank holds no account, no text and no time.

Examples:
  stillwatch bank build --reference trusted/ --reference-accounts trusted-accounts.jsonl --out own.bank
  stillwatch bank add-cleared C-7k2mq4zd --found found --bank own.bank
  stillwatch bank merge own.bank partner.bank --out both.bank
  stillwatch bank show own.bank
  stillwatch hunt logs/ --bank own.bank --out found";

/// `stillwatch bank`.
#[derive(Debug, Subcommand)]
pub enum BankCommand {
    /// Makes a bank of logs in which everybody is honest.
    Build(BuildArguments),
    /// Shows how many honest groups a bank has, class by class, and what it can support.
    Show {
        /// Banks; the built-in one without any.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Joins banks. Do not join a bank with itself: copies make it seem larger than it is.
    Merge {
        /// Banks.
        #[arg(required = true, num_args = 2.., value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Where the joined bank goes.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Adds the groups of a campaign or a lead that an analyst found to be honest. Once each: copies make a bank seem larger
    /// than it is.
    AddCleared {
        /// Id of the campaign (C-…) or the lead (L-…).
        #[arg(value_name = "ID")]
        id: String,
        /// Folder of the hunt that reported it.
        #[arg(long, value_name = "DIR")]
        found: PathBuf,
        /// The bank to add to; made if it is not there.
        #[arg(long, value_name = "FILE")]
        bank: PathBuf,
    },
}

/// `stillwatch bank build`.
#[derive(Debug, Args)]
pub struct BuildArguments {
    /// Traffic of honest accounts: files, folders, globs or object-store URLs.
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    pub reference: Vec<String>,
    /// Their account records.
    #[arg(long, value_name = "FILE")]
    pub reference_accounts: Vec<String>,
    /// Do not believe what accounts say of their organisation, so that firms are groups like any other.
    #[arg(long)]
    pub undeclared: bool,
    /// Made of invented worlds: groups are not counted as this deployment's own.
    #[arg(long)]
    pub invented: bool,
    /// File with the secret of the key under which texts and values are hashed; as for `hunt`.
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Where the bank goes.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Threads; all cores by default.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}
