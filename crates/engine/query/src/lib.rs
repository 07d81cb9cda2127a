//! Questions to the table of exchanges: a small typed language, and a scan that answers within a budget.
//!
//! [`Query::parse`] reads a question, and [`ask`] answers it from the Parquet files of a data directory: how many exchanges match,
//! when, which values of a field are the most frequent, and the newest of them. There is no query engine behind it: each
//! file is read once, in the columns that the question names. The text of prompts is no field, and is never read.

mod answer;
mod cells;
mod error;
mod field;
mod literal;
mod newest;
mod parse;
mod plan;
mod scan;
mod series;
mod term;
mod top;

pub use answer::Answer;
pub use answer::Before;
pub use answer::Bucket;
pub use answer::Progress;
pub use answer::Row;
pub use answer::Stopped;
pub use answer::Top;
pub use answer::TopValue;
pub use error::Error;
pub use error::ErrorKind;
pub use error::Place;
pub use field::Field;
pub use field::Kind;
pub use literal::time_text;
pub use parse::MAX_QUERY_BYTES;
pub use parse::MAX_TERMS;
pub use scan::Budget;
pub use scan::MAX_ROWS;
pub use scan::MAX_TOP;
pub use scan::Options;
pub use scan::ask;
pub use series::MAX_BUCKETS;
pub use term::Order;
pub use term::Query;
pub use term::Term;
pub use term::Test;
pub use term::Value;
