//! How a world is to be made.

use std::path::PathBuf;

use crate::world::TextVoice;

/// The files that exchanges are written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// `exchanges.jsonl.zst`.
    #[default]
    Lines,
    /// `exchanges.parquet`.
    Parquet,
    /// A data directory: what `stillwatch ingest` would make of the lines, so many account shards a day. It keeps no text.
    Columnar {
        /// From 1 to 99.
        shards: u8,
    },
}

/// How a world is to be made.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// The seed: the same world, seed and options give the same bytes.
    pub seed: u64,
    /// The files that exchanges are written to.
    pub form: Form,
    /// Files whose texts replace generated ones, each with `benign` or `work`.
    pub pools: Vec<(String, PathBuf)>,
    /// A recorded arrival process that replaces the generated ones.
    pub trace: Option<PathBuf>,
    /// Multiplies the numbers of accounts.
    pub scale: f64,
    /// Which generator writes the texts; the world says by default.
    pub voice: Option<TextVoice>,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        GenerateOptions { seed: 1, form: Form::Lines, pools: Vec::new(), trace: None, scale: 1.0, voice: None }
    }
}
