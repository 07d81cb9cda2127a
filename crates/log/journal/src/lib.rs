//! What this program writes into its ledger: the kinds of records, their bytes, and proofs that reach one exchange.
//!
//! Exchanges are too many for an entry each. The rows of one file of the exchange table are one entry, a *batch*: under it
//! is a tree of the accounts in it, each with its counts, and under each account a tree of its rows. A row is committed to in
//! three parts, so that a proof can show what was measured and keep back who it was and what was said.
//! `docs/ledger.md` is the reference for people.
//!
//! Knows bytes and hashes. What is in a table is `columns`' business, and what a verdict says is its writer's.

mod base64_bytes;
mod base64_path;
mod batch;
mod bytes;
mod error;
mod kind;
mod proof;
mod row;

pub use batch::AccountNode;
pub use batch::Batch;
pub use batch::Gone;
pub use batch::account_key;
pub use error::Error;
pub use kind::Kind;
pub use kind::document_of;
pub use kind::document_record;
pub use proof::AccountProof;
pub use proof::ExchangeProof;
pub use proof::LeafProof;
pub use proof::Part;
pub use proof::RowProof;
pub use proof::Shown;
pub use row::Group;
pub use row::Owned;
pub use row::RowKey;
pub use row::Value;
pub use row::decode;
pub use row::row_leaf;
