//! The options of `stillwatch share`.

mod psi;

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

pub use psi::PsiCommand;
pub use psi::PsiFinishArguments;
pub use psi::PsiOwnArguments;
pub use psi::PsiPlaces;
#[cfg(feature = "console")]
pub use psi::PsiServeArguments;
#[cfg(feature = "console")]
pub use psi::PsiWithArguments;

/// What `stillwatch share` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch share export C-fecy91vc --found found --data-dir data --accounts accounts.jsonl --key group.key \\
      --format stix --tlp amber --provider \"Example Models\" --with forum --confirm-first-share forum --out pool.json
  stillwatch share import pool.json --from forum --data-dir data
  stillwatch share match --found found --data-dir data --accounts accounts.jsonl --key group.key
  stillwatch share serve --data-dir data --with forum=forum.token --listen 0.0.0.0:8491 --tls-cert cert.pem --tls-key key.pem
  stillwatch share fetch https://sharing.example.com:8491 --from forum --data-dir data --token-file forum.token

What leaves is as little as serves: rounded counts, and hashes under the group's key of values that five accounts or more
have. The first share with a group needs --confirm-first-share, and nothing leaves above the marking that it was confirmed for.
A group's key is 64 hexadecimal digits that its members have in common (openssl rand -hex 32). What comes in is shown, and
accuses nobody (docs/sharing.md). Exit status: 0 done; 2 bad usage; 4 it may not leave; 1 any other failure.";

/// `stillwatch share`.
#[derive(Debug, Subcommand)]
pub enum ShareCommand {
    /// Writes what may be shared of a campaign.
    Export(ShareExportArguments),
    /// Takes in what another provider shared.
    Import {
        /// A STIX 2.1 bundle or a MISP event.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Who sent it.
        #[arg(long, value_name = "NAME")]
        from: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print what was understood as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Says which campaigns have values that others shared, and how often all other accounts have them.
    Match(ShareMatchArguments),
    /// Serves what was exported as STIX to the groups that it was exported for, over TAXII 2.1.
    #[cfg(feature = "console")]
    Serve(ShareServeArguments),
    /// Takes in what a TAXII 2.1 server of another provider shows.
    #[cfg(feature = "console")]
    Fetch(ShareFetchArguments),
    /// Compares values with another provider, so that each learns which of its own the other has too, and nothing else.
    #[command(subcommand, after_long_help = psi::HELP)]
    Psi(PsiCommand),
    /// Lists what was shared with whom, and what came in.
    List {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `stillwatch share export`.
#[derive(Debug, Args)]
pub struct ShareExportArguments {
    /// The campaign, as campaigns.json has it.
    #[arg(value_name = "CAMPAIGN")]
    pub campaign: String,
    /// Folder of a hunt's results.
    #[arg(long, value_name = "DIR")]
    pub found: PathBuf,
    /// The data directory, which remembers what was shared with whom.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Account records, whose shared values become indicators.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub accounts: Vec<String>,
    /// The group's key: a file with 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The form.
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: ShareFormat,
    /// How far it may travel: clear, green, amber, amber+strict.
    #[arg(long, value_name = "LEVEL")]
    pub tlp: String,
    /// The name under which it is shared.
    #[arg(long, value_name = "NAME")]
    pub provider: String,
    /// The group that it is for.
    #[arg(long, value_name = "NAME")]
    pub with: String,
    /// The same name, where nothing was shared with it before.
    #[arg(long, value_name = "NAME")]
    pub confirm_first_share: Option<String>,
    /// Who shares it; the name of this user by default.
    #[arg(long = "as", value_name = "WHO")]
    pub who: Option<String>,
    /// The file.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `stillwatch share match`.
#[derive(Debug, Args)]
pub struct ShareMatchArguments {
    /// Folder of a hunt's results.
    #[arg(long, value_name = "DIR")]
    pub found: PathBuf,
    /// The data directory with what came in.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Account records.
    #[arg(long, value_name = "FILE", required = true)]
    pub accounts: Vec<String>,
    /// The group's key.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `stillwatch share serve`.
#[cfg(feature = "console")]
#[derive(Debug, Args)]
pub struct ShareServeArguments {
    /// The data directory, which has what was exported.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// A group, and the file of the token that it shows; repeatable.
    #[arg(long, value_name = "NAME[=FILE]", required = true)]
    pub with: Vec<String>,
    /// Where to listen; port 0 takes a free one. Beyond this machine only with TLS and tokens.
    #[arg(long, default_value = "127.0.0.1:8491", value_name = "HOST:PORT")]
    pub listen: String,
    /// Certificate in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

/// `stillwatch share fetch`.
#[cfg(feature = "console")]
#[derive(Debug, Args)]
pub struct ShareFetchArguments {
    /// The server: https://HOST:PORT, or the address at which it is discovered.
    #[arg(value_name = "URL")]
    pub url: String,
    /// Who runs it.
    #[arg(long, value_name = "NAME")]
    pub from: String,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The token or password that they gave.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The name that goes with a password; without it the token goes alone.
    #[arg(long, value_name = "NAME", requires = "token_file")]
    pub user: Option<String>,
    /// Certificates of authorities that are trusted beside those of the system.
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// Only the collection of this id.
    #[arg(long, value_name = "ID")]
    pub collection: Option<String>,
    /// Only what was added after this moment, such as 2026-05-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub added_after: Option<String>,
    /// Print what was understood as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A form of sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShareFormat {
    /// A STIX 2.1 bundle.
    Stix,
    /// A MISP event.
    Misp,
}
