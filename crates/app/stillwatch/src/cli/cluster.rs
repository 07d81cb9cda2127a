//! The options of `stillwatch scheduler` and `stillwatch executor`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use ::cluster::Address;
use clap::Args;
use clap::ValueEnum;

/// What both show with `--help`.
pub const HELP: &str = "\
Example, on one machine:
  stillwatch scheduler --bind 127.0.0.1:50050
  stillwatch executor --scheduler 127.0.0.1:50050 --bind 127.0.0.1:0
  stillwatch hunt data --engine ballista://127.0.0.1:50050 --out found

On many machines: docs/cluster.md.";

/// What the parts of one cluster have in common and nobody else has.
#[derive(Debug, Args)]
pub struct KeyArguments {
    /// File with the token that every part of the cluster was given; $STILLWATCH_TOKEN without, and then one that this
    /// user's parts share, which the first of them makes.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificate to show to the other parts, in PEM form; with it every connection of the cluster is TLS.
    #[arg(long, value_name = "FILE", requires_all = ["tls_key", "tls_ca"])]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Authority whose certificates the other parts must show.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_ca: Option<PathBuf>,
}

/// What makes a part of a cluster safe.
#[derive(Debug, Args)]
pub struct SafetyArguments {
    /// What the cluster has in common.
    #[command(flatten)]
    pub keys: KeyArguments,
    /// Listen beyond this machine without TLS: nobody else can reach or hear the network.
    #[arg(long)]
    pub network_is_trusted: bool,
    /// What is told on standard error: of the engine, and of ours.
    #[arg(long, value_enum, default_value_t = Loudness::Warn, value_name = "LEVEL")]
    pub log: Loudness,
}

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Loudness {
    /// What failed.
    Error,
    /// And what may be about to.
    Warn,
    /// And each job and task.
    Info,
}

/// `stillwatch scheduler`.
#[derive(Debug, Args)]
pub struct SchedulerArguments {
    /// Where to listen; port 0 takes a free one, which is printed.
    #[arg(long, default_value = "127.0.0.1:50050", value_name = "HOST:PORT")]
    pub bind: Address,
    /// What makes it safe.
    #[command(flatten)]
    pub safety: SafetyArguments,
}

/// `stillwatch executor`.
#[derive(Debug, Args)]
pub struct ExecutorArguments {
    /// The scheduler to work for.
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: Address,
    /// Where to listen for others that fetch results; port 0 takes a free one, which is printed.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "HOST:PORT")]
    pub bind: Address,
    /// Host by which others reach this executor, where that is not the one of --bind.
    #[arg(long, value_name = "HOST")]
    pub advertise: Option<String>,
    /// Folder for partial results; a temporary one by default.
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
    /// Tasks at a time; one a core by default.
    #[arg(long, value_name = "N")]
    pub slots: Option<NonZeroUsize>,
    /// Memory that tasks share before they spill to disk, in gibibytes.
    #[arg(long, default_value_t = 4, value_name = "GIB", value_parser = clap::value_parser!(u16).range(1..))]
    pub memory: u16,
    /// What makes it safe.
    #[command(flatten)]
    pub safety: SafetyArguments,
}
