//! The batch engine: logs in, campaigns out.
//!
//! [`hunt`] folds the columnar form to profiles with a DataFusion aggregate, asks for the values that accounts share,
//! forms and tests groups, and writes the results. Whatever can be a query is one, over functions that are registered by
//! name ([`register_functions`]), so that the same plan runs on another engine of the same generation.
//!
//! This is the only crate that knows DataFusion.

mod buckets;
#[cfg(feature = "ballista")]
pub mod cluster;
mod engine;
mod error;
mod fold;
mod hunt;
mod ids;
mod increments;
mod index;
mod kept;
mod options;
mod output;
mod side;
mod sources;
mod sql;

pub use engine::register_functions;
pub use error::Error;
pub use hunt::Outcome;
pub use hunt::hunt;
pub use increments::FoldOptions;
pub use increments::Increments;
pub use increments::fold_increments;
pub use options::Options;
pub use options::Place;
pub use output::Summary;
pub use side::read_embedder;
