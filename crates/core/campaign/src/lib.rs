//! Campaigns: groups with their evidence, confidence, impact and limits.
//!
//! [`form_candidates`] finds groups by one family of evidence and tests each on the others: the separation law.
//! [`propose`] joins candidates that are the same accounts seen from two sides, and decides by e-BH which of them
//! are discoveries. [`describe`] says it in the words of the contract, with what speaks against it.

mod candidate;
mod confidence;
mod describe;
mod leak;
mod proposal;
mod registry;
mod report;
mod totals;
mod words;

pub use candidate::Candidate;
pub use candidate::Candidates;
pub use candidate::View;
pub use candidate::form_candidates;
pub use describe::Described;
pub use describe::Settings;
pub use describe::describe;
pub use describe::tested_groups;
pub use proposal::CORROBORATES;
pub use proposal::Proposal;
pub use proposal::propose;
pub use registry::DatedEvent;
pub use registry::Event;
pub use registry::Registry;
pub use registry::RegistryError;
pub use registry::Sighting;
pub use report::AccountVerdict;
pub use report::Attribution;
pub use report::Campaign;
pub use report::CapabilityLeak;
pub use report::CapabilityShare;
pub use report::DetectorEvidence;
pub use report::FamilyEvidence;
pub use report::Innocent;
pub use report::Interval;
pub use report::Leak;
pub use report::LinkSummary;
pub use report::Pool;
pub use report::Revision;
pub use report::TestedGroup;
