//! Campaigns: groups with their evidence, confidence, impact and limits.
//!
//! [`form_candidates`] finds groups by one half of the items that accounts share and scores each on the other half.
//! [`rank_all`] compares the scores with a [`Bank`] of honest groups; only that makes e-values of them. [`propose`] merges
//! candidates that are one operation, decides by closed e-BH which are discoveries, and says who is a member.
//! [`describe`] says it in the words of the contract, with what speaks against it.

mod bank;
mod candidate;
mod class;
mod confidence;
mod describe;
mod hypothesis;
mod judged;
mod judgement;
mod leak;
mod members;
mod proposal;
mod registry;
mod report;
mod snapshot;
mod totals;
mod words;

pub use bank::BANK_HALF;
pub use bank::Bank;
pub use bank::BankError;
pub use bank::BankKind;
pub use bank::Peers;
pub use candidate::Candidate;
pub use candidate::Candidates;
pub use candidate::View;
pub use candidate::form_candidates;
pub use candidate::ties_of;
pub use class::Class;
pub use class::Scores;
pub use class::SizeClass;
pub use class::Sizes;
pub use describe::Described;
pub use describe::Settings;
pub use describe::describe;
pub use describe::describe_leads;
pub use describe::tested_groups;
pub use hypothesis::Hypothesis;
pub use hypothesis::merge;
pub use judged::CORROBORATES;
pub use judged::Judged;
pub use judged::Ranked;
pub use judged::judge;
pub use judged::rank_all;
pub use judgement::JudgedPart;
pub use judgement::JudgedPeers;
pub use judgement::Judgement;
pub use members::Item;
pub use members::Member;
pub use proposal::Lead;
pub use proposal::Proposal;
pub use proposal::Rates;
pub use proposal::Selected;
pub use proposal::SetAside;
pub use proposal::propose;
pub use registry::DatedEvent;
pub use registry::Event;
pub use registry::Registry;
pub use registry::RegistryError;
pub use registry::Sighting;
pub use report::AccountEvidence;
pub use report::AccountVerdict;
pub use report::Attribution;
pub use report::BankEvidence;
pub use report::Campaign;
pub use report::CapabilityLeak;
pub use report::CapabilityShare;
pub use report::DetectorEvidence;
pub use report::FamilyEvidence;
pub use report::Innocent;
pub use report::Interval;
pub use report::LeadReport;
pub use report::Leak;
pub use report::LinkSummary;
pub use report::PartSummary;
pub use report::Pool;
pub use report::Revision;
pub use report::TestedGroup;
pub use snapshot::FoundAccount;
pub use snapshot::FoundCampaign;
pub use snapshot::FoundLead;
pub use snapshot::snapshot;
