//! Exchanges, accounts and observables, and the readers of every log format.
//!
//! This crate says what a log says. It interprets nothing: no feature, no judgement, no grouping.

mod account;
mod accounts;
mod block;
mod content;
mod elements;
mod error;
mod exchange;
mod format;
mod formats;
#[cfg(test)]
mod golden;
mod input;
mod json;
pub mod native;
mod observable;
#[cfg(feature = "store")]
pub mod remote;
mod sniff;
mod source;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "parquet")]
pub mod table;
pub mod time;

pub use account::Account;
pub use account::Action;
pub use accounts::read_accounts;
pub use accounts::read_actions;
pub use block::Block;
pub use block::Blocks;
pub use block::MAX_RECORD_BYTES;
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
pub use input::Input;
pub use input::expand;
pub use observable::ObservableKind;
pub use time::parse_time_us;
