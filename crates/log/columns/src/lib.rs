//! The columnar form: logs as partitioned Parquet, one row an exchange.
//!
//! [`ingest`] reads any log once, computes its text features, and writes rows; [`PartitionWriter`] and [`ShardWriter`]
//! write rows that are made elsewhere. `docs/columns.md` is the reference of the columns for people.
//!
//! Knows files and columns; asks no questions of them. Whoever does so needs an engine, which is `hunt`'s.

mod counts;
mod dedupe;
pub mod durable;
mod error;
mod increment;
mod ingest;
mod joins;
mod kind;
mod row;
mod second;
mod shard;
mod store;
mod table;
mod writer;

pub use counts::Counts;
pub use counts::Unread;
pub use error::Error;
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
pub use ingest::MAX_REJECTS_KEPT;
pub use ingest::ingest;
pub use ingest::ingest_into;
pub use row::Observations;
pub use row::RowId;
pub use row::SCHEMA_VERSION;
pub use row::exchange_schema;
pub use row::row_id;
pub use second::SecondLogCounts;
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
pub use table::Table;
pub use writer::PartitionWriter;
pub use writer::row_ids;
pub use writer::write_table;
