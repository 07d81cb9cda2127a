//! Attribution as a whole: files of organisations, sources, and what is claimed of small logs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

mod claims;
mod files;
mod sources;
mod town;
