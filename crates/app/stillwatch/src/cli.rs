//! The command line.

mod appeal;
mod attribute;
mod audit;
mod backup;
mod bank;
mod case;
#[cfg(feature = "cluster")]
mod cluster;
mod doctor;
mod fsck;
#[cfg(feature = "gate")]
pub mod gate;
mod ledger;
#[cfg(feature = "policy")]
pub mod policy;
mod range;
mod reading;
mod report;
mod result;
#[cfg(feature = "console")]
pub mod serve;
mod share;
mod show;
#[cfg(feature = "cluster")]
pub mod sql;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
mod up;
#[cfg(feature = "watch")]
mod watch;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap_complete::Shell;

pub use appeal::AppealCommand;
pub use appeal::AppealOutcome;
pub use appeal::ByArguments;
pub use appeal::NoticeArguments;
pub use appeal::SaidArguments;
pub use attribute::AttributeArguments;
pub use audit::AuditArguments;
pub use backup::BackupArguments;
pub use backup::RestoreArguments;
pub use bank::BankCommand;
pub use bank::BuildArguments;
pub use case::AccountArguments;
pub use case::ActArguments;
pub use case::CaseCommand;
pub use case::ExportArguments;
pub use case::For;
pub use case::Measure;
pub use case::SourceArguments;
pub use case::SourceCommand;
pub use case::SourceTier;
pub use case::Text;
pub use case::VerifyArguments;
#[cfg(feature = "cluster")]
pub use cluster::ExecutorArguments;
#[cfg(feature = "cluster")]
pub use cluster::KeyArguments;
#[cfg(feature = "cluster")]
pub use cluster::Loudness;
#[cfg(feature = "cluster")]
pub use cluster::SchedulerArguments;
pub use doctor::DoctorArguments;
pub use fsck::FsckArguments;
pub use ledger::LedgerCommand;
pub use ledger::ProofArguments;
pub use ledger::TimestampArguments;
pub use ledger::VerifyLedgerArguments;
pub use range::GenerateArguments;
pub use range::RangeCommand;
pub use reading::Reading;
pub use report::CasePaperArguments;
pub use report::ReportCommand;
pub use result::ShowResultArguments;
pub use share::PsiCommand;
pub use share::PsiFinishArguments;
pub use share::PsiOwnArguments;
pub use share::PsiPlaces;
#[cfg(feature = "console")]
pub use share::PsiServeArguments;
#[cfg(feature = "console")]
pub use share::PsiWithArguments;
pub use share::ShareCommand;
pub use share::ShareExportArguments;
#[cfg(feature = "console")]
pub use share::ShareFetchArguments;
pub use share::ShareFormat;
pub use share::ShareMatchArguments;
#[cfg(feature = "console")]
pub use share::ShareServeArguments;
pub use show::ShowArguments;
pub use show::When;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
#[cfg(feature = "demo")]
pub use up::PlayArguments;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
pub use up::UpArguments;
#[cfg(feature = "watch")]
pub use watch::WatchArguments;

