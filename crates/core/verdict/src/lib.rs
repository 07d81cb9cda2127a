//! The words of a verdict: types that a gate, a console or a report may use without the detectors behind them.
//!
//! A leaf: it depends on no other crate of this workspace, on no Arrow and on no detector. The JSON spellings are those
//! of the contract.

mod family;
mod standing;
mod view;

pub use family::Family;
pub use standing::Standing;
pub use standing::Status;
pub use view::ViewKind;
