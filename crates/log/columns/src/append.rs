//! Adds rows that were made elsewhere to a data directory, each once.
//!
//! An exchange is named by its id, its time and its tokens, so that two records of it are of one day. What is known of a day is
//! read from the files of that day when the first row of it comes, and kept for the next rows.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use arrow_array::Array;
use arrow_array::Int64Array;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::TimestampMicrosecondArray;
use arrow_array::UInt32Array;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use sketch::HashKey;
use workers::Progress;
use workers::check;

use crate::dedupe::Dedupe;
use crate::dedupe::Fate;
use crate::error::Error;
use crate::follow::follow_with;
use crate::follow::sealer_of;
use crate::manifest::place;
use crate::row::RowId;
use crate::row::exchange_schema;
use crate::seal::Sealer;
use crate::secret::Secret;
use crate::store::Partition;
use crate::store::Store;
use crate::transaction::Transaction;
use crate::writer::row_ids;
use crate::writer::write_rows;

/// Account shards of a day.
const SHARDS: u8 = 4;
/// Rows that are held before they are written out: about 700 bytes each.
const MAX_ROWS_HELD: usize = 256 * 1024;
/// Rows of which it is remembered that they are there, about thirty bytes each, before the days that were touched longest ago
/// are forgotten.
const MAX_ROWS_KNOWN: u64 = 16 * 1024 * 1024;

/// What is known of a day's exchanges.
struct Day {
    dedupe: Dedupe,
    /// The files that were learned from, or written here.
    files: BTreeSet<String>,
    rows: u64,
    touched: u64,
}

/// What was added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Appended {
    /// Rows that came.
    pub rows: u64,
    /// Those of exchanges that were there.
    pub duplicates: u64,
    /// Rows that were taken out, since another record of their exchange counts.
    pub replaced: u64,
}

/// Adds rows to a data directory.
pub struct Appender {
    store: Store,
    key: HashKey,
    secret: Option<Secret>,
    ledger: bool,
    days: BTreeMap<i64, Day>,
    calls: u64,
}

impl std::fmt::Debug for Appender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Appender").field("root", &self.store.root()).finish_non_exhaustive()
    }
}

impl Appender {
    /// Opens a data directory, making it if needed. `embedder` is the name of what makes its vectors.
    ///
    /// # Errors
    /// [`Error`] as of [`Transaction::begin`], or where another embedder made the vectors that are there.
    pub fn open(root: &Path, secret: Option<&Secret>, embedder: &str, ledger: bool) -> Result<Self, Error> {
        let store = Store::open(root)?;
        let mut transaction = Transaction::begin(&store, secret)?;
        transaction.settle_embedder(embedder)?;
        transaction.commit()?;
        let key = transaction.key().clone();
        drop(transaction);
        Ok(Self { store, key, secret: secret.cloned(), ledger, days: BTreeMap::new(), calls: 0 })
    }

    /// The key of all hashes in the directory.
    #[must_use]
    pub const fn key(&self) -> &HashKey {
        &self.key
    }

    /// Adds rows, all of them or none, and commits to them in the ledger. Rows that are there already change nothing.
    ///
    /// # Errors
    /// [`Error`]; the directory is then as it was before.
    pub fn append(
        &mut self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
        progress: &dyn Progress,
    ) -> Result<Appended, Error> {
        self.calls += 1;
        let result = self.append_all(batches, progress);
        if result.is_err() {
            // It remembers rows that are not there.
            self.days.clear();
        }
        self.forget();
        result
    }

    fn append_all(
        &mut self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
        progress: &dyn Progress,
    ) -> Result<Appended, Error> {
        let root = self.store.root().to_owned();
        let mut transaction = Transaction::begin(&self.store, self.secret.as_ref())?;
        let files = files_by_day(&transaction);
        let sealer = self.ledger.then(|| sealer_of(&root)).transpose()?;
        let staged = transaction.staged_exchanges();
        let mut held = HeldRows::new(&staged, sealer.as_ref());
        let mut appended = Appended::default();
        let mut touched = BTreeSet::new();
        for batch in batches {
            check(progress)?;
            let batch = batch?;
            let columns = Columns::of(&batch)?;
            let mut places: BTreeMap<Partition, Vec<u32>> = BTreeMap::new();
            for row in 0..batch.num_rows() {
                let account = self.key.text(columns.accounts.value(row).as_bytes());
                let partition = Partition::of(columns.times.value(row), account, SHARDS);
                if touched.insert(partition.day) {
                    learn(&mut self.days, partition.day, &files, &root, self.calls)?;
                }
                let Some(day) = self.days.get_mut(&partition.day) else { continue };
                let name = RowId { id: columns.ids.value(row), row: columns.rows.value(row) };
                appended.rows += 1;
                match day.dedupe.see(name, self.key.value(columns.names.value(row)) as i64) {
                    Fate::Duplicate => appended.duplicates += 1,
                    Fate::New | Fate::Replaces => {
                        day.rows += 1;
                        places.entry(partition).or_default().push(u32::try_from(row).unwrap_or(u32::MAX));
                    }
                }
            }
            for (partition, rows) in places {
                held.push(partition, &batch, rows)?;
            }
        }
        held.write_all()?;
        transaction.add_staged_exchanges()?;
        for day in &touched {
            let Some(known) = self.days.get_mut(day) else { continue };
            let losers = known.dedupe.take_losers();
            appended.replaced += losers.len() as u64;
            transaction.take_out_of(*day, &losers)?;
        }
        transaction.commit()?;
        for (day, files) in files_by_day(&transaction) {
            if let Some(known) = self.days.get_mut(&day).filter(|_| touched.contains(&day)) {
                known.files = files;
            }
        }
        drop(transaction);
        if self.ledger {
            follow_with(&root, sealer.as_ref(), progress)?;
        }
        Ok(appended)
    }