/// Finds, proves and stops illicit distillation: many accounts, run as one, that harvest a model's answers.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Logs in, campaigns out.
    #[command(after_long_help = HUNT_HELP)]
    Hunt(Box<HuntArguments>),
    /// Turns logs into partitioned Parquet that hunts and your own tools read fast.
    #[command(after_long_help = INGEST_HELP)]
    Ingest(IngestArguments),
    /// Distributes the plans of hunts to executors: the coordinator of a cluster.
    #[cfg(feature = "cluster")]
    #[command(after_long_help = cluster::HELP)]
    Scheduler(SchedulerArguments),
    /// Runs the tasks of a scheduler: a worker of a cluster.
    #[cfg(feature = "cluster")]
    #[command(after_long_help = cluster::HELP)]
    Executor(ExecutorArguments),
    /// Queries the exchanges of a data directory with SQL. Read only.
    #[cfg(feature = "cluster")]
    #[command(after_long_help = sql::HELP)]
    Sql(sql::SqlArguments),
    /// Folds ahead what a data directory holds, so that hunts read profiles instead of exchanges.
    #[command(after_long_help = FOLD_HELP)]
    Fold(FoldArguments),
    /// Looks for what would go wrong, and says how it is mended.
    #[command(after_long_help = doctor::HELP)]
    Doctor(DoctorArguments),
    /// Says what is wrong with a data directory, and mends what can be.
    #[command(after_long_help = fsck::HELP)]
    Fsck(FsckArguments),
    /// Writes a data directory into one file, while others may write there.
    #[command(after_long_help = backup::BACKUP_HELP)]
    Backup(BackupArguments),
    /// Restores a backup as a new data directory, or says whether it is whole.
    #[command(after_long_help = backup::RESTORE_HELP)]
    Restore(RestoreArguments),
    /// Shows and checks the ledger of a data directory: what was recorded, and that it was not changed since.
    #[command(subcommand, after_long_help = ledger::HELP)]
    Ledger(LedgerCommand),
    /// Lists, shows, decides and exports cases: what hunts with a data directory have found, and what people said of it.
    #[command(subcommand, after_long_help = case::HELP)]
    Case(CaseCommand),
    /// Appeals against what was decided: written down, read by somebody else, decided, and told.
    #[command(subcommand, after_long_help = appeal::HELP)]
    Appeal(AppealCommand),
    /// Writes papers for people who decide: a brief, a letter to an authority, a report on a quarter.
    #[command(subcommand, after_long_help = report::HELP)]
    Report(ReportCommand),
    /// Checks an exported case, or the proof of an exchange, and says line by line what holds.
    #[command(after_long_help = case::VERIFY_HELP)]
    Verify(VerifyArguments),
    /// Says who may be behind a campaign, and why nobody is named where nobody is.
    #[command(after_long_help = attribute::HELP)]
    Attribute(AttributeArguments),
    /// Says whether a model was trained on answers that a campaign was served, and how much it could have seen.
    #[command(after_long_help = audit::HELP)]
    Audit(AuditArguments),
    /// Shares what may be shared of a campaign with other providers, and takes in what they share.
    #[command(subcommand, after_long_help = share::HELP)]
    Share(ShareCommand),
    /// Makes and shows banks: the honest groups that groups are judged against.
    #[command(subcommand, after_long_help = bank::HELP)]
    Bank(BankCommand),
    /// Checks, tests and backtests the rules of what an account may do.
    #[cfg(feature = "policy")]
    #[command(subcommand, after_long_help = policy::HELP)]
    Policy(policy::PolicyCommand),
    /// Runs the gate, the live engine and the API on one machine.
    #[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
    #[command(after_long_help = up::HELP)]
    Up(UpArguments),
    /// Finds campaigns while they run: takes exchanges as they happen, and assesses them again and again.
    #[cfg(feature = "watch")]
    #[command(after_long_help = watch::HELP)]
    Watch(WatchArguments),
    /// Stands before an API: decides on each request, and writes down what passed.
    #[cfg(feature = "gate")]
    #[command(after_long_help = gate::HELP)]
    Gate(gate::GateArguments),
    /// Serves what a hunt found, cases and the ledger over HTTP: the API and the page.
    #[cfg(feature = "console")]
    #[command(after_long_help = serve::HELP)]
    Serve(serve::ServeArguments),
    /// Adds, lists and removes those who sign in to the page, and says what they may do.
    #[cfg(feature = "console")]
    #[command(subcommand, after_long_help = serve::USER_HELP)]
    User(serve::UserCommand),
    /// Makes, lists and revokes the tokens of those who may use the API.
    #[cfg(feature = "console")]
    #[command(subcommand, after_long_help = serve::TOKEN_HELP)]
    Token(serve::TokenCommand),
    /// Shows what a hunt's results say of one account, campaign, lead or item.
    #[command(after_long_help = result::HELP)]
    Show(ShowResultArguments),
    /// Makes worlds whose truth is known, and scores what was found in them.
    #[command(subcommand)]
    Range(RangeCommand),
    /// Prints a completion script for a shell.
    #[command(after_long_help = "Example: stillwatch completions bash > /etc/bash_completion.d/stillwatch")]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Writes the pages of the manual into a folder: packages have them.
    #[command(hide = true)]
    Manual {
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Decodes one Parquet file for the process that started this one.
    #[command(hide = true)]
    DecodeTable {
        /// A path, or the URL of an object.
        place: PathBuf,
    },
}

const HUNT_HELP: &str = "\
Examples:
  stillwatch hunt logs/ --accounts accounts.jsonl --out found
  stillwatch hunt 'logs/2026-05-*.jsonl.zst' --reference trusted/ --data-dir data --out found
  stillwatch hunt data --since 2026-05-01 --until 2026-06-01 --out found --json
  stillwatch hunt s3://bucket/data --engine ballista://scheduler:50050 --out found

Results in --out: report.html to look at, and campaigns.json, accounts.jsonl, leads.json, groups.jsonl, rejects.jsonl,
summary.json, charts.json for programs.
Exit status: 0 done, whatever was found; 2 bad usage; 3 nothing readable, or more than --max-rejects refused (the
results are still written); 1 any other failure.";

const INGEST_HELP: &str = "\
Examples:
  stillwatch ingest logs/ --data-dir data
  stillwatch hunt data --out found

The same records twice change nothing. Texts are not stored unless --keep-text is given.";

const FOLD_HELP: &str = "\
Examples:
  stillwatch fold --data-dir data                      after each ingest, or every hour
  stillwatch fold logs/2026-06-05/ --data-dir data     ingests first

Folding again costs what is new and changes nothing else. `stillwatch hunt data` uses increments by itself where they are
fresh, and finds the same. Increments of several machines are hunted together: stillwatch hunt data-a data-b --out found";

