//! The options of `stillwatch report`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

/// What `stillwatch report` shows with `--help`.
pub const HELP: &str = "\
Examples:
  stillwatch report brief C-fecy91vc --data-dir data --out papers
  stillwatch report letter C-fecy91vc --data-dir data --out papers
  stillwatch report quarterly --quarter 2026-Q2 --data-dir data --out papers

Each paper is one HTML file that prints on A4; a browser makes a PDF of it. Beside each stands a file of texts that only a person
can write: it is made once and never written over, and the paper is made anew from it each time. Numbers of a case are the
claims of its dossier (docs/reports.md). Exit status: 0 done; 2 bad usage, or a file of texts that is not fit; 1 any other failure.";

/// `stillwatch report`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// One page on a case, for people who decide.
    Brief(CasePaperArguments),
    /// Two pages to an authority about a case.
    Letter(CasePaperArguments),
    /// All cases of a quarter together, with nobody recognisable.
    Quarterly {
        /// The quarter, such as 2026-Q2; that of the latest campaign by default.
        #[arg(long, value_name = "QUARTER")]
        quarter: Option<String>,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// Folder of the papers and their texts.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// A paper about a case.
#[derive(Debug, Args)]
pub struct CasePaperArguments {
    /// Cases; all campaigns that are discovered by default.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Folder of the papers and their texts.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}
