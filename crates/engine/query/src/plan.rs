//! Which files a question reads, and for which time.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use columns::Holdings;
use columns::Table;
use columns::Window;
use record::time::DAY_US;

use crate::error::Error;
use crate::term::Query;

/// Files by their day, the newest first; those of no day before all.
pub type Days = Vec<(Option<i64>, Vec<Arc<PathBuf>>)>;

/// The files of a table, and when it begins and ends.
#[derive(Debug)]
pub struct Plan {
    /// The files.
    pub days: Days,
    /// The first and the last moment; `None` where the table is empty.
    pub table_us: Option<(i64, i64)>,
    /// The time that is asked for.
    pub window_us: (i64, i64),
    /// The time before.
    pub before_us: Option<(i64, i64)>,
}

impl Plan {
    /// The plan for a question to a data directory. One without exchanges is an empty table.
    pub fn of(data_dir: &Path, query: &Query) -> Result<Self, Error> {
        let mut by_day: BTreeMap<i64, Vec<Arc<PathBuf>>> = BTreeMap::new();
        let mut days = Days::new();
        if columns::is_columnar(data_dir)? {
            let held = Holdings::read(data_dir)?;
            if !held.loose.is_empty() {
                days.push((None, held.loose.into_iter().map(Arc::new).collect()));
            }
            for (partition, exchanges) in held.exchanges {
                let files = exchanges.files.into_iter().map(|file| Arc::new(file.path));
                by_day.entry(partition.day).or_default().extend(files);
            }
        }
        let edges =
            [by_day.first_key_value(), by_day.last_key_value()].map(|edge| edge.map(|(day, files)| (*day, files)));
        let mut table_us: Option<(i64, i64)> = None;
        for (day, files) in edges.into_iter().flatten() {
            table_us = join(table_us, bounds(files)?.or(Some(moments_of(day))));
        }
        for (_, files) in &days {
            table_us = join(table_us, bounds(files)?);
        }
        days.extend(by_day.into_iter().rev().map(|(day, files)| (Some(day), files)));
        let (first, last) = table_us.unwrap_or((0, 0));
        let to = query.to_us.unwrap_or_else(|| (last + 1).max(query.from_us.map_or(i64::MIN, |from| from + 1)));
        let from = query.from_us.unwrap_or_else(|| first.min(to - 1));
        let before_us = query.from_us.map(|from| (from.saturating_sub(to.saturating_sub(from)), from));
        Ok(Self { days, table_us, window_us: (from, to), before_us })
    }

    /// The time that is asked for, with the time before.
    pub fn whole(&self) -> Window {
        let from = self.before_us.map_or(self.window_us.0, |(from, _)| from);
        Window { since_us: Some(from), until_us: Some(self.window_us.1) }
    }
}

/// A time as a window.
pub const fn window((from, to): (i64, i64)) -> Window {
    Window { since_us: Some(from), until_us: Some(to) }
}

/// Whether a day may hold something of a window; what is of no day may.
pub fn meets(window: Window, day: Option<i64>) -> bool {
    day.map(moments_of).is_none_or(|(first, last)| window.meets(first, last))
}

/// The first and the last moment of a day.
const fn moments_of(day: i64) -> (i64, i64) {
    (day.saturating_mul(DAY_US), (day + 1).saturating_mul(DAY_US) - 1)
}

fn join(one: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

/// The first and the last moment of some files, as their footers tell.
fn bounds(files: &[Arc<PathBuf>]) -> Result<Option<(i64, i64)>, Error> {
    let mut all = None;
    for file in files {
        let table = Table::open(file)?;
        for group in 0..table.row_groups() {
            all = join(all, table.bounds(group, "at"));
        }
    }
    Ok(all)
}