/// `stillwatch hunt`.
#[derive(Debug, Args)]
pub struct HuntArguments {
    /// Files, folders, globs or object-store URLs of logs, or data directories that `ingest` made.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Folder for the results; replaced as a whole when the hunt is done.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub reading: Reading,
    /// Account records, JSON lines or Parquet. Without them nothing is known of who the accounts are.
    #[arg(long, value_name = "FILE")]
    pub accounts: Vec<String>,
    /// Traffic of trusted benign accounts: groups are judged against the groups in it, beside those of the built-in bank.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub reference: Vec<String>,
    /// Account records of the reference.
    #[arg(long, value_name = "FILE", requires = "reference")]
    pub reference_accounts: Vec<String>,
    /// Static word vectors to compare texts by, as GloVe and fastText write them; built-in hashes of words without.
    #[arg(long, value_name = "FILE")]
    pub embedding: Option<PathBuf>,
    /// Enforcement acts, JSON lines with `at`, `account` and `action`: shows whose work moves when accounts are shut out.
    #[arg(long, value_name = "FILE")]
    pub actions: Vec<String>,
    /// List of e-mail domains that give addresses away for minutes, one a line.
    #[arg(long, value_name = "FILE")]
    pub disposable_domains: Option<PathBuf>,
    /// List of numbers of hosting and proxy networks, one a line.
    #[arg(long, value_name = "FILE")]
    pub hosting_asns: Option<PathBuf>,
    /// Organisations that may be behind campaigns, a folder of TOML files or one of them (docs/attribution.md).
    #[arg(long, value_name = "FILE|DIR")]
    pub entities: Option<PathBuf>,
    /// Files of honest groups to judge groups against, beside the built-in ones: see `stillwatch bank`.
    #[arg(long, value_name = "FILE")]
    pub bank: Vec<PathBuf>,
    /// False discovery rate of campaigns whose accounts are implicated.
    #[arg(long, default_value_t = 0.01, value_name = "RATE")]
    pub fdr: f64,
    /// False discovery rate of campaigns that are suspected, and looked into.
    #[arg(long, default_value_t = 0.1, value_name = "RATE")]
    pub fdr_suspected: f64,
    /// First moment to look at: a date or RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// End of what to look at, which is left out: a date or RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Where exchanges are folded to profiles: `local`, or a cluster as `ballista://HOST:PORT`.
    #[arg(long, default_value = "local", value_name = "ENGINE")]
    pub engine: String,
    /// What the cluster has in common.
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub keys: KeyArguments,
    /// Keep the columnar form and campaign ids here across runs.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Also write ties.parquet and registration.parquet: what accounts have in common, for your own engine (see sql/).
    #[arg(long)]
    pub keep_ties: bool,
    /// Most records that may be refused before the exit status is 3: a share, or a percentage.
    #[arg(long, default_value = "1%", value_name = "SHARE", value_parser = parse_share)]
    pub max_rejects: f64,
    /// Threads; all cores by default.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}

/// `stillwatch ingest`.
#[derive(Debug, Args)]
pub struct IngestArguments {
    /// Files, folders, globs or object-store URLs of logs.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Data directory to add to; made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    #[command(flatten)]
    pub reading: Reading,
    /// Store the caller's text too, and keys, end users and addresses as --keep-identifiers does. Prompts are private: leave
    /// this off unless a case needs them.
    #[arg(long)]
    pub keep_text: bool,
    /// Store keys, end users and addresses as the log tells them; else as keyed hashes, which are equal where they are.
    #[arg(long)]
    pub keep_identifiers: bool,
    /// Static word vectors to compare texts by, as GloVe and fastText write them; built-in hashes of words without.
    #[arg(long, value_name = "FILE")]
    pub embedding: Option<PathBuf>,
    /// Do not add to the ledger: the next ingest without this does.
    #[arg(long)]
    pub no_ledger: bool,
    /// Account shards a day is cut into.
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=99))]
    pub shards: u8,
    /// Most records that may be refused before the exit status is 3: a share, or a percentage.
    #[arg(long, default_value = "1%", value_name = "SHARE", value_parser = parse_share)]
    pub max_rejects: f64,
    /// Threads; all cores by default.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}

/// `stillwatch fold`.
#[derive(Debug, Args)]
pub struct FoldArguments {
    /// Logs to ingest into the data directory first: files, folders, globs or object-store URLs.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Data directory whose exchanges are folded.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    #[command(flatten)]
    pub reading: Reading,
    /// Static word vectors to compare texts by; as for `ingest`.
    #[arg(long, value_name = "FILE")]
    pub embedding: Option<PathBuf>,
    /// Keep blocks of eight days and not the days in them: a third of the room, and a hunt whose window cuts a block
    /// reads exchanges there.
    #[arg(long)]
    pub compact: bool,
    /// Most records that may be refused before the exit status is 3: a share, or a percentage.
    #[arg(long, default_value = "1%", value_name = "SHARE", value_parser = parse_share)]
    pub max_rejects: f64,
    /// Threads; all cores by default.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}

fn parse_share(text: &str) -> Result<f64, String> {
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 0.01));
    match number.trim().parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&(share * scale)) => Ok(share * scale),
        _ => Err("a share between 0 and 1, or a percentage, such as 0.01 or 1%".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn shares_are_shares() {
        assert_eq!(parse_share("1%"), Ok(0.01));
        assert_eq!(parse_share("0.2"), Ok(0.2));
        assert!(parse_share("20").is_err());
        assert!(parse_share("-1%").is_err());
    }
}
