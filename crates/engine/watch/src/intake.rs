//! The way in: a piece of a log becomes rows, the rows a frame, and the frame is written.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use arrow_array::RecordBatch;
use arrow_array::TimestampMicrosecondArray;
use columns::PieceCounts;
use columns::RowMaker;
use record::Format;
use record::Input;
use record::Maps;
use record::Reject;
use sketch::HashKey;

use crate::error::Error;
use crate::frame::Note;
use crate::frame::Packer;
use crate::frame::Position;
use crate::frame::Receipt;
use crate::frame::Sent;
use crate::metrics::Metrics;
use crate::writer::Writer;

/// Row makers that are kept for the next pieces.
const MAX_IDLE: usize = 16;

/// A piece of a log.
#[derive(Debug)]
pub struct Piece<'a> {
    /// Where its bytes are.
    pub input: Input,
    /// Its format; found from the content where `None`.
    pub format: Option<Format>,
    /// How far files were read with it, by their identity.
    pub positions: BTreeMap<String, Position>,
    /// What the sender calls it.
    pub key: Option<&'a str>,
    /// Waits for a place in the queue, and does not fail for want of one.
    pub waits: bool,
}

/// What became of a piece.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The counts.
    pub receipt: Receipt,
    /// The first refused records, with their reasons.
    pub rejects: Vec<Reject>,
    /// Whether it came before, under the same key of its sender.
    pub is_repeat: bool,
}

/// Turns pieces into frames.
pub(crate) struct Intake {
    key: HashKey,
    maps: Maps,
    keep_identifiers: bool,
    idle: Mutex<Vec<RowMaker>>,
}

impl Intake {
    pub const fn new(key: HashKey, maps: Maps, keep_identifiers: bool) -> Self {
        Self { key, maps, keep_identifiers, idle: Mutex::new(Vec::new()) }
    }

    /// The number under which the key of a sender is remembered.
    pub fn number_of(&self, key: &str) -> u64 {
        self.key.text(key.as_bytes())
    }

    /// Reads a piece and writes its rows. When this returns, they are as safe as the mode of durability says. `look` sees them
    /// before.
    pub fn take(
        &self,
        piece: Piece<'_>,
        writer: &Writer,
        metrics: &Metrics,
        look: &mut dyn FnMut(&RecordBatch),
    ) -> Result<(Taken, Note), Error> {
        let mut packer = Packer::new();
        let mut maker = self.maker();
        let read = maker.read(&piece.input, piece.format, &self.maps, &mut |batch| {
            let told = |error: std::io::Error| columns::Error::Usage(error.to_string());
            packer.push(&batch).map_err(told)?;
            look(&batch);
            Ok(())
        });
        self.give_back(maker);
        let PieceCounts { refused, rejects, counts, .. } = match read {
            Ok(counts) => counts,
            Err(error) => {
                Metrics::count(&metrics.records, "unreadable", 1);
                return Err(error.into());
            }
        };
        let passed_over = counts.passed_over.values().sum();
        let receipt = Receipt { accepted: packer.rows, refused, passed_over };
        let sent = piece.key.map(|key| Sent { key: self.number_of(key), receipt });
        let note = Note { positions: piece.positions, sent };
        let frame = packer.finish(&note).map_err(|error| Error::usage(error.to_string()))?;
        writer.write(frame, piece.waits)?;
        Metrics::count(&metrics.records, "accepted", receipt.accepted);
        Metrics::count(&metrics.records, "refused", receipt.refused);
        Metrics::count(&metrics.records, "passed_over", receipt.passed_over);
        Ok((Taken { receipt, rejects, is_repeat: false }, note))
    }

    fn maker(&self) -> RowMaker {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| RowMaker::new(self.key.clone(), None, false, self.keep_identifiers))
    }

    fn give_back(&self, maker: RowMaker) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(maker);
        }
    }
}

/// The time of the newest row, in microseconds since 1970.
pub(crate) fn newest_us(batch: &RecordBatch) -> Option<i64> {
    let times = batch.column_by_name("at")?.as_any().downcast_ref::<TimestampMicrosecondArray>()?;
    times.values().iter().copied().max()
}
