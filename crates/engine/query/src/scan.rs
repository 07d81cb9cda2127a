//! Reads the table for a question, the newest day first, until all is read or the budget is used up.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use arrow_array::RecordBatch;
use columns::Table;
use columns::Window;
use record::time::DAY_US;

use crate::answer::Answer;
use crate::answer::Before;
use crate::answer::Progress;
use crate::answer::Stopped;
use crate::cells::BATCH_ROWS;
use crate::cells::Cells;
use crate::cells::accounts;
use crate::cells::times;
use crate::error::Error;
use crate::field::Field;
use crate::newest::Newest;
use crate::plan::Plan;
use crate::plan::meets;
use crate::plan::window;
use crate::series::Series;
use crate::term::Query;
use crate::top::Accounts;
use crate::top::Counts;
use crate::top::When;

/// The most exchanges of an answer.
pub const MAX_ROWS: usize = 200;
/// The most values of an answer.
pub const MAX_TOP: usize = 100;

/// What one question may take.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Exchanges that are read.
    pub rows: u64,
    /// How long reading goes on. The values of the newest exchanges are read afterwards.
    pub time: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self { rows: 20_000_000, time: Duration::from_secs(8) }
    }
}

/// What is wanted beside the counts.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The field whose most frequent values are wanted.
    pub top: Field,
    /// How many values; [`MAX_TOP`] at most.
    pub values: usize,
    /// How many of the newest exchanges; [`MAX_ROWS`] at most.
    pub rows: usize,
    /// What it may take.
    pub budget: Budget,
}

impl Default for Options {
    fn default() -> Self {
        Self { top: Field::Account, values: 10, rows: 50, budget: Budget::default() }
    }
}

/// What was counted so far.
struct Scan<'q> {
    query: &'q Query,
    columns: Vec<&'static str>,
    now: Window,
    before: Option<Window>,
    series: Series,
    counts: Counts,
    newest: Newest,
    /// Exchanges and accounts that match, now and before.
    rows: [u64; 2],
    accounts: [Accounts; 2],
    read: u64,
    /// Of the file that is read, or was begun last.
    read_of_file: u64,
    budget: Budget,
    began: Instant,
}

/// How far reading came.
struct Reached<'p> {
    stopped: Option<Stopped>,
    /// Files that may be of the time that was asked for, and were not read to their ends.
    unread: Vec<&'p Path>,
    whole_from_us: i64,
}

/// Answers a question to a data directory. The memory that it takes does not grow with the table.
///
/// # Errors
/// [`Error`] where the table cannot be read.
pub fn ask(data_dir: &Path, query: &Query, options: &Options) -> Result<Answer, Error> {
    let began = Instant::now();
    // What the manifest names now stays until it is read.
    let _reader = columns::reading(data_dir);
    let plan = Plan::of(data_dir, query)?;
    let mut scan = Scan::new(query, options, &plan, began);
    let reached = scan.read(&plan)?;
    let is_cut = !reached.unread.is_empty();
    let unread_rows = match is_cut {
        true => rows_of(data_dir, &reached.unread)?.map(|rows| rows.saturating_sub(scan.read_of_file)),
        false => Some(0),
    };
    let [rows, rows_before] = scan.rows;
    let [accounts, accounts_before] = scan.accounts.each_ref().map(Accounts::count);
    let before = plan.before_us.map(|window_us| Before {
        window_us,
        rows: rows_before,
        accounts: accounts_before.0,
        is_complete: reached.stopped.is_none(),
        is_covered: plan.table_us.is_some_and(|(first, _)| first <= window_us.0),
    });
    let (bucket_seconds, buckets) = scan.series.into_buckets();
    let newest = scan.newest.read()?;
    Ok(Answer {
        window_us: plan.window_us,
        table_us: plan.table_us,
        rows,
        accounts: accounts.0,
        are_accounts_exact: accounts.1,
        before,
        bucket_seconds,
        buckets,
        top: scan.counts.into_top(options.values.min(MAX_TOP)),
        newest,
        progress: Progress {
            rows: scan.read,
            unread_rows,
            stopped: reached.stopped.filter(|_| is_cut),
            whole_from_us: reached.whole_from_us,
            milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        },
    })
}

/// The rows of some files as the manifest tells them; `None` where it does not.
fn rows_of(data_dir: &Path, files: &[&Path]) -> Result<Option<u64>, Error> {
    let known = columns::rows_by_file(data_dir)?;
    Ok(files.iter().map(|file| known.get(*file).copied()).sum())
}

