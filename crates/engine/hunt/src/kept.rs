//! The ties of a hunt and what they were made of, as tables: for whoever goes on from them with an engine of their own.

use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::Int32Array;
use arrow_array::Int64Array;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use campaign::View;
use cohort::Population;
use columns::write_table;
use record::ObservableKind;

use crate::error::Error;

/// An account, its customer, and a value of its record.
type Registered<'a> = (&'a str, &'a str, Option<(ObservableKind, u64)>);

/// Writes `ties.parquet` (`kind`, `value`, `account`) and `registration.parquet` (`account`, `customer`, and each hashed
/// value of its record as `kind` and `value`, or one row without).
pub(crate) fn write_ties(folder: &Path, population: &Population, views: &[View]) -> Result<(), Error> {
    let name = |at: u32| population.get(at).map_or("", |entity| entity.account.as_str());
    let mut ties: Vec<(i32, i64, &str)> = views
        .iter()
        .flat_map(|view| &view.ties)
        .map(|tie| (tie.value.kind as i32, tie.value.hash as i64, name(tie.account)))
        .collect();
    ties.sort_unstable();
    let batch = RecordBatch::try_from_iter([
        ("kind", Arc::new(ties.iter().map(|(kind, ..)| *kind).collect::<Int32Array>()) as ArrayRef),
        ("value", Arc::new(ties.iter().map(|(_, value, _)| *value).collect::<Int64Array>())),
        ("account", Arc::new(ties.iter().map(|(.., account)| Some(*account)).collect::<StringArray>())),
    ]);
    write_table(&folder.join("ties.parquet"), &batch.map_err(|error| Error::bug(error.to_string()))?)?;
    let mut rows: Vec<Registered<'_>> = Vec::new();
    for (entity, at) in population.entities().iter().zip(0_u32..) {
        let values = entity.identity.personal().into_iter().filter(|(_, value)| *value != 0);
        let mut values = values.map(Some).collect::<Vec<_>>();
        if values.is_empty() {
            values.push(None);
        }
        rows.extend(values.into_iter().map(|value| (entity.account.as_str(), name(population.customer(at)), value)));
    }
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("account", Arc::new(rows.iter().map(|row| Some(row.0)).collect::<StringArray>()) as ArrayRef, false),
        ("customer", Arc::new(rows.iter().map(|row| Some(row.1)).collect::<StringArray>()), false),
        ("kind", Arc::new(rows.iter().map(|row| row.2.map(|(kind, _)| kind as i32)).collect::<Int32Array>()), true),
        ("value", Arc::new(rows.iter().map(|row| row.2.map(|(_, hash)| hash as i64)).collect::<Int64Array>()), true),
    ]);
    let batch = batch.map_err(|error| Error::bug(error.to_string()))?;
    Ok(write_table(&folder.join("registration.parquet"), &batch)?)
}
