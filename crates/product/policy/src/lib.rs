//! Policies: what an account may do, written so that lawyers can read it and engineers can test it.
//!
//! A folder of policies holds rules in Cedar, each with the clause of the terms that it enforces, its mode, its expiry, a
//! reason code and a text for the customer; lists and numbers in `settings.toml`; and tests beside them. [`Policy::load`]
//! refuses a folder that is not fit. [`decide`] is a pure function of a request, an account, a verdict snapshot and a policy.
//!
//! It judges nobody: what is held of an account comes in a snapshot, and the most that it may cause is bounded by
//! [`ceiling`], whatever a rule says.

mod attribute;
mod backtest;
mod cache;
mod cases;
mod cedar;
pub mod ceiling;
mod check;
mod decide;
mod diff;
mod error;
mod explain;
mod fault;
mod outcome;
mod policy;
mod reload;
mod rule;
mod settings;
mod situation;
mod source;
mod space;
mod tried;
mod words;

pub use attribute::Attribute;
pub use backtest::BlastRadius;
pub use backtest::KnownAccount;
pub use backtest::Usage;
pub use backtest::backtest;
pub use cases::TestResult;
pub use cases::Tested;
pub use cases::run as run_tests;
pub use check::check;
pub use decide::AccountState;
pub use decide::Ask;
pub use decide::Decision;
pub use decide::DecisionRecord;
pub use decide::Said;
pub use decide::decide;
pub use decide::situation;
pub use diff::Answered;
pub use diff::Change;
pub use diff::diff;
pub use error::Error;
pub use error::ErrorKind;
pub use explain::Decisive;
pub use explain::Explained;
pub use explain::explain;
pub use fault::Fault;
pub use fault::Place;
pub use outcome::Match;
pub use outcome::Outcome;
pub use policy::MAX_RULES_OF_QUESTION;
pub use policy::Policy;
pub use reload::LivePolicy;
pub use rule::Rule;
pub use settings::BudgetSetting;
pub use settings::Settings;
pub use situation::Capabilities;
pub use situation::MAX_CORROBORATION;
pub use situation::Situation;
pub use source::Source;
pub use space::Edges;
pub use space::space;
pub use tried::Tried;
pub use words::Basis;
pub use words::Capability;
pub use words::Channel;
pub use words::Held;
pub use words::HeldTier;
pub use words::Information;
pub use words::Kind;
pub use words::Measure;
pub use words::Mode;
pub use words::Network;
pub use words::Programme;
pub use words::Purpose;
pub use words::Question;
pub use words::Severity;
pub use words::Verification;
pub use words::Volume;
