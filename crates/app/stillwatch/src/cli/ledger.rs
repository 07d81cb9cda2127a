//! The options of `stillwatch ledger`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::show::ShowArguments;

/// What `stillwatch ledger` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch ledger head --data-dir data > head.txt          give it to somebody who is to hold you to it
  stillwatch ledger verify --data-dir data --checkpoint head.txt
  stillwatch ledger proof --data-dir data --exchange req_01 --out proof.json
  stillwatch verify proof.json --trust data/ledger/key.pub
  stillwatch ledger cosign --data-dir data --key witness.key --name witness.example
  stillwatch ledger timestamp --data-dir data --url http://tsa.example --tsa-cert tsa.pem

What the ledger holds and what it proves: docs/ledger.md.";

/// `stillwatch ledger`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Prints the signed head of a data directory's ledger.
    Head {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print it as JSON, with its key and the witnesses who signed it.
        #[arg(long)]
        json: bool,
    },
    /// Shows that an exchange, or an entry, is in the ledger.
    Proof(ProofArguments),
    /// Reads the ledger, and the exchanges that it commits to, and names everything that is not as it was.
    Verify(VerifyLedgerArguments),
    /// Signs the head as a witness, who signs only what goes on from what they saw before.
    Cosign {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// The witness's key, made where there is none. What the witness saw last is kept beside it.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The witness's name, for a key that is made: like the name of a site, without spaces.
        #[arg(long, value_name = "NAME", default_value = "witness")]
        name: String,
    },
    /// Asks a time-stamping authority (RFC 3161) to sign the head with the time, or checks and keeps what it answered.
    Timestamp(TimestampArguments),
}

/// `stillwatch ledger timestamp`.
#[derive(Debug, Args)]
pub struct TimestampArguments {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// An authority's answer to the query: it is checked and kept beside the ledger.
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub response: Option<PathBuf>,
    /// Send the query there, over plain HTTP, and keep the answer. Without, the query is written to a file.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The certificate of the authority, or of one that vouches for it, in PEM or DER: an answer by anybody else is refused.
    #[arg(long, value_name = "FILE")]
    pub tsa_cert: Vec<PathBuf>,
}

/// `stillwatch ledger proof`.
#[derive(Debug, Args)]
pub struct ProofArguments {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The id of an exchange.
    #[arg(long, value_name = "ID", required_unless_present = "entry", conflicts_with = "entry")]
    pub exchange: Option<String>,
    /// The account of the exchange, where several have one of that id.
    #[arg(long, value_name = "ACCOUNT", requires = "exchange")]
    pub account: Option<String>,
    /// Show keys, addresses and names too, as far as they are stored.
    #[arg(long, requires = "exchange")]
    pub identifiers: bool,
    /// Show the text too, where it is stored.
    #[arg(long, requires = "exchange")]
    pub text: bool,
    /// The number of an entry of the ledger; the proof is in the form of C2SP tlog-proof.
    #[arg(long, value_name = "N")]
    pub entry: Option<u64>,
    /// Where to write; standard output without.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `stillwatch ledger verify`.
#[derive(Debug, Args)]
pub struct VerifyLedgerArguments {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// A head of this ledger that was kept elsewhere: only such a one shows that all of it was signed anew.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// Leave out the exchanges, and read the ledger alone.
    #[arg(long)]
    pub log_only: bool,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}
