//! Stores, the ledger beside them, and the rules of cases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

mod appeals;
mod conformance;
mod follow;
mod rules;
mod sources;
mod world;
