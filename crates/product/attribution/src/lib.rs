//! Who may be behind a campaign: a claim apart from detection.
//!
//! [`read_entities`] reads what is known of organisations from outside, each fact with its sources ([`source`]). [`gather()`]
//! reads what the accounts of a log show of it, and [`judge()`] weighs it: every item against honest groups of the same log
//! (`weigh`), all hypotheses side by side. `docs/attribution.md` says what the numbers claim and what breaks them.

mod attributor;
mod days;
mod entity;
mod entity_file;
mod error;
mod gather;
mod item;
mod judge;
mod measure;
mod observed;
mod raw;
mod reference;
mod report;
mod shift;
pub mod source;
mod weigh;
pub mod words;

pub use attributor::Accused;
pub use attributor::Entities;
pub use attributor::attribute;
pub use entity::CONTROL_PERCENT;
pub use entity::CodeName;
pub use entity::Entity;
pub use entity::Fact;
pub use entity::Hours;
pub use entity::Instrument;
pub use entity::InstrumentKind;
pub use entity::Network;
pub use entity::Release;
pub use entity::Subsidiary;
pub use entity_file::MAX_ENTITIES;
pub use entity_file::parse_entity;
pub use entity_file::read_entities;
pub use error::Error;
pub use error::ErrorKind;
pub use gather::Places;
pub use gather::gather;
pub use item::Family;
pub use item::ItemKind;
pub use judge::Attributed;
pub use judge::Hypothesis;
pub use judge::NONE;
pub use judge::PRIOR_NONE;
pub use judge::PRIOR_SEVERAL;
pub use judge::SEVERAL;
pub use judge::Share;
pub use judge::judge;
pub use observed::Account;
pub use observed::Matcher;
pub use observed::Observed;
pub use observed::Seen;
pub use report::as_contract;
pub use report::text;
pub use weigh::FamilyWeight;
pub use weigh::Item;
pub use weigh::SPEAKS;
