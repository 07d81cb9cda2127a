//! The batch engine: logs in, campaigns out.
//!
//! [`ingest`] reads any log once, computes its text features, and writes the columnar form; [`hunt`] folds that
//! form to profiles with a DataFusion aggregate, asks for the values that accounts share, forms and tests groups, and
//! writes the results. Whatever can be a query is one, over functions that are registered by name
//! ([`register_functions`]), so that the same plan runs on another engine of the same generation.
//!
//! This is the only crate that knows DataFusion.

mod buckets;
#[cfg(feature = "ballista")]
pub mod cluster;
mod columnar;
mod dedupe;
mod engine;
mod error;
mod fold;
mod hunt;
mod index;
mod ingest;
mod output;
mod progress;
mod side;
mod store;
mod writer;

pub use columnar::SCHEMA_VERSION;
pub use columnar::exchange_schema;
pub use engine::register_functions;
pub use error::Error;
pub use hunt::Options;
pub use hunt::Outcome;
pub use hunt::Place;
pub use hunt::hunt;
pub use ingest::IngestOptions;
pub use ingest::Ingested;
pub use ingest::ingest;
pub use output::Summary;
pub use progress::Phase;
pub use progress::Progress;
pub use progress::Silent;
pub use side::read_embedder;
