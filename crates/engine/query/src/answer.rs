//! What a question is answered with.

use crate::field::Field;
use crate::term::Value;

/// The answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The time that was asked for: from the first moment to the end, which is not in it. An open edge is that of the table.
    pub window_us: (i64, i64),
    /// The first and the last moment of the table; `None` where it is empty.
    pub table_us: Option<(i64, i64)>,
    /// Exchanges that match.
    pub rows: u64,
    /// Accounts of them.
    pub accounts: u64,
    /// Whether these are all; else there are as many at least.
    pub are_accounts_exact: bool,
    /// The time before, as long as the one that was asked for; `None` where that has no beginning.
    pub before: Option<Before>,
    /// Seconds of a bucket.
    pub bucket_seconds: u64,
    /// The exchanges that match, by time.
    pub buckets: Vec<Bucket>,
    /// The most frequent values of a field.
    pub top: Top,
    /// The newest exchanges that match.
    pub newest: Vec<Row>,
    /// How much of the table was read.
    pub progress: Progress,
}

/// What matched in the time before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The time: from the first moment to the end, which is not in it.
    pub window_us: (i64, i64),
    /// Exchanges that matched.
    pub rows: u64,
    /// Accounts of them.
    pub accounts: u64,
    /// Whether all of the time was read.
    pub is_complete: bool,
    /// Whether the table begins before this time does. If not, there is less to compare with than its length says.
    pub is_covered: bool,
}

/// Exchanges of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// When it begins.
    pub at_us: i64,
    /// Exchanges in it.
    pub rows: u64,
}

/// The most frequent values of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Top {
    /// The field.
    pub field: Field,
    /// The values, the most frequent first.
    pub values: Vec<TopValue>,
    /// Values that were counted, with those that are listed.
    pub distinct: u64,
    /// How often the values that were counted and are not listed came.
    pub others: u64,
    /// How often values came that found no room to be counted by themselves.
    pub uncounted: u64,
}

/// A value of a field, and how often it came.
#[derive(Debug, Clone, PartialEq)]
pub struct TopValue {
    /// The value; `None` for exchanges without one.
    pub value: Option<Value>,
    /// Exchanges with it.
    pub rows: u64,
    /// Exchanges with it in the time before.
    pub rows_before: u64,
}

/// An exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// When it came.
    pub at_us: i64,
    /// Its values, by field. Of a field that may hold several these are all.
    pub values: Vec<(Field, Value)>,
}

/// How much of the table was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Exchanges that were read and looked at.
    pub rows: u64,
    /// Exchanges of files that may be of the time that was asked for, and were not read; `None` where it is not known.
    pub unread_rows: Option<u64>,
    /// Why reading ended early.
    pub stopped: Option<Stopped>,
    /// Days from this moment on were read whole.
    pub whole_from_us: i64,
    /// How long it took.
    pub milliseconds: u64,
}

/// Why reading ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// As many exchanges were read as one question may.
    Rows,
    /// It took as long as one question may.
    Time,
}

impl Stopped {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Time => "time",
        }
    }
}

impl Answer {
    /// Whether all of the time that was asked for was read.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.progress.stopped.is_none()
    }
}
