//! Notices that are sent to a webhook: an outbox in the data directory, and signed requests by HTTPS.
//!
//! A message is on disk before it is first sent, and each attempt is counted before it is made, so that a program that is killed
//! goes on where it was. A message is sent at least once, always under the same id, by which a receiver knows it again.
//!
//! Signatures are those of Standard Webhooks (<https://www.standardwebhooks.com>): HMAC-SHA-256 over the id, the time and the body.

mod endpoint;
mod error;
mod outbox;

pub use endpoint::Endpoint;
pub use endpoint::signature;
pub use error::Error;
pub use error::ErrorKind;
pub use outbox::MAX_ATTEMPTS;
pub use outbox::Message;
pub use outbox::Outbox;
pub use outbox::Status;
pub use outbox::message_id;
