//! The rows of one file of profile increments, while they are made.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::Int64Array;
use arrow_array::RecordBatch;
use arrow_array::builder::Int64Builder;
use arrow_array::builder::LargeBinaryBuilder;
use arrow_array::builder::ListBuilder;
use arrow_array::builder::StringBuilder;
use arrow_schema::DataType;
use arrow_schema::Field;
use columns::Observations;
use columns::Table;
use observation::Observation;
use profile::Profile;
use record::time::HOUR_US;

use crate::accounts::Accounts;
use crate::batch::integers;
use crate::batch::lists;
use crate::batch::other_type;
use crate::batch::profile;
use crate::batch::profiles;
use crate::error::Error;
use crate::fold::BATCH_ROWS;
use crate::fold::INCREMENT_BATCH_ROWS;

/// Rows of a batch that is written.
const WRITTEN_ROWS: usize = 8 * 1024;

/// Profiles by account, and by hour where asked for, with the ids of the exchanges in each.
#[derive(Debug)]
pub(crate) struct IncrementRows {
    by_hour: bool,
    accounts: Accounts,
    /// Places in `rows`, by hour and account.
    places: HashMap<(i64, u32), usize>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    hour: i64,
    account: u32,
    profile: Profile,
    ids: Vec<i64>,
}

impl IncrementRows {
    /// No rows yet; `by_hour` makes a row an account and hour.
    pub(crate) fn new(by_hour: bool) -> Self {
        Self { by_hour, accounts: Accounts::default(), places: HashMap::new(), rows: Vec::new() }
    }

    /// Folds a file of exchanges.
    pub(crate) fn fold_exchanges(&mut self, path: &Path) -> Result<(), Error> {
        let table = Table::open(path)?.with_dictionary("account")?;
        let mut names = vec!["account", "id_hash"];
        names.extend(Observation::COLUMNS);
        for batch in table.read(0..table.row_groups(), &names, BATCH_ROWS)? {
            let batch = batch?;
            let rows = self.accounts.rows(&batch).map_err(|reason| table.failed(reason))?;
            let observations = Observations::new(&batch).map_err(|name| table.failed(other_type(name)))?;
            let ids = integers(&batch, "id_hash").map_err(|reason| table.failed(reason))?;
            for account_row in rows {
                let row = account_row.row as usize;
                let seen = observations.get(row);
                let hour = if self.by_hour { seen.at_us.div_euclid(HOUR_US) } else { 0 };
                let Some(made) = self.row(hour, account_row.account) else { continue };
                made.profile.observe(&seen);
                made.ids.push(ids.value(row));
            }
        }
        Ok(())
    }

    /// Merges a file of increments.
    pub(crate) fn merge_increments(&mut self, path: &Path) -> Result<(), Error> {
        let table = Table::open(path)?.with_dictionary("account")?;
        let names = ["account", "profile", "ids"];
        for batch in table.read(0..table.row_groups(), &names, INCREMENT_BATCH_ROWS)? {
            let batch = batch?;
            let rows = self.accounts.rows(&batch).map_err(|reason| table.failed(reason))?;
            let stored = profiles(&batch).map_err(|reason| table.failed(reason))?;
            let (lists, all) = lists(&batch, "ids").map_err(|reason| table.failed(reason))?;
            for account_row in rows {
                let row = account_row.row as usize;
                let profile = profile(stored.value(row)).map_err(|reason| table.failed(reason))?;
                let ids = match lists.value_offsets().get(row..row + 2) {
                    Some([start, end]) => all.values().get(*start as usize..*end as usize).unwrap_or_default(),
                    _ => &[],
                };
                let Some(made) = self.row(0, account_row.account) else { continue };
                made.profile.merge(&profile);
                made.ids.extend_from_slice(ids);
            }
        }
        Ok(())
    }

    fn row(&mut self, hour: i64, account: u32) -> Option<&mut Row> {
        let place = *self.places.entry((hour, account)).or_insert_with(|| {
            self.rows.push(Row { hour, account, profile: Profile::default(), ids: Vec::new() });
            self.rows.len() - 1
        });
        self.rows.get_mut(place)
    }

    /// The rows, sorted by hour and account.
    pub(crate) fn into_batches(self) -> Result<Vec<RecordBatch>, Error> {
        let names = self.accounts.into_names();
        let name = |row: &Row| names.get(row.account as usize).map_or("", String::as_str);
        let mut rows = self.rows;
        rows.sort_unstable_by(|a, b| a.hour.cmp(&b.hour).then_with(|| name(a).cmp(name(b))));
        rows.chunks_mut(WRITTEN_ROWS).map(|rows| batch_of(rows, self.by_hour, name)).collect()
    }
}

fn batch_of<'n>(rows: &mut [Row], by_hour: bool, name: impl Fn(&Row) -> &'n str) -> Result<RecordBatch, Error> {
    let mut accounts = StringBuilder::new();
    let mut profiles = LargeBinaryBuilder::new();
    let mut ids = ListBuilder::new(Int64Builder::new()).with_field(Field::new("item", DataType::Int64, false));
    for row in &mut *rows {
        accounts.append_value(name(row));
        profiles.append_value(row.profile.to_bytes());
        row.ids.sort_unstable();
        row.ids.dedup();
        ids.values().append_slice(&row.ids);
        ids.append(true);
    }
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("account", Arc::new(accounts.finish())),
        ("profile", Arc::new(profiles.finish())),
        ("ids", Arc::new(ids.finish())),
    ];
    if by_hour {
        let hours = Int64Array::from_iter_values(rows.iter().map(|row| row.hour));
        columns.push(("hour", Arc::new(hours)));
    }
    RecordBatch::try_from_iter(columns).map_err(|error| Error::bug(error.to_string()))
}