impl<'q> Scan<'q> {
    fn new(query: &'q Query, options: &Options, plan: &Plan, began: Instant) -> Self {
        let mut columns: Vec<&str> = query.terms.iter().map(|term| term.field.column()).collect();
        columns.extend(["at", "account", options.top.column()]);
        columns.sort_unstable();
        columns.dedup();
        Self {
            query,
            columns,
            now: window(plan.window_us),
            before: plan.before_us.map(window),
            series: Series::over(plan.window_us),
            counts: Counts::of(options.top),
            newest: Newest::new(options.rows.min(MAX_ROWS)),
            rows: [0; 2],
            accounts: Default::default(),
            read: 0,
            read_of_file: 0,
            budget: options.budget,
            began,
        }
    }

    /// Reads the files of a plan until the budget is used up.
    fn read<'p>(&mut self, plan: &'p Plan) -> Result<Reached<'p>, Error> {
        let (from_us, to_us) = plan.window_us;
        let mut reached = Reached { stopped: None, unread: Vec::new(), whole_from_us: to_us };
        for (day, files) in plan.days.iter().filter(|(day, _)| meets(plan.whole(), *day)) {
            for file in files {
                if reached.stopped.is_none() {
                    reached.stopped = self.file(file, plan.whole())?;
                }
                if reached.stopped.is_some() && meets(self.now, *day) {
                    reached.unread.push(file);
                }
            }
            if let Some(day) = day.filter(|_| reached.stopped.is_none()) {
                reached.whole_from_us = reached.whole_from_us.min(day.saturating_mul(DAY_US));
            }
        }
        let whole_from_us = if reached.unread.is_empty() { from_us } else { reached.whole_from_us.max(from_us) };
        Ok(Reached { whole_from_us, ..reached })
    }

    /// Why no more may be read.
    fn is_used_up(&self) -> Option<Stopped> {
        if self.read >= self.budget.rows {
            Some(Stopped::Rows)
        } else {
            (self.began.elapsed() >= self.budget.time).then_some(Stopped::Time)
        }
    }

    /// Reads a file; or tells why it was not read to its end.
    fn file(&mut self, file: &Arc<PathBuf>, whole: Window) -> Result<Option<Stopped>, Error> {
        self.read_of_file = 0;
        if let Some(stopped) = self.is_used_up() {
            return Ok(Some(stopped));
        }
        let table = Table::open(file)?;
        for group in 0..table.row_groups() {
            if table.bounds(group, "at").is_some_and(|(first, last)| !whole.meets(first, last)) {
                continue;
            }
            let mut first = 0;
            for batch in table.read(group..group + 1, &self.columns, BATCH_ROWS)? {
                if let Some(stopped) = self.is_used_up() {
                    return Ok(Some(stopped));
                }
                let batch = batch?;
                self.batch(&batch, file, (group, first)).map_err(|reason| table.failed(reason))?;
                first += batch.num_rows();
            }
        }
        Ok(None)
    }

    fn batch(
        &mut self,
        batch: &RecordBatch,
        file: &Arc<PathBuf>,
        (group, first): (usize, usize),
    ) -> Result<(), String> {
        self.read += batch.num_rows() as u64;
        self.read_of_file += batch.num_rows() as u64;
        let (times, names) = (times(batch)?, accounts(batch)?);
        let when = |at_us: i64| {
            let is_before = || self.before.is_some_and(|before| before.holds(at_us));
            if self.now.holds(at_us) { Some(When::Now) } else { is_before().then_some(When::Before) }
        };
        let whens: Vec<Option<When>> = times.values().iter().map(|at_us| when(*at_us)).collect();
        let mut marks: Vec<bool> = whens.iter().map(Option::is_some).collect();
        for term in &self.query.terms {
            term.keep(&Cells::of(batch, term.field)?, &mut marks);
        }
        let top = Cells::of(batch, self.counts.field())?;
        for (row, ((is_kept, when), at_us)) in marks.iter().zip(whens).zip(times.values()).enumerate() {
            let Some(when) = when.filter(|_| *is_kept) else { continue };
            let [accounts, accounts_before] = &mut self.accounts;
            let [rows, rows_before] = &mut self.rows;
            let (accounts, rows) = match when {
                When::Now => (accounts, rows),
                When::Before => (accounts_before, rows_before),
            };
            *rows += 1;
            accounts.add(names.value(row));
            self.counts.add(&top, row, when);
            if when == When::Now {
                self.series.add(*at_us);
                self.newest.add(*at_us, file, group, first + row);
            }
        }
        Ok(())
    }
}
