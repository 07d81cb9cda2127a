//! A case as one archive that somebody can check who trusts nobody: what is claimed, the records that matter, and the proofs.
//!
//! [`export`] makes an archive from the ledger and the exchange table of a data directory; [`verify`] reads one and nothing
//! else, computes again every number that is said to be computed from the records inside, and checks every proof.
//! `docs/dossier.md` is the reference for people.

mod archive;
mod cases;
mod claims;
mod documents;
mod error;
mod export;
mod facts;
mod figures;
mod gather;
mod method;
mod numbers;
mod options;
mod page;
mod stamps;
#[cfg(test)]
mod tests;
mod verifier;
mod verify;

pub use archive::read as read_archive;
pub use archive::write as write_archive;
pub use cases::Case;
pub use cases::accounts;
pub use cases::cases;
pub use claims::Basis;
pub use claims::Claim;
pub use documents::Accounts;
pub use documents::Verdict;
pub use error::Error;
pub use export::export;
pub use options::Audience;
pub use options::Options;
pub use options::Texts;
pub use verifier::verifier_page;
pub use verify::Line;
pub use verify::Trust;
pub use verify::Verified;
pub use verify::verify;
pub use verify::verify_with;
