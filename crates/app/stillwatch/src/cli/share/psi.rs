//! The options of `stillwatch share psi`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

/// What `stillwatch share psi` shows with `--help`.
pub const HELP: &str = "\
Two providers, three files. The one who begins:
  stillwatch share psi start --found found --accounts accounts.jsonl --data-dir data \\
      --with other --tlp amber --confirm-first-share other --state psi.state --out offer.psi
  Send offer.psi.
The other, with its own values:
  stillwatch share psi answer offer.psi --values values.txt --data-dir data \\
      --with example --tlp amber --confirm-first-share example --state psi.state --out answer.psi
  Send answer.psi back.
The first, who is shown the common values, and the other, who then is too:
  stillwatch share psi finish answer.psi --state psi.state --out closing.psi
  Send closing.psi.
  stillwatch share psi finish closing.psi --state psi.state

Or over HTTPS, in one step, where both have the same token (openssl rand -hex 32):
  stillwatch share psi serve --listen 0.0.0.0:8490 --tls-cert cert.pem --tls-key key.pem \\
      --token-file token --values values.txt --data-dir data \\
      --with example --tlp amber --confirm-first-share example
  stillwatch share psi with https://sharing.example.com:8490 --token-file token \\
      --values values.txt --data-dir data --with other --tlp amber --confirm-first-share other

Each learns which of its own values the other has, and how many values the other has, rounded up to a power of two of 1024 or \
more. The one who begins knows first, and might never send the closing. What is a common value for one of them was in the \
other's list: nobody can invent one. But the other may have guessed it, and may hide what it has: compare with those only \
whom you trust that far (docs/sharing.md).

A list of values has a kind and a value on each line: payment, device, phone, signup-address. Both have to write values alike; \
large and small letters count as equal. The state has your values in the clear, and a secret, until the last step removes it.
Exit status: 0 done; 2 bad usage; 4 it may not leave, or the other's message is refused; 1 any other failure.";

/// `stillwatch share psi`.
#[derive(Debug, Subcommand)]
pub enum PsiCommand {
    /// Begins, and writes what is to be sent to the other provider.
    Start {
        #[command(flatten)]
        own: PsiOwnArguments,
        #[command(flatten)]
        places: PsiPlaces,
    },
    /// Answers what another provider sent.
    Answer {
        /// The offer that came.
        #[arg(value_name = "OFFER")]
        offer: PathBuf,
        #[command(flatten)]
        own: PsiOwnArguments,
        #[command(flatten)]
        places: PsiPlaces,
    },
    /// Says which values are common, from the answer or the closing that came, and ends with removing the state.
    Finish(PsiFinishArguments),
    /// Waits for one comparison over HTTP, answers it, and says which values are common.
    #[cfg(feature = "console")]
    Serve(PsiServeArguments),
    /// Compares with a provider that waits at an address.
    #[cfg(feature = "console")]
    With(PsiWithArguments),
}

/// What is compared, and with whom.
#[derive(Debug, Args)]
pub struct PsiOwnArguments {
    /// Folder of a hunt's results: compares what five accounts or more of a discovered campaign have.
    #[arg(long, value_name = "DIR", requires = "accounts", required_unless_present = "values")]
    pub found: Option<PathBuf>,
    /// Account records, which have the values.
    #[arg(long, value_name = "FILE", requires = "found")]
    pub accounts: Vec<String>,
    /// Compares the values of a file: a kind and a value on each line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["found", "accounts"])]
    pub values: Option<PathBuf>,
    /// The data directory, which remembers what was shared with whom.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The other provider.
    #[arg(long, value_name = "NAME")]
    pub with: String,
    /// How far what it learns may travel: clear, green, amber, amber+strict.
    #[arg(long, value_name = "LEVEL")]
    pub tlp: String,
    /// The same name, where nothing was shared with it before.
    #[arg(long, value_name = "NAME")]
    pub confirm_first_share: Option<String>,
    /// Who compares; the name of this user by default.
    #[arg(long = "as", value_name = "WHO")]
    pub who: Option<String>,
    /// Print what was done as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Where a step that begins writes.
#[derive(Debug, Args)]
pub struct PsiPlaces {
    /// What is kept until the next step, readable by its owner only.
    #[arg(long, value_name = "FILE")]
    pub state: PathBuf,
    /// The message for the other provider.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `stillwatch share psi finish`.
#[derive(Debug, Args)]
pub struct PsiFinishArguments {
    /// The answer or the closing that came.
    #[arg(value_name = "MESSAGE")]
    pub message: PathBuf,
    /// What the step before kept. It is removed.
    #[arg(long, value_name = "FILE")]
    pub state: PathBuf,
    /// The closing for the other provider, where an answer came.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print the common values as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `stillwatch share psi serve`.
#[cfg(feature = "console")]
#[derive(Debug, Args)]
pub struct PsiServeArguments {
    #[command(flatten)]
    pub own: PsiOwnArguments,
    /// Where to listen; port 0 takes a free one. Beyond this machine only with TLS and a token.
    #[arg(long, default_value = "127.0.0.1:8490", value_name = "HOST:PORT")]
    pub listen: String,
    /// Certificate in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A token that the other provider has to show (openssl rand -hex 32).
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// `stillwatch share psi with`.
#[cfg(feature = "console")]
#[derive(Debug, Args)]
pub struct PsiWithArguments {
    /// The other provider's address: https://HOST:PORT.
    #[arg(value_name = "URL")]
    pub url: String,
    #[command(flatten)]
    pub own: PsiOwnArguments,
    /// The token that the other provider gave.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificates of authorities that are trusted beside those of the system.
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
}
