//! What is shared with others of a campaign, and what others share with us.
//!
//! [`Content`] is what may leave: as little as serves. [`Guard`] decides whether it does. [`stix::bundle`] and [`misp::event`]
//! write it; [`parse`] reads what others wrote. `docs/sharing.md` is the reference for people.

mod content;
mod error;
mod guard;
mod ids;
mod inbound;
mod indicator;
pub mod misp;
mod outbound;
pub mod stix;
mod stored;
mod tlp;
mod values;

pub use content::Campaign;
pub use content::Content;
pub use content::Indicator;
pub use content::LEAST_ACCOUNTS;
pub use content::MAX_INDICATORS;
pub use content::keyed_hash;
pub use error::Error;
pub use error::ErrorKind;
pub use guard::Ask;
pub use guard::Group;
pub use guard::Guard;
pub use guard::Shared;
pub use inbound::Inbound;
pub use inbound::MAX_BYTES;
pub use inbound::Matches;
pub use inbound::Told;
pub use inbound::keep;
pub use inbound::kept;
pub use inbound::matches;
pub use inbound::parse;
pub use indicator::IndicatorKind;
pub use indicator::IndicatorValue;
pub use outbound::Outbound;
pub use outbound::collection_id;
pub use outbound::publish;
pub use outbound::published;
pub use tlp::Tlp;
pub use values::comparable;
pub use values::parse_values;
