//! A data directory as one file, and back.
//!
//! A backup is a tar archive packed with zstd, which any `tar` unpacks:
//!
//! ```text
//! backup.json     the form of the archive, when it was made, and what was left out
//! data/…          the files of the data directory
//! SHA256SUMS      the digest of every file before it, as `sha256sum --check` reads them; it ends the archive
//! ```
//!
//! [`back_up`] copies what is consistent while others write, in an order that `write.rs` explains. [`check`] reads an archive and compares
//! every digest, and [`restore`] does the same into a new folder, which takes its place when all of it was right.
//!
//! The digests find damage. They are no signature: whoever can write the archive can write them too.

mod contents;
mod error;
mod form;
mod read;
mod write;

pub use error::Error;
pub use error::ErrorKind;
pub use form::Head;
pub use read::Checked;
pub use read::check;
pub use read::restore;
pub use write::Made;
pub use write::Options;
pub use write::back_up;
