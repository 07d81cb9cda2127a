//! Private set intersection: two parties learn which of their items the other holds too.
//!
//! It knows items as bytes, and neither files nor connections. Three messages go between a starter and an answerer:
//!
//! 1. *Offer*: the starter hashes each item `x` to a point `H(x)` of ristretto255 and sends `a·H(x)` for a random `a` of its own.
//! 2. *Answer*: the answerer sends `b·H(y)` for its items, and `b·a·H(x)` for each point of the offer, in the offer's order.
//! 3. *Closing*: the starter sends `a·b·H(y)` for each point of the answer, in the answer's order.
//!
//! An item that both hold gives the same point by both ways. A party knows which item each of its own points was made of, and
//! not which items the other's points were made of: these are sorted by their encodings, which says nothing of the items.
//! This is the protocol of Meadows (IEEE Symposium on Security and Privacy, 1986) and of Huberman, Franklin and Hogg (ACM
//! Conference on Electronic Commerce, 1999), under the decisional Diffie-Hellman assumption and with the hash as a random
//! oracle.
//!
//! Added to it are: a proof with the answer and with the closing that every point was multiplied by the one scalar whose
//! public point the party sent ([RFC 9497](https://www.rfc-editor.org/rfc/rfc9497), section 2.2), without which a party could
//! make the other believe in common items that are none; padding of each set to a size class with points of no item; and a
//! chain of digests through the three messages, so that no message of another session is taken.
//!
//! What it cannot hold back: a party may put guesses into its own set, may blind its set by another scalar than it proves and so
//! learn what is common while the other is told that nothing is, and may stop before the closing.

mod bytes;
mod error;
mod group;
mod message;
mod proof;
mod session;
mod state;

pub use error::Error;
pub use error::ErrorKind;
pub use group::LEAST_POINTS;
pub use group::MAX_ITEM_BYTES;
pub use group::MAX_POINTS;
pub use group::size_class;
pub use message::MAX_MESSAGE_BYTES;
pub use message::Message;
pub use session::Answerer;
pub use session::Outcome;
pub use session::Starter;
pub use session::answer;
pub use session::start;
pub use state::Kept;
pub use state::MAX_STATE_BYTES;
