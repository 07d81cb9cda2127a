//! A log with what several methods need of it, made once.

use std::time::Instant;

use crate::cells::Cells;
use crate::embed::Embedder;
use crate::embed::Vectors;
use crate::error::Error;
use crate::log::Log;
use crate::text::hash;
use crate::truth::Truth;

/// A log, vectors and template cells of its exchanges, and accounts that are trusted.
#[derive(Debug)]
pub struct World {
    /// The log.
    pub log: Log,
    /// Vector of each exchange's text, in the order of the log.
    pub vectors: Vectors,
    /// Template cells of each exchange.
    pub(crate) cells: Cells,
    /// Whether each account is in the trusted half of the honest ones, by index. Methods that need a benign
    /// reference take it from here and do not accuse these accounts.
    pub trusted: Vec<bool>,
    /// Seconds that it took to make vectors and cells.
    pub seconds: f64,
}

impl World {
    /// Prepares a log. Half of the honest accounts is trusted, by a hash of their names: a reference without a
    /// single hostile account, which no provider has and which favours the methods that use it.
    ///
    /// # Errors
    /// If a text cannot be embedded.
    pub fn prepare(log: Log, truth: &Truth, embedder: &dyn Embedder) -> Result<Self, Error> {
        let started = Instant::now();
        let vectors = Vectors::of(embedder, log.queries.iter().map(|query| query.text.as_ref()))?;
        let cells = Cells::of(&log);
        let seconds = started.elapsed().as_secs_f64();
        let kinds = truth.kinds();
        let trusted = log
            .accounts
            .iter()
            .map(|owner| kinds.contains_key(owner.name.as_str()) && hash(owner.name.as_bytes()).is_multiple_of(2))
            .collect();
        Ok(Self { log, vectors, cells, trusted, seconds })
    }

    /// Whether an account is trusted.
    #[must_use]
    pub fn is_trusted(&self, account: u32) -> bool {
        self.trusted.get(account as usize).copied().unwrap_or(false)
    }
}
