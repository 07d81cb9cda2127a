//! In which exchanges the items were seen that tie an account to a campaign.
//!
//! Profiles hold items and no exchanges, so the columns are read once more: only those that hold wanted items, and only
//! rows of accounts that have evidence. Of each item the five earliest exchanges are kept. Days are read in their order,
//! and none after the one with which every item has its five. An item of a registration was seen in no exchange, and
//! exchanges of which only increments are left are not there to be named.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::Int64Array;
use arrow_array::ListArray;
use arrow_array::PrimitiveArray;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::types::TimestampMicrosecondType;
use campaign::AccountVerdict;
use columns::Holdings;
use columns::Table;
use columns::Window;
use columns::hashes_of;
use record::ObservableKind;
use record::time::DAY_US;
use workers::Progress;
use workers::check;
use workers::try_parallel_map;

use crate::batch::integers;
use crate::batch::lists;
use crate::batch::other_type;
use crate::error::Error;
use crate::fold::BATCH_ROWS;

/// Exchanges that are named for an item.
const MAX_SEEN: usize = 5;

/// The earliest exchanges of an item: their times and ids.
type Earliest = BTreeSet<(i64, String)>;
/// A verdict and an item of its evidence, by their places.
type Place = (usize, usize);

/// An item that an account is asked for.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    kind: ObservableKind,
    hash: u64,
    place: Place,
}

/// Writes into the evidence of accounts in which exchanges of the tables it was seen.
pub(crate) fn name_exchanges(
    verdicts: &mut [AccountVerdict],
    roots: &[PathBuf],
    window: Window,
    workers: usize,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let wanted = Search::of(verdicts);
    if wanted.columns.is_empty() {
        return Ok(());
    }
    let mut by_day: BTreeMap<i64, Vec<PathBuf>> = BTreeMap::new();
    for root in roots {
        let held = Holdings::read(root)?;
        // Files in no partition may hold any day, and come first.
        by_day.entry(i64::MIN).or_default().extend(held.loose);
        for (partition, exchanges) in held.exchanges {
            by_day.entry(partition.day).or_default().extend(exchanges.files.into_iter().map(|file| file.path));
        }
    }
    let mut seen: HashMap<Place, Earliest> = HashMap::new();
    for (day, files) in &by_day {
        check(progress)?;
        if wanted.is_done(&seen, day.saturating_mul(DAY_US)) {
            break;
        }
        for (place, earliest) in
            try_parallel_map(files, workers, |file| wanted.read(file, window))?.into_iter().flatten()
        {
            let known = seen.entry(place).or_default();
            known.extend(earliest);
            keep_earliest(known);
        }
    }
    for ((verdict, item), earliest) in seen {
        if let Some(item) = verdicts.get_mut(verdict).and_then(|verdict| verdict.evidence.get_mut(item)) {
            item.exchanges = earliest.into_iter().map(|(_, id)| id).collect();
        }
    }
    Ok(())
}

fn keep_earliest(earliest: &mut Earliest) {
    while earliest.len() > MAX_SEEN {
        earliest.pop_last();
    }
}

/// What is looked for, and in which columns.
struct Search {
    of_account: HashMap<String, Vec<Wanted>>,
    columns: BTreeSet<&'static str>,
}

impl Search {
    fn of(verdicts: &[AccountVerdict]) -> Self {
        let mut search = Self { of_account: HashMap::new(), columns: BTreeSet::new() };
        for (at, verdict) in verdicts.iter().enumerate() {
            for (item, evidence) in verdict.evidence.iter().enumerate() {
                let kind = ObservableKind::ALL.into_iter().find(|kind| kind.as_str() == evidence.kind);
                let Some((kind, hash)) = kind.zip(u64::from_str_radix(&evidence.item, 16).ok()) else { continue };
                if columns_of(kind).is_empty() {
                    continue;
                }
                search.columns.extend(columns_of(kind));
                let wanted = Wanted { kind, hash, place: (at, item) };
                search.of_account.entry(verdict.account.clone()).or_default().push(wanted);
            }
        }
        search
    }

