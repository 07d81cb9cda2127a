//! A recorded client: the requests of a real program in the order in which it sent them, with the answers it was given.
//!
//! Worlds are written by a generator. What a distillation toolkit really sends is not: its wording, its parameters, the
//! order of its stages and the answers that come back are those of the recording. Only who sends it is invented.

mod deal;
mod donor;
mod pass;
mod recording;

pub use deal::Deal;
pub use deal::Dealing;
pub use deal::Files;
pub use donor::Donor;
pub use donor::donors;
pub(crate) use donor::each;
pub use recording::Call;
pub use recording::Recording;
