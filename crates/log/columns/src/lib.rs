//! The columnar form: logs as partitioned Parquet, one row an exchange.
//!
//! [`ingest`] reads any log once, computes its text features, and writes rows; [`PartitionWriter`] and [`ShardWriter`]
//! write rows that are made elsewhere. `docs/columns.md` is the reference of the columns for people.
//!
//! Knows files and columns; asks no questions of them. Whoever does so needs an engine, which is `hunt`'s.

mod check;
mod counts;
mod dedupe;
pub mod durable;
mod error;
mod fill;
mod increment;
mod ingest;
mod joins;
mod kind;
mod layout;
mod manifest;
mod row;
mod scratch;
mod second;
mod secret;
mod shard;
mod store;
mod table;
mod tally;
mod transaction;
mod writer;

pub use check::Checked;
pub use check::Fault;
pub use check::FaultKind;
pub use check::Mending;
pub use check::check_data_dir;
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
pub use increment::write_increments;
pub use ingest::IngestOptions;
pub use ingest::Ingested;
pub use ingest::MAX_REJECTS_KEPT;
pub use ingest::ingest;
pub use ingest::ingest_into;
pub use layout::check_version;
pub use layout::exchanges_below;
pub use layout::files_below;
pub use layout::is_columnar;
pub use layout::profiles_below;
pub use record::MANIFEST;
pub use row::Kept;
pub use row::Observations;
pub use row::RowId;
pub use row::SCHEMA_VERSION;
pub use row::exchange_schema;
pub use row::row_id;
pub use scratch::Scratch;
pub use second::SecondLogCounts;
pub use secret::Secret;
pub use secret::TableKey;
pub use secret::key_of_run;
pub use secret::users_file;
pub use secret::users_secret;
pub use shard::ShardWriter;
pub use store::Partition;
pub use store::Store;
pub use store::check_listing;
pub use store::day_of;
pub use store::embedder_of;
pub use table::Table;
pub use transaction::Transaction;
pub use transaction::reading;
pub use writer::PartitionWriter;
pub use writer::row_ids;
pub use writer::write_table;
