//! The options of `stillwatch serve` and `stillwatch token`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

/// What `stillwatch serve` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch hunt data --data-dir data --out found
  stillwatch token create --data-dir data --as ann@example.com --role analyst
  stillwatch serve --data-dir data --found found
  stillwatch user add ann@example.com --data-dir data --role analyst      to sign in to the page
  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8480/api/v1/campaigns

A later hunt into the same folder is served without a restart. What there is: /api/v1/openapi.json and docs/api.md.";

/// What `stillwatch token` shows with `--help`.
pub const TOKEN_HELP: &str = "\
Examples:
  stillwatch token create --data-dir data --as ann@example.com --role analyst
  stillwatch token list --data-dir data
  stillwatch token revoke 3f9a01c2d4e5 --data-dir data

A token is printed once and kept as a hash. It stands for the person whom --as names: what is done with it is theirs.";

/// `stillwatch serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// The data directory: ledger, cases, tokens.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The output folder of a hunt.
    #[arg(long, value_name = "DIR")]
    pub found: PathBuf,
    /// The folder of policies; the shipped ones without.
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// The folder of the page, as `cargo xtask console` builds it; the page inside the program without.
    #[arg(long, value_name = "DIR")]
    pub console: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one. Beyond this machine only with TLS.
    #[arg(long, default_value = "127.0.0.1:8480", value_name = "HOST:PORT")]
    pub listen: String,
    /// Certificate in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

/// `stillwatch token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Makes a token and prints it, once.
    Create {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Whose it is.
        #[arg(long = "as", value_name = "WHO")]
        who: String,
        /// What its holder may do; repeatable.
        #[arg(long, value_enum, required = true, value_name = "ROLE")]
        role: Vec<Role>,
    },
    /// Lists tokens, without their secrets.
    List {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Takes a token back, at once.
    Revoke {
        /// Its name, as `token list` has it.
        #[arg(value_name = "ID")]
        id: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
    },
}

/// What `stillwatch user` shows with `--help`.
pub const USER_HELP: &str = "\
Examples:
  stillwatch user add ann@example.com --data-dir data --role analyst       asks for a password
  stillwatch user add ann@example.com --data-dir data --role analyst < password.txt
  stillwatch user role ann@example.com --data-dir data --role analyst --role second
  stillwatch user remove ann@example.com --data-dir data

A user signs in to the page with a password and a one-time password. The address for the authenticator is printed once. Who is
removed is signed out at once. For programs there are tokens: stillwatch token.";

/// `stillwatch user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds somebody. The password is the first line of standard input.
    Add {
        /// Their name: this is who acts.
        #[arg(value_name = "WHO")]
        who: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// What they may do; repeatable.
        #[arg(long, value_enum, required = true, value_name = "ROLE")]
        role: Vec<Role>,
        /// Let them sign in with the password alone.
        #[arg(long)]
        without_totp: bool,
    },
    /// Lists users, without their secrets.
    List {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Removes somebody, and signs them out at once.
    Remove {
        /// Their name.
        #[arg(value_name = "WHO")]
        who: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
    },
    /// Gives somebody these roles and no others.
    Role {
        /// Their name.
        #[arg(value_name = "WHO")]
        who: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// What they may do; repeatable.
        #[arg(long, value_enum, required = true, value_name = "ROLE")]
        role: Vec<Role>,
    },
}

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Look at everything but prompts' text.
    Reader,
    /// Act on cases.
    Analyst,
    /// Approve what another person proposed.
    Second,
    /// Change rules.
    Policy,
    /// All of it.
    Admin,
}
