//! Reads what accounts show from account records and from the exchanges of data directories.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::Int64Array;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::types::TimestampMicrosecondType;
use columns::Holdings;
use columns::Table;
use columns::Window;
use workers::Progress;
use workers::check;

use crate::error::Error;
use crate::observed::Matcher;
use crate::observed::Observed;
use crate::observed::Seen;

/// Rows that are read at a time.
const BATCH_ROWS: usize = 8_192;

/// Where evidence is read from.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    /// Data directories with exchanges.
    pub roots: &'a [PathBuf],
    /// Files of account records.
    pub accounts: &'a [String],
    /// What of the exchanges is looked at.
    pub window: Window,
    /// Accounts that are in a campaign or watched: of these everything is kept.
    pub accused: &'a BTreeSet<String>,
}

/// Reads everything.
///
/// # Errors
/// [`Error`] where a file cannot be read.
pub fn gather(places: &Places<'_>, matcher: &Matcher<'_>, progress: &dyn Progress) -> Result<Observed, Error> {
    let mut observed = Observed::default();
    if !places.accounts.is_empty() {
        for input in record::expand(places.accounts)? {
            // What is refused or given up was told by the hunt, with its place.
            let read = record::read_accounts(&input, &mut |item| {
                if let Ok(account) = item {
                    observed.add_record(matcher, &account);
                }
            });
            match read {
                Err(record::Error::GivenUp { .. }) => {}
                read => read?,
            }
        }
    }
    observed.keep_sample(places.accused);
    for root in places.roots {
        let held = Holdings::read(root)?;
        let files = held.exchanges.into_values().flat_map(|exchanges| exchanges.files).map(|file| file.path);
        for file in held.loose.into_iter().chain(files) {
            check(progress)?;
            read(&file, places.window, matcher, &mut observed)?;
        }
    }
    Ok(observed)
}

fn read(file: &Path, window: Window, matcher: &Matcher<'_>, observed: &mut Observed) -> Result<(), Error> {
    let table = Table::open(file)?.with_dictionary("account")?;
    let mut names = vec!["account", "at", "ip", "ip_hash"];
    names.extend(matcher.wants_text().then_some("text"));
    for group in 0..table.row_groups() {
        if table.bounds(group, "at").is_some_and(|(first, last)| !window.meets(first, last)) {
            continue;
        }
        for batch in table.read(group..group + 1, &names, BATCH_ROWS)? {
            look(&batch?, window, matcher, observed).map_err(|reason| table.failed(reason))?;
        }
    }
    Ok(())
}

fn look(batch: &RecordBatch, window: Window, matcher: &Matcher<'_>, observed: &mut Observed) -> Result<(), String> {
    let other = |name: &str| format!("its column {name} is of another type (docs/columns.md lists them)");
    let accounts = batch.column_by_name("account").and_then(|column| column.as_dictionary_opt::<Int32Type>());
    let accounts = accounts.ok_or_else(|| other("account"))?;
    let names = accounts.values().as_string_opt::<i32>().ok_or_else(|| other("account"))?;
    let times = batch.column_by_name("at").and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
    let times = times.ok_or_else(|| other("at"))?;
    let addresses = texts(batch, "ip").ok_or_else(|| other("ip"))?;
    let hashes = batch.column_by_name("ip_hash").and_then(|column| column.as_any().downcast_ref::<Int64Array>());
    let hashes = hashes.ok_or_else(|| other("ip_hash"))?;
    let said = if matcher.wants_text() { Some(texts(batch, "text").ok_or_else(|| other("text"))?) } else { None };
    for (row, key) in accounts.keys().iter().enumerate() {
        let name = key.and_then(|key| usize::try_from(key).ok()).filter(|key| *key < names.len());
        let Some(key) = name.filter(|_| window.holds(times.value(row))) else { continue };
        let hash = (hashes.is_valid(row) && hashes.value(row) != 0).then(|| hashes.value(row).cast_unsigned());
        observed.add_exchange(
            matcher,
            &Seen {
                account: names.value(key),
                at_us: times.value(row),
                address: addresses.is_valid(row).then(|| addresses.value(row)),
                address_hash: hash,
                text: said.filter(|said| said.is_valid(row)).map(|said| said.value(row)),
            },
        );
    }
    Ok(())
}

fn texts<'b>(batch: &'b RecordBatch, name: &str) -> Option<&'b StringArray> {
    batch.column_by_name(name)?.as_string_opt::<i32>()
}
