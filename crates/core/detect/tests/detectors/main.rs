//! Each detector sees what it is for and not its benign twin; the pooled test keeps its error rate.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

mod adapted;
mod exam;
mod null;
mod town;
mod transferred;
mod twins;
