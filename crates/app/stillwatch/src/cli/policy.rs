//! The options of `stillwatch policy`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

/// What `stillwatch policy` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch policy init rules
  stillwatch policy check rules && stillwatch policy test rules
  stillwatch policy backtest rules --data-dir data --found found
  stillwatch policy diff rules changed --found found
  stillwatch policy explain rules --account acct_17 --found found --country SG

Without a folder it is about the rules that come with the program. How a rule is written: docs/policy.md.
Exit status: 0 done, or all holds; 4 a folder is not fit, or its tests do not hold.";

/// `stillwatch policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Writes the rules that come with the program into a new folder.
    Init {
        /// The folder; it must not be there yet, or be empty.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Write every rule live. Without, those that act on people are in shadow.
        #[arg(long)]
        live: bool,
    },
    /// Says whether a folder is fit to be used.
    Check(FolderArguments),
    /// Runs the tests beside the rules, and names the rules that no test expects.
    Test(FolderArguments),
    /// Says what changes for whom between two folders.
    Diff(DiffArguments),
    /// Says which rules match a request of an account, and which attribute decided.
    Explain(Box<ExplainArguments>),
    /// Says whom each rule would have hit among recorded exchanges.
    Backtest(BacktestArguments),
}

/// When, and how the result is shown.
#[derive(Debug, Args)]
pub struct Asked {
    /// The day that is asked about: a date or RFC 3339; now by default.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// A folder of rules.
#[derive(Debug, Args)]
pub struct FolderArguments {
    /// Folder of rules; those that come with the program without one.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// When, and how the result is shown.
    #[command(flatten)]
    pub asked: Asked,
}

/// `stillwatch policy diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// Folder of rules as they are.
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// Folder of rules as they would be.
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// A hunt's results: says also which accounts would see a change when they ask for text.
    #[arg(long, value_name = "DIR")]
    pub found: Option<PathBuf>,
    /// Account records, JSON lines or Parquet.
    #[arg(long, value_name = "FILE")]
    pub accounts: Vec<String>,
    /// When, and how the result is shown.
    #[command(flatten)]
    pub asked: Asked,
}

/// `stillwatch policy explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Folder of rules; those that come with the program without one.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// The account that asks.
    #[arg(long, value_name = "ID")]
    pub account: String,
    /// A hunt's results: what is held of the account.
    #[arg(long, value_name = "DIR")]
    pub found: Option<PathBuf>,
    /// Account records, JSON lines or Parquet.
    #[arg(long, value_name = "FILE")]
    pub accounts: Vec<String>,
    /// What it asks for beyond text: reasoning, agent, logprobs, batch, tuning.
    #[arg(long, value_delimiter = ',', value_name = "CAPABILITY", value_parser = capability)]
    pub asks: Vec<policy::Capability>,
    /// What the answers are for: own, resale, training, evaluation.
    #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
    pub purpose: Option<policy::Purpose>,
    /// The way that the request comes: direct or partner.
    #[arg(long, value_name = "CHANNEL", value_parser = channel)]
    pub channel: Option<policy::Channel>,
    /// The partner says who stands behind the account.
    #[arg(long)]
    pub attested: bool,
    /// Place of the network: two letters.
    #[arg(long, value_name = "CODE", value_parser = country)]
    pub country: Option<[u8; 2]>,
    /// Exchanges of the account in the last day.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub exchanges_a_day: u64,
    /// When, and how the result is shown.
    #[command(flatten)]
    pub asked: Asked,
}

/// `stillwatch policy backtest`.
#[derive(Debug, Args)]
pub struct BacktestArguments {
    /// Folder of rules; those that come with the program without one.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Data directory with the recorded exchanges.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// A hunt's results: what is held of the accounts.
    #[arg(long, value_name = "DIR")]
    pub found: PathBuf,
    /// Account records, JSON lines or Parquet. Without them every account counts as not verified, and none as paying.
    #[arg(long, value_name = "FILE")]
    pub accounts: Vec<String>,
    /// When, and how the result is shown.
    #[command(flatten)]
    pub asked: Asked,
}

fn capability(text: &str) -> Result<policy::Capability, String> {
    policy::Capability::parse(text).ok_or_else(|| known(policy::Capability::ALL, policy::Capability::as_str))
}

fn purpose(text: &str) -> Result<policy::Purpose, String> {
    policy::Purpose::parse(text).ok_or_else(|| known(policy::Purpose::ALL, policy::Purpose::as_str))
}

fn channel(text: &str) -> Result<policy::Channel, String> {
    policy::Channel::parse(text).ok_or_else(|| known(policy::Channel::ALL, policy::Channel::as_str))
}

fn known<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> String {
    format!("one of {}", all.iter().map(|value| word(*value)).collect::<Vec<_>>().join(", "))
}

fn country(text: &str) -> Result<[u8; 2], String> {
    let code: Option<[u8; 2]> = text.as_bytes().try_into().ok();
    let code = code.filter(|code| code.iter().all(u8::is_ascii_alphabetic));
    code.map(|code| code.map(|byte| byte.to_ascii_uppercase())).ok_or_else(|| "two letters, such as SG".to_owned())
}