    /// Forgets the days that were touched longest ago, beyond the bound.
    fn forget(&mut self) {
        let mut known: u64 = self.days.values().map(|day| day.rows).sum();
        while known > MAX_ROWS_KNOWN && self.days.len() > 1 {
            let Some(oldest) = self.days.iter().min_by_key(|(_, day)| day.touched).map(|(day, _)| *day) else { return };
            known -= self.days.remove(&oldest).map_or(0, |day| day.rows);
        }
    }
}

/// The names of the files of each day.
fn files_by_day(transaction: &Transaction<'_>) -> BTreeMap<i64, BTreeSet<String>> {
    let mut files: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for (name, _) in transaction.exchange_files() {
        if let Some(partition) = Partition::of_file(Path::new(&name)) {
            files.entry(partition.day).or_default().insert(name);
        }
    }
    files
}

/// Learns which rows a day has, where they are not known.
fn learn(
    days: &mut BTreeMap<i64, Day>,
    number: i64,
    files: &BTreeMap<i64, BTreeSet<String>>,
    root: &Path,
    call: u64,
) -> Result<(), Error> {
    let none = BTreeSet::new();
    let there = files.get(&number).unwrap_or(&none);
    // Where a file is gone, another run took rows out.
    if days.get(&number).is_some_and(|day| !day.files.is_subset(there)) {
        days.remove(&number);
    }
    let day = days.entry(number).or_insert_with(Day::new);
    day.touched = call;
    for name in there {
        if day.files.insert(name.clone()) {
            row_ids(&place(root, name), &mut |row| {
                day.rows += 1;
                day.dedupe.see_stored(row);
            })?;
        }
    }
    Ok(())
}

impl Day {
    fn new() -> Self {
        Self { dedupe: Dedupe::new(), files: BTreeSet::new(), rows: 0, touched: 0 }
    }
}

/// The columns of a batch that say whose a row is and what names it.
struct Columns<'b> {
    times: &'b TimestampMicrosecondArray,
    accounts: &'b StringArray,
    names: &'b StringArray,
    ids: &'b Int64Array,
    rows: &'b Int64Array,
}

impl<'b> Columns<'b> {
    fn of(batch: &'b RecordBatch) -> Result<Self, Error> {
        fn column<'b, T: 'static>(batch: &'b RecordBatch, name: &str) -> Result<&'b T, Error> {
            let found = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref());
            found.ok_or_else(|| Error::Bug(format!("a batch of rows has no column {name} of the columnar form")))
        }
        Ok(Self {
            times: column(batch, "at")?,
            accounts: column(batch, "account")?,
            names: column(batch, "id")?,
            ids: column(batch, "id_hash")?,
            rows: column(batch, "row_hash")?,
        })
    }
}

/// Rows on their way to files.
struct HeldRows<'a> {
    staging: &'a Path,
    sealer: Option<&'a Sealer>,
    open: BTreeMap<Partition, Vec<RecordBatch>>,
    rows: usize,
}

impl<'a> HeldRows<'a> {
    const fn new(staging: &'a Path, sealer: Option<&'a Sealer>) -> Self {
        Self { staging, sealer, open: BTreeMap::new(), rows: 0 }
    }

    /// Adds some rows of a batch.
    fn push(&mut self, partition: Partition, batch: &RecordBatch, rows: Vec<u32>) -> Result<(), Error> {
        self.rows += rows.len();
        let taken = take_record_batch(batch, &UInt32Array::from(rows));
        self.open.entry(partition).or_default().push(taken.map_err(|error| Error::Bug(error.to_string()))?);
        if self.rows >= MAX_ROWS_HELD { self.write_all() } else { Ok(()) }
    }

    fn write_all(&mut self) -> Result<(), Error> {
        self.rows = 0;
        for (partition, batches) in std::mem::take(&mut self.open) {
            let rows = concat_batches(&exchange_schema(), &batches).map_err(|error| Error::Bug(error.to_string()))?;
            write_rows(self.staging, partition, &rows, self.sealer)?;
        }
        Ok(())
    }
}
