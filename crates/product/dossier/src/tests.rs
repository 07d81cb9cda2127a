//! Tests that need what the crate keeps to itself: archives that are taken apart, changed, and signed again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first thing that is not as it should be"
)]

mod agreement;
mod mutations;
mod parts;
mod stamps;
mod vectors;
mod versions;
