//! Cases: what people decide on campaigns, with who, when and why.
//!
//! A case is the list of the acts on it, and its state is computed from them. Acts are kept by a [`Store`], SQLite's or
//! PostgreSQL's, and each is written into the ledger of the data directory too. [`Desk`] is where both are opened together and
//! acts are done. `docs/cases.md` is the reference for people.

mod act;
mod appeal;
mod desk;
mod error;
mod follow;
#[cfg(feature = "postgres")]
mod postgres;
mod rulings;
mod second;
mod sources;
mod sqlite;
mod state;
mod store;

#[cfg(feature = "postgres")]
pub use crate::postgres::Postgres;
pub use act::Act;
pub use act::MAX_ACCOUNTS;
pub use act::MAX_NOTE;
pub use act::Measure;
pub use act::What;
pub use act::is_same_person;
pub use appeal::APPEAL_DAYS;
pub use appeal::Appeal;
pub use appeal::AppealState;
pub use appeal::Attached;
pub use appeal::MAX_APPEAL;
pub use appeal::Outcome;
pub use appeal::Ruled;
pub use appeal::appeal_id;
pub use desk::Ask;
pub use desk::Asked;
pub use desk::CASES_FILE;
pub use desk::Desk;
pub use desk::copy_store;
pub use error::Error;
pub use error::ErrorKind;
pub use sources::Claim;
pub use sqlite::Sqlite;
pub use state::Case;
pub use state::Phase;
pub use state::Proposed;
pub use store::LogMark;
pub use store::Store;
pub use store::Stored;
