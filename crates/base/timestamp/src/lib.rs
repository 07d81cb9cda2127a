//! Time-stamps by RFC 3161: an authority signs a hash together with the time at which it saw it.
//!
//! [`Query`] is what is sent to an authority, [`check`] reads what comes back, and [`Stamp::check_trust`] says whether the
//! certificate that signed is one that the user trusts. The forms are those of RustCrypto's `cms`; signatures are
//! checked by `ring`, and chains of certificates by `webpki`.
//!
//! Knows bytes and hashes. What was hashed is the caller's business.

mod certificate;
mod error;
mod form;
mod query;
mod response;

pub use certificate::Certificate;
pub use certificate::read_certificates;
pub use error::Error;
pub use error::ErrorKind;
pub use query::HASH_BYTES;
pub use query::Query;
pub use response::Stamp;
pub use response::check;
