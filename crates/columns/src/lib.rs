//! The columnar form: logs as partitioned Parquet, one row an exchange.
//!
//! [`ingest`] reads any log once, computes its text features, and writes rows; [`PartitionWriter`] and [`ShardWriter`]
//! write rows that are made elsewhere. `docs/columns.md` is the reference of the columns for people.
//!
//! Knows files and columns; asks no questions of them. Whoever does so needs an engine, which is `hunt`'s.

mod dedupe;
mod error;
mod exchange;
mod increment;
mod ingest;
mod progress;
mod shard;
mod store;
mod writer;

pub use error::Error;
pub use exchange::RowId;
pub use exchange::SCHEMA_VERSION;
pub use exchange::exchange_schema;
pub use exchange::row_id;
pub use increment::BLOCK_DAYS;
pub use increment::ExchangeFile;
pub use increment::Exchanges;
pub use increment::Holdings;
pub use increment::Part;
pub use increment::Reading;
pub use increment::Span;
pub use increment::Window;
pub use increment::increment_schema;
pub use increment::settle;
pub use increment::write_increments;
pub use ingest::IngestOptions;
pub use ingest::Ingested;
pub use ingest::ingest;
pub use ingest::ingest_into;
pub use progress::Phase;
pub use progress::Progress;
pub use progress::Silent;
pub use progress::check;
pub use shard::ShardWriter;
pub use store::Partition;
pub use store::Store;
pub use store::check_version;
pub use store::day_of;
pub use store::embedder_of;
pub use store::exchanges_below;
pub use store::files_below;
pub use store::is_columnar;
pub use store::profiles_below;
pub use writer::PartitionWriter;
pub use writer::write_table;
