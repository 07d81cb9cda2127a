//! Mergeable summaries of bounded size.
//!
//! Everything here is a commutative monoid whose bytes do not depend on the order or the grouping of what was
//! added: sums are integers, samples are kept by hash value and never by arrival. That is what lets one fold run
//! in a batch, in a live engine and on many machines, with the same answer to the byte.
//!
//! This crate knows bytes, hashes and counts. It knows nothing of accounts, prompts or models.

mod anchors;
mod codec;
mod embedder;
mod embedding;
pub mod hash;
mod histogram;
mod key;
mod letters;
mod opening;
mod sample;
mod smallest;
mod text;
mod words;

pub use anchors::QUOTES;
pub use codec::DecodeError;
pub use codec::Reader;
pub use codec::Writer;
pub use embedder::Embedder;
pub use embedder::HashedWords;
pub use embedder::WordVectors;
pub use embedder::WordVectorsError;
pub use embedding::DIMENSIONS;
pub use embedding::Embedding;
pub use histogram::Histogram;
pub use key::HashKey;
pub use key::SECRET_BYTES;
pub use key::TextHasher;
pub use opening::Opening;
pub use sample::Sample;
pub use sample::Span;
pub use sample::Tally;
pub use text::FRAMES;
pub use text::PHRASES;
pub use text::TextSketch;
pub use text::sketch_text;
