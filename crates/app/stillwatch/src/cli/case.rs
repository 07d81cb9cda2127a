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

  stillwatch case open C-fecy91vc --data-dir data --as ann@example.com
  stillwatch case cut C-fecy91vc acct_7 acct_9 --data-dir data --as ann@example.com --why \"two students\"
  stillwatch case enforce C-fecy91vc deny --data-dir data --as ann@example.com --why \"terms, 3.2\"
  stillwatch case approve C-fecy91vc --data-dir data --as bob@example.com --why \"looked at all of it\"

A campaign's id names its case. What is shown of it is what the last hunt with this data directory held. Every act is in the
case store and in the ledger, with who, when and why; later hunts with --data-dir follow cuts, pins and cleared cases
(docs/cases.md). Exit status: 0 done; 2 bad usage; 4 somebody else wrote since the version of --version; 1 any other failure.";

/// What `stillwatch verify` shows with `--help`.
pub const VERIFY_HELP: &str = "\
Examples:
  stillwatch verify case.zip
  stillwatch verify case.zip --trust key.pub --json
  stillwatch verify proof.json
  stillwatch verify --page verify.html

The last writes the page with which a browser checks archives, so that it can be had apart from the archive that it checks.
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
    /// Opens the case of a campaign, so that people can act on it.
    Open(ActArguments),
    /// Says that somebody looks at it.
    Acknowledge(ActArguments),
    /// Gives it to somebody; to nobody without --to.
    Assign {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// Whose it is from now on.
        #[arg(long, value_name = "WHO")]
        to: Option<String>,
    },
    /// Adds a remark.
    Note {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// The remark.
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
    /// Says that some accounts of the case are not one operation with the others: later hunts judge them apart.
    Cut {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// Which accounts.
        #[command(flatten)]
        accounts: AccountArguments,
    },
    /// Says that the accounts of the case are one operation, with others that are named: later hunts judge them together.
    Pin {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// Which accounts.
        #[command(flatten)]
        accounts: AccountArguments,
        /// Another campaign that is the same operation.
        #[arg(long, value_name = "ID")]
        with: Vec<String>,
    },
    /// Says that the group is honest: later hunts do not assert it, and compare others with it.
    Clear(ActArguments),
    /// Proposes a measure against the campaign, which another person has to approve.
    Enforce {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// The measure.
        #[arg(value_enum, value_name = "MEASURE")]
        measure: Measure,
    },
    /// Approves the measure that another person proposed.
    Approve(ActArguments),
    /// Takes back a cut, a pin or a measure.
    Withdraw {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// The number of the act, as `case show` has it.
        #[arg(value_name = "NUMBER")]
        number: u64,
    },
    /// Adds, lists and contests what sources tell of the case from outside.
    #[command(subcommand)]
    Source(SourceCommand),
    /// Closes it: nothing is left to do.
    Close(ActArguments),
    /// Opens it again. A case that was cleared is held to be honest no longer.
    Reopen(ActArguments),
}

/// `stillwatch case source`.
#[derive(Debug, Subcommand)]
pub enum SourceCommand {
    /// Adds a source for a claim.
    Add {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// What it tells, in a sentence. Sources with the same sentence are of one claim.
        #[arg(long, value_name = "TEXT")]
        claim: String,
        /// The source.
        #[command(flatten)]
        source: SourceArguments,
    },
    /// Lists claims: how many independent sources each has, what contradicts it, and how it spread.
    List {
        /// The case: the id of a campaign.
        #[arg(value_name = "ID")]
        id: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Adds a source that contradicts another.
    Contest {
        /// Who acts, on what.
        #[command(flatten)]
        act: ActArguments,
        /// The number of the act that added the other, as `case source list` has it.
        #[arg(value_name = "NUMBER")]
        number: u64,
        /// The source.
        #[command(flatten)]
        source: SourceArguments,
    },
}

/// A source.
#[derive(Debug, Args)]
pub struct SourceArguments {
    /// A name for it among the sources of the case.
    #[arg(long = "id", value_name = "NAME")]
    pub source_id: String,
    /// A URL, or another citation by which a reader finds it.
    #[arg(long, value_name = "TEXT")]
    pub citation: String,
    /// Who publishes it.
    #[arg(long, value_name = "NAME")]
    pub publisher: String,
    /// How near it is to what it tells.
    #[arg(long, value_enum, value_name = "TIER")]
    pub tier: SourceTier,
    /// When it was published: a date, or RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub at: String,
    /// A source that it derives from, by its name; may be given more than once.
    #[arg(long, value_name = "NAME")]
    pub cites: Vec<String>,
}

/// How near a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SourceTier {
    /// Who did it, or a register.
    Primary,
    /// A news wire or a regulator.
    Wire,
    /// The specialist press.
    Specialist,
    /// Anything else.
    Other,
}

/// Who acts on a case, and why.
#[derive(Debug, Args)]
pub struct ActArguments {
    /// The case: the id of a campaign.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Who acts; the name of this user by default.
    #[arg(long = "as", value_name = "WHO")]
    pub who: Option<String>,
    /// Why. It is kept for good, and needed for whatever changes what is held of people.
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Act only if the case is at this version still, as `case show` has it.
    #[arg(long, value_name = "N")]
    pub version: Option<u64>,
    /// Print the case as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Accounts of an act.
#[derive(Debug, Args)]
pub struct AccountArguments {
    /// Accounts.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// A file with more of them, one a line.
    #[arg(long, value_name = "FILE")]
    pub accounts_file: Option<PathBuf>,
}

/// A measure against a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// All of its accounts draw on one budget.
    Cap,
    /// What answers reveal is limited.
    Limit,
    /// Its accounts are asked who they are.
    Verify,
    /// Its accounts are refused.
    Deny,
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
    #[arg(value_name = "FILE", required_unless_present = "page")]
    pub file: Option<PathBuf>,
    /// Write the page that checks archives in a browser to this file, and check nothing.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "trust", "tsa_cert", "json"])]
    pub page: Option<PathBuf>,
    /// The public key of the ledger, or a file with it, from elsewhere.
    #[arg(long, value_name = "KEY")]
    pub trust: Option<String>,
    /// The certificate of an authority that stamps times, or of one that vouches for it, in PEM or DER: then a time-stamp by
    /// anybody else is refused.
    #[arg(long, value_name = "FILE")]
    pub tsa_cert: Vec<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}