    /// Whether no exchange from a time on can be among the earliest of any item.
    fn is_done(&self, seen: &HashMap<Place, Earliest>, from_us: i64) -> bool {
        self.of_account.values().flatten().all(|wanted| {
            let earliest = seen.get(&wanted.place);
            earliest.is_some_and(|all| all.len() == MAX_SEEN && all.last().is_some_and(|(at_us, _)| *at_us < from_us))
        })
    }

    /// The earliest exchanges of each item in one file.
    fn read(&self, file: &Path, window: Window) -> Result<HashMap<Place, Earliest>, Error> {
        let table = Table::open(file)?.with_dictionary("account")?;
        let mut names = vec!["account", "id", "at"];
        names.extend(&self.columns);
        let mut seen = HashMap::new();
        for group in 0..table.row_groups() {
            if table.bounds(group, "at").is_some_and(|(first, last)| !window.meets(first, last)) {
                continue;
            }
            for batch in table.read(group..group + 1, &names, BATCH_ROWS)? {
                self.look(&batch?, window, &mut seen).map_err(|reason| table.failed(reason))?;
            }
        }
        Ok(seen)
    }

    fn look(&self, batch: &RecordBatch, window: Window, seen: &mut HashMap<Place, Earliest>) -> Result<(), String> {
        let accounts = batch.column_by_name("account").and_then(|column| column.as_dictionary_opt::<Int32Type>());
        let accounts = accounts.ok_or_else(|| other_type("account"))?;
        let names = accounts.values().as_string_opt::<i32>().ok_or_else(|| other_type("account"))?;
        let of_name: Vec<Option<&Vec<Wanted>>> =
            names.iter().map(|name| name.and_then(|name| self.of_account.get(name))).collect();
        if of_name.iter().all(Option::is_none) {
            return Ok(());
        }
        let ids = batch.column_by_name("id").and_then(|column| column.as_string_opt::<i32>());
        let ids = ids.ok_or_else(|| other_type("id"))?;
        let times = batch.column_by_name("at").and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        let times: &PrimitiveArray<TimestampMicrosecondType> = times.ok_or_else(|| other_type("at"))?;
        let columns = self.columns.iter().map(|name| Ok((*name, Column::of(batch, name)?)));
        let columns = columns.collect::<Result<HashMap<&str, Column<'_>>, String>>()?;
        for (row, key) in accounts.keys().iter().enumerate() {
            let wanted =
                key.and_then(|key| usize::try_from(key).ok()).and_then(|key| of_name.get(key).copied().flatten());
            let Some(wanted) = wanted.filter(|_| window.holds(times.value(row))) else { continue };
            for item in wanted {
                let of_kind = columns_of(item.kind).iter().filter_map(|name| columns.get(name));
                if of_kind.into_iter().any(|column| column.holds(row, item.hash)) {
                    let earliest = seen.entry(item.place).or_default();
                    earliest.insert((times.value(row), ids.value(row).to_owned()));
                    keep_earliest(earliest);
                }
            }
        }
        Ok(())
    }
}

/// The columns in which items of a kind are, where an exchange shows them by the account's own act.
const fn columns_of(kind: ObservableKind) -> &'static [&'static str] {
    match kind {
        ObservableKind::Ip => &["ip_hash"],
        ObservableKind::Frame => &["frames"],
        ObservableKind::Phrase => &["phrases"],
        ObservableKind::Root => &["root"],
        ObservableKind::Answer => &["quotes"],
        ObservableKind::Signature => &["minted", "presented"],
        _ => &[],
    }
}

/// A column of hashes, one a row or a list a row.
enum Column<'b> {
    One(&'b Int64Array),
    List(&'b ListArray, &'b Int64Array),
}

impl<'b> Column<'b> {
    fn of(batch: &'b RecordBatch, name: &'static str) -> Result<Self, String> {
        match name {
            "frames" | "phrases" | "quotes" => lists(batch, name).map(|(lists, all)| Self::List(lists, all)),
            _ => integers(batch, name).map(Self::One),
        }
    }

    /// Whether a row holds a hash.
    fn holds(&self, row: usize, hash: u64) -> bool {
        match self {
            Self::One(column) => column.is_valid(row) && column.value(row).cast_unsigned() == hash,
            Self::List(lists, all) => hashes_of(lists, all, row).iter().any(|one| one.cast_unsigned() == hash),
        }
    }
}
