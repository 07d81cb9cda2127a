//! Exchanges, accounts and observables, and the readers of every log format.
//!
//! This crate says what a log says. It interprets nothing: no feature, no judgement, no grouping.

mod account;
mod accounts;
mod address;
mod block;
pub mod clock;
mod content;
mod elements;
mod envelope;
mod error;
mod exchange;
mod fields;
mod format;
mod formats;
mod found;
#[cfg(test)]
mod golden;
mod input;
mod json;
mod limits;
mod maps;
mod messages;
pub mod native;
mod observable;
#[cfg(feature = "store")]
pub mod remote;
mod rows;
mod shape;
mod sniff;
mod source;
#[cfg(feature = "postgres")]
mod spend_logs;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "parquet")]
pub mod table;
#[cfg(feature = "parquet")]
mod table_file;
pub mod time;
mod tools;
mod whole;

pub use account::Account;
pub use account::Action;
pub use accounts::read_accounts;
pub use accounts::read_actions;
pub use accounts::read_additions;
pub use block::Block;
pub use block::Blocks;
pub use error::Error;
pub use error::Reject;
pub use exchange::Client;
pub use exchange::Exchange;
pub use exchange::Message;
pub use exchange::Params;
pub use exchange::Request;
pub use exchange::Response;
pub use exchange::Role;
pub use format::Format;
pub use formats::Passed;
pub use formats::join_parts;
pub use formats::litellm_account;
pub use found::Addition;
pub use found::Call;
pub use found::Origin;
pub use found::Record;
pub use input::Expanded;
pub use input::Input;
pub use input::MANIFEST;
pub use input::expand;
pub use input::expand_all;
pub use limits::MAX_RECORD_BYTES;
pub use maps::Maps;
pub use observable::ObservableKind;
#[cfg(feature = "postgres")]
pub use spend_logs::Mark;
#[cfg(feature = "parquet")]
pub use table_file::TableFile;
#[cfg(feature = "parquet")]
pub use table_file::TablePlace;
#[cfg(feature = "parquet")]
pub use table_file::guarded;
pub use time::in_range_us;
pub use time::parse_time_us;
pub use whole::open_file;
pub use whole::read_file;
pub use whole::read_text_file;
