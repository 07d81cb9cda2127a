//! What the holder of an account is told, in plain words, from a template for each reason.
//!
//! A reason is that of a rule (`@reason` in the policies), or that of an appeal. A template says what class of use was seen, what
//! it means, and what to do; it may hold no number and none of the words that its file forbids, so that nobody learns from a
//! notice how not to be seen. `docs/appeals.md` says how templates are written and reviewed.

mod error;
mod templates;

pub use error::Error;
pub use error::ErrorKind;
pub use templates::Facts;
pub use templates::Notice;
pub use templates::Templates;
