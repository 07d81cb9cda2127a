//! The newest exchanges that match: where they are while the table is read, and afterwards their values.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use columns::Table;

use crate::answer::Row;
use crate::cells::BATCH_ROWS;
use crate::cells::Cells;
use crate::cells::times;
use crate::error::Error;
use crate::field::Field;
use crate::term::Value;

/// What is shown of an exchange.
const SHOWN: [Field; 18] = [
    Field::Id,
    Field::Account,
    Field::Model,
    Field::Endpoint,
    Field::Status,
    Field::StopReason,
    Field::InputTokens,
    Field::OutputTokens,
    Field::Latency,
    Field::Country,
    Field::Asn,
    Field::Ip,
    Field::Client,
    Field::UserAgent,
    Field::Harness,
    Field::Conversation,
    Field::Capability,
    Field::Asks,
];
/// Characters of a text that are shown; of a longer one the beginning.
const MAX_TEXT: usize = 1_000;

/// Where an exchange is, the newest last. Of two of one moment the place decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    at_us: i64,
    file: Arc<PathBuf>,
    group: usize,
    row: usize,
}

/// A row of a row group, and its place in the list.
type RowPlace = (usize, usize);

/// The newest exchanges, at most so many.
#[derive(Debug)]
pub struct Newest {
    most: usize,
    found: BinaryHeap<Reverse<Found>>,
}

impl Newest {
    /// None yet.
    pub fn new(most: usize) -> Self {
        Self { most, found: BinaryHeap::with_capacity(most + 1) }
    }

    /// Takes an exchange of a row group of a file, unless as many newer ones are known.
    pub fn add(&mut self, at_us: i64, file: &Arc<PathBuf>, group: usize, row: usize) {
        let is_old = self.found.peek().is_some_and(|Reverse(oldest)| oldest.at_us > at_us);
        if self.found.len() >= self.most && (is_old || self.most == 0) {
            return;
        }
        self.found.push(Reverse(Found { at_us, file: Arc::clone(file), group, row }));
        if self.found.len() > self.most {
            self.found.pop();
        }
    }

    /// Reads them, the newest first.
    pub fn read(self) -> Result<Vec<Row>, Error> {
        let mut wanted: BTreeMap<(Arc<PathBuf>, usize), Vec<RowPlace>> = BTreeMap::new();
        let sorted = self.found.into_sorted_vec();
        for (place, Reverse(found)) in sorted.iter().enumerate() {
            wanted.entry((Arc::clone(&found.file), found.group)).or_default().push((found.row, place));
        }
        let mut rows: Vec<Option<Row>> = vec![None; sorted.len()];
        for ((file, group), mut places) in wanted {
            places.sort_unstable();
            for (place, row) in read_group(&file, group, &places)? {
                if let Some(slot) = rows.get_mut(place) {
                    *slot = Some(row);
                }
            }
        }
        Ok(rows.into_iter().flatten().collect())
    }
}

/// Reads rows of a row group, which ascend.
fn read_group(file: &Path, group: usize, rows: &[RowPlace]) -> Result<Vec<(usize, Row)>, Error> {
    let table = Table::open(file)?;
    let mut columns: Vec<&str> = SHOWN.iter().map(|field| field.column()).collect();
    columns.push("at");
    columns.sort_unstable();
    columns.dedup();
    let mut read = Vec::with_capacity(rows.len());
    let mut first = 0;
    for batch in table.read(group..group + 1, &columns, BATCH_ROWS)? {
        let batch = batch?;
        let end = first + batch.num_rows();
        let within: Vec<_> = rows.iter().filter(|(row, _)| (first..end).contains(row)).collect();
        if !within.is_empty() {
            let failed = |reason: String| table.failed(reason);
            let times = times(&batch).map_err(failed)?;
            let cells = SHOWN.iter().map(|field| Ok((*field, Cells::of(&batch, *field)?)));
            let cells = cells.collect::<Result<Vec<_>, String>>().map_err(failed)?;
            for (row, place) in within {
                let row = row - first;
                let at_us = times.values().get(row).copied().unwrap_or(0);
                read.push((*place, Row { at_us, values: values(&cells, row) }));
            }
        }
        first = end;
    }
    Ok(read)
}

fn values(cells: &[(Field, Cells<'_>)], row: usize) -> Vec<(Field, Value)> {
    let mut values = Vec::with_capacity(cells.len());
    for (field, cells) in cells {
        cells.any(row, &mut |cell| {
            values.push((*field, cut(cell.to_value())));
            false
        });
    }
    values
}

fn cut(value: Value) -> Value {
    match value {
        Value::Text(text) if text.chars().nth(MAX_TEXT).is_some() => {
            Value::Text(text.chars().take(MAX_TEXT - 1).chain(['…']).collect())
        }
        value => value,
    }
}
