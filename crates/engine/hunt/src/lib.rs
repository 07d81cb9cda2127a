//! The batch engine: logs in, campaigns out.
//!
//! [`hunt`] folds the columnar form to profiles, asks for the values that accounts share, forms and tests groups, and
//! writes the results. The fold scans Parquet files directly; a [`RemoteFold`] does it on other machines.

mod accounts;
mod bank;
mod batch;
mod charts;
mod error;
mod fold;
mod hunt;
mod increment_rows;
mod increments;
mod kept;
mod losses;
mod options;
mod output;
mod repeats;
mod seen;
mod side;
mod snapshot;
mod sources;
mod usage;
mod verdicts;

pub use bank::build_bank;
pub use bank::read_bank;
pub use bank::write_bank;
pub use charts::Activity;
pub use charts::Charts;
pub use charts::Day;
pub use charts::MAX_DRAWN;
pub use charts::Others;
pub use charts::SharedItem;
pub use error::Error;
pub use fold::Folded;
pub use hunt::Outcome;
pub use hunt::hunt;
pub use increments::FoldOptions;
pub use increments::Increments;
pub use increments::fold_increments;
pub use losses::losses;
pub use options::Attributor;
pub use options::Evidence;
pub use options::Found;
pub use options::Options;
pub use options::Page;
pub use options::Place;
pub use options::RemoteFold;
pub use output::Summary;
pub use side::read_embedder;
pub use snapshot::read_snapshot;
pub use snapshot::write_snapshot;
pub use usage::AccountUsage;
pub use usage::Amount;
pub use usage::Asked;
pub use usage::RecordedUsage;
pub use usage::read_usage;
