//! The options of `stillwatch range`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::show::ShowArguments;

/// `stillwatch range`.
#[derive(Debug, Subcommand)]
pub enum RangeCommand {
    /// Lists the worlds that come with the program.
    Worlds,
    /// Makes a world: exchanges, accounts, and the truth about them.
    #[command(after_long_help = "Example: stillwatch range generate --world demo --seed 1 --out world")]
    Generate(GenerateArguments),
    /// Scores what a hunt found against the truth.
    #[command(after_long_help = "Example: stillwatch range score --truth world/truth.json --found found")]
    Score {
        /// The world's truth.
        #[arg(long, value_name = "FILE")]
        truth: PathBuf,
        /// The hunt's results.
        #[arg(long, value_name = "DIR")]
        found: PathBuf,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
}

/// `stillwatch range generate`.
#[derive(Debug, Args)]
pub struct GenerateArguments {
    /// A world file, or the name of one that comes with the program.
    #[arg(long, value_name = "FILE|NAME")]
    pub world: String,
    /// Seed: the same world and seed give the same bytes.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Folder for the world.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write exchanges as Parquet instead of compressed JSON lines.
    #[arg(long)]
    pub parquet: bool,
    /// Write a data directory, as an ingest of the log would make it, and no log; prompts are not kept.
    #[arg(long, conflicts_with = "parquet")]
    pub columnar: bool,
    /// Account shards a day of the data directory is cut into.
    #[arg(long, default_value_t = 4, requires = "columnar", value_name = "N",
          value_parser = clap::value_parser!(u8).range(1..=99))]
    pub shards: u8,
    /// Take texts from a file instead of the program's own grammars: benign=FILE or work=FILE.
    #[arg(long, value_name = "KIND=FILE", value_parser = parse_pool)]
    pub pool: Vec<(String, PathBuf)>,
    /// Take arrivals from a trace instead of a daily cycle.
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Multiplies the number of accounts of every population.
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    pub scale: f64,
    /// Set a key of every campaign of the world to another value (repeatable).
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_setting)]
    pub set: Vec<(String, String)>,
    /// Which generator writes the texts; the world says by default.
    #[arg(long, value_name = "first|second", value_parser = parse_voice)]
    pub voice: Option<range::TextVoice>,
    /// How progress and results are shown.
    #[command(flatten)]
    pub show: ShowArguments,
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("a campaign's key and its value, such as cover=0.6".to_owned()),
    }
}

fn parse_voice(text: &str) -> Result<range::TextVoice, String> {
    match text {
        "first" => Ok(range::TextVoice::First),
        "second" => Ok(range::TextVoice::Second),
        _ => Err("first or second".to_owned()),
    }
}

fn parse_pool(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((kind @ ("benign" | "work"), file)) if !file.is_empty() => Ok((kind.to_owned(), PathBuf::from(file))),
        _ => Err("benign=FILE or work=FILE".to_owned()),
    }
}
