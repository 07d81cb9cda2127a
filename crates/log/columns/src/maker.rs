//! Pieces of a log as rows in memory, for whoever keeps them elsewhere before they come to a data directory.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::BooleanArray;
use arrow_array::RecordBatch;
use arrow_select::filter::filter_record_batch;
use observation::Observer;
use record::Block;
use record::Call;
use record::Exchange;
use record::Format;
use record::Input;
use record::Maps;
use record::Record;
use record::Reject;
use sketch::Embedder;
use sketch::HashKey;

use crate::counts::Counts;
use crate::error::Error;
use crate::fill::has_no_text;
use crate::joins::Joins;
use crate::joins::SettledSink;
use crate::joins::Told;
use crate::row::Kept;
use crate::row::Rows;
use crate::row::row_id_of_call;

/// Refused records of a piece whose reasons are kept.
const MAX_REJECTS: usize = 100;
/// Bytes of rows after which they are handed on.
const FULL_BYTES: usize = 8 * 1024 * 1024;

/// Makes rows of the columnar form from pieces of a log.
pub struct RowMaker {
    observer: Observer,
    kept: Kept,
    rows: Rows,
    /// Where the rows of calls without a text are, by the hashes that name them: a fuller record may come for them.
    poor: HashMap<i64, usize>,
    /// Rows for which one came.
    spent: HashSet<usize>,
}

/// What a piece of a log was made of.
#[derive(Debug, Clone, Default)]
pub struct PieceCounts {
    /// Exchanges that became rows.
    pub exchanges: u64,
    /// Records that were refused.
    pub refused: u64,
    /// The first of them, with their reasons.
    pub rejects: Vec<Reject>,
    /// What was counted beside.
    pub counts: Counts,
}

impl std::fmt::Debug for RowMaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowMaker").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl RowMaker {
    /// A maker of rows of a data directory whose hashes are under a key. `embedder` makes the vectors of texts; the built-in
    /// one where `None`.
    #[must_use]
    pub fn new(key: HashKey, embedder: Option<Arc<dyn Embedder>>, keep_text: bool, keep_identifiers: bool) -> Self {
        let observer = Observer::new(key.clone());
        Self {
            observer: match embedder {
                Some(embedder) => observer.with_embedder(embedder),
                None => observer,
            },
            kept: Kept { text: keep_text, identifiers: keep_identifiers, key },
            rows: Rows::default(),
            poor: HashMap::new(),
            spent: HashSet::new(),
        }
    }

    /// Reads a piece of a log, and hands its rows on in batches of the columns of [`crate::exchange_schema`]. What one record
    /// says for another is joined within the piece.
    ///
    /// # Errors
    /// [`Error`] where the piece is no log in any known format, or cannot be read to its end, or of `sink`. Some rows may
    /// have been handed on then.
    pub fn read(
        &mut self,
        piece: &Input,
        format: Option<Format>,
        maps: &Maps,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<PieceCounts, Error> {
        self.forget();
        let mut counts = PieceCounts::default();
        let joins = Joins::new(self.kept.key.clone());
        let mut told = Told::default();
        for block in piece.open_mapped(format, maps)? {
            self.read_block(&block?, &joins, &mut told, &mut counts);
            // While a fuller record may come for a row, it stays.
            if self.rows.bytes() >= FULL_BYTES && self.poor.is_empty() {
                sink(self.take()?)?;
            }
        }
        joins.settle_all(&mut HeldRows { maker: self, counts: &mut counts })?;
        counts.counts.joins_left_out += joins.left_out();
        if self.rows.len() > 0 {
            sink(self.take()?)?;
        }
        counts.counts.without_text = counts.counts.without_text.saturating_sub(counts.counts.now_with_text);
        Ok(counts)
    }

    fn read_block(&mut self, block: &Block, joins: &Joins, told: &mut Told, counts: &mut PieceCounts) {
        block.read_records(&mut |record| match record {
            Record::Refused(reject) => counts.refuse(reject),
            Record::PassedOver(kind) => counts.counts.pass_over(kind),
            Record::Owner { kind, trace, account } => {
                counts.counts.pass_over(kind);
                joins.learn_trace(trace, &account, told);
            }
            Record::Exchange(exchange, origin) => {
                joins.learn(&exchange, &origin, told);
                let call = origin.call;
                match joins.hold(exchange, origin) {
                    None => {}
                    Some(Err(reject)) => counts.refuse(reject),
                    Some(Ok(exchange)) => self.push(&exchange, call, counts),
                }
            }
        });
    }

    fn push(&mut self, exchange: &Exchange<'_>, call: Option<Call>, counts: &mut PieceCounts) {
        counts.exchanges += 1;
        counts.counts.look_at(exchange);
        let (name, place) = (self.add(exchange, call), self.rows.len() - 1);
        if matches!(call, Some(Call::Span(_))) && has_no_text(exchange) {
            self.poor.insert(name, place);
        }
    }

    /// Adds a row, in place of one that says less of the same call; returns the hash that names it.
    fn add(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> i64 {
        let features = self.observer.observe(exchange);
        let row = row_id_of_call(exchange, &features, call, &self.kept.key);
        self.rows.push(exchange, &features, row, &self.kept);
        if let Some(place) = self.poor.remove(&row.id) {
            self.spent.insert(place);
        }
        row.id
    }

    fn take(&mut self) -> Result<RecordBatch, Error> {
        let bug = |error: arrow_schema::ArrowError| Error::Bug(error.to_string());
        let batch = self.rows.finish().map_err(bug)?;
        self.poor.clear();
        let spent = std::mem::take(&mut self.spent);
        if spent.is_empty() {
            return Ok(batch);
        }
        let mask: BooleanArray = (0..batch.num_rows()).map(|row| Some(!spent.contains(&row))).collect();
        filter_record_batch(&batch, &mask).map_err(bug)
    }

    /// Rows of a piece that could not be read to its end are not those of the next.
    fn forget(&mut self) {
        (self.rows, self.poor, self.spent) = (Rows::default(), HashMap::new(), HashSet::new());
    }
}

/// Makes rows of records that were held.
struct HeldRows<'a> {
    maker: &'a mut RowMaker,
    counts: &'a mut PieceCounts,
}

impl SettledSink for HeldRows<'_> {
    fn counts(&mut self) -> &mut Counts {
        &mut self.counts.counts
    }

    fn take(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> Result<(), Error> {
        self.maker.push(exchange, call, self.counts);
        Ok(())
    }

    fn supersede(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> Result<(), Error> {
        self.maker.add(exchange, call);
        Ok(())
    }

    fn refuse(&mut self, reject: Reject) {
        self.counts.refuse(reject);
    }
}

impl PieceCounts {
    fn refuse(&mut self, reject: Reject) {
        self.refused += 1;
        if self.rejects.len() < MAX_REJECTS {
            self.rejects.push(reject);
        }
    }
}
