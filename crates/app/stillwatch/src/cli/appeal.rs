//! The options of `stillwatch appeal`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

/// What `stillwatch appeal` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch appeal open C-fecy91vc --account acct_7 --text-file letter.txt --data-dir data --as support@example.com
  stillwatch appeal assign C-fecy91vc.7 --to cleo@example.com --data-dir data --as support@example.com
  stillwatch appeal decide C-fecy91vc.7 overturned --data-dir data --as cleo@example.com --why \"a class; the school confirmed it\"
  stillwatch appeal notice --appeal C-fecy91vc.7 --data-dir data --service \"Example Models\" --contact appeals@models.example

An appeal is an act on the case, in the case store and in the ledger. Who proposed or approved a measure in the case, or decided
an earlier appeal for the account, neither reads nor decides it. One that is overturned takes the account out: no measure of the
case is for it, and the next hunt has it in no group with the others (docs/appeals.md).
Exit status: 0 done; 2 bad usage; 4 `list --overdue` has any; 1 any other failure.";

/// `stillwatch appeal`.
#[derive(Debug, Subcommand)]
pub enum AppealCommand {
    /// Lists appeals, those that are due first at the top.
    List {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Only those that nobody has decided.
        #[arg(long)]
        undecided: bool,
        /// Only those that are undecided after their time; the exit status is 4 where there are any.
        #[arg(long)]
        overdue: bool,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows one appeal, with what was attached.
    Show {
        /// The appeal: CASE.NUMBER.
        #[arg(value_name = "APPEAL")]
        id: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes down what the holder of an account says against a decision.
    Open {
        /// The case: the id of a campaign.
        #[arg(value_name = "CASE")]
        case: String,
        /// The account.
        #[arg(long, value_name = "ACCOUNT")]
        account: String,
        /// What they say.
        #[command(flatten)]
        said: SaidArguments,
        /// Days in which it is to be decided.
        #[arg(long, value_name = "N", default_value_t = case::APPEAL_DAYS)]
        days: i64,
        /// Who acts.
        #[command(flatten)]
        by: ByArguments,
    },
    /// Attaches something to an appeal.
    Attach {
        /// The appeal: CASE.NUMBER.
        #[arg(value_name = "APPEAL")]
        id: String,
        /// What.
        #[command(flatten)]
        said: SaidArguments,
        /// Who acts.
        #[command(flatten)]
        by: ByArguments,
    },
    /// Gives an appeal to somebody who had no part in the decision.
    Assign {
        /// The appeal: CASE.NUMBER.
        #[arg(value_name = "APPEAL")]
        id: String,
        /// Who is to read it.
        #[arg(long, value_name = "WHO")]
        to: String,
        /// Who acts.
        #[command(flatten)]
        by: ByArguments,
    },
    /// Decides an appeal.
    Decide {
        /// The appeal: CASE.NUMBER.
        #[arg(value_name = "APPEAL")]
        id: String,
        /// How.
        #[arg(value_enum, value_name = "OUTCOME")]
        outcome: AppealOutcome,
        /// Why. It is kept for good.
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Who acts.
        #[command(flatten)]
        by: ByArguments,
    },
    /// Prints what the holder of an account is told. With --deliver it is sent to a webhook too.
    Notice(NoticeArguments),
}

/// How an appeal is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AppealOutcome {
    /// What was decided before stands.
    Upheld,
    /// It does not stand for this account.
    Overturned,
}

/// What somebody says: here, or in a file.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct SaidArguments {
    /// The text.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// A file with the text.
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
}

/// Who acts on an appeal.
#[derive(Debug, Args)]
pub struct ByArguments {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Who acts; the name of this user by default.
    #[arg(long = "as", value_name = "WHO")]
    pub who: Option<String>,
    /// Print the appeal as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `stillwatch appeal notice`.
#[derive(Debug, Args)]
pub struct NoticeArguments {
    /// The appeal that it is about: that it came, or how it was decided.
    #[arg(long, value_name = "APPEAL", requires = "data_dir")]
    pub appeal: Option<String>,
    /// The reason of the rule that decided, as `stillwatch policy explain` has it, where it is about no appeal yet.
    #[arg(long, value_name = "REASON", required_unless_present = "appeal", conflicts_with = "appeal", requires_all = ["account", "reference", "due"])]
    pub reason: Option<String>,
    /// The account, as its holder knows it.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// By what the holder refers to it when they write.
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// Until when an appeal would be answered, in the words of the notice.
    #[arg(long, value_name = "TEXT")]
    pub due: Option<String>,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The name of the service.
    #[arg(long, value_name = "NAME")]
    pub service: String,
    /// Where the holder can write.
    #[arg(long, value_name = "ADDRESS")]
    pub contact: String,
    /// The language; English where it has no template.
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub language: String,
    /// A folder of templates of your own, one file a language.
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// Send it to this webhook too: https://HOST/PATH. What is not taken within half a minute waits in the data directory, and
    /// the same command goes on with it.
    #[cfg(feature = "delivery")]
    #[arg(long, value_name = "URL", requires_all = ["appeal", "secret"])]
    pub deliver: Option<String>,
    /// The file with the webhook's secret.
    #[cfg(feature = "delivery")]
    #[arg(long, value_name = "FILE", requires = "deliver")]
    pub secret: Option<PathBuf>,
    /// Who sends it, for the record in the case; the name of this user by default.
    #[cfg(feature = "delivery")]
    #[arg(long = "as", value_name = "WHO", requires = "deliver")]
    pub who: Option<String>,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}
