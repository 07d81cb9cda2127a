//! The words of a verdict, and what is held of all accounts at one moment: what a gate, a console or a report may use
//! without the detectors behind them.
//!
//! A leaf: it depends on no other crate of this workspace, on no Arrow and on no detector. The JSON spellings are those
//! of the contract.

mod build;
mod check;
mod error;
mod families;
mod family;
mod rows;
mod snapshot;
mod standing;
mod tier;
mod view;
mod wire;

pub use build::SnapshotBuilder;
pub use error::Error;
pub use error::ErrorKind;
pub use families::Families;
pub use family::Family;
pub use rows::SnapshotAccount;
pub use rows::SnapshotCampaign;
pub use rows::SnapshotWindow;
pub use snapshot::AccountView;
pub use snapshot::VerdictSnapshot;
pub use standing::Standing;
pub use standing::Status;
pub use tier::Tier;
pub use view::ViewKind;
pub use wire::MAX_SNAPSHOT_BYTES;
pub use wire::SNAPSHOT_VERSION;
