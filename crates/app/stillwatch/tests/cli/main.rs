//! The real binary, from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

#[cfg(feature = "console")]
mod api;
#[cfg(feature = "console")]
mod api_draft;
#[cfg(feature = "console")]
mod api_explore;
#[cfg(feature = "console")]
mod api_saved;
#[cfg(feature = "console")]
mod api_sessions;
mod appeal;
mod attribute;
mod audit;
mod backup;
mod bad_input;
mod bank;
mod beside_the_log;
mod bombs;
mod case;
mod case_acts;
#[cfg(feature = "cluster")]
mod cluster;
mod common;
mod contract;
mod data_dir;
#[cfg(feature = "delivery")]
mod deliver;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
mod doctor;
mod evidence;
mod foreign_logs;
#[cfg(feature = "gate")]
mod gate;
mod increments;
mod ledger;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
mod packaging;
mod page;
mod papers;
#[cfg(feature = "cluster")]
mod parts;
#[cfg(feature = "policy")]
mod policy;
#[cfg(any(feature = "cluster", feature = "watch"))]
mod process;
#[cfg(feature = "gate")]
mod redis;
mod s3;
mod share_psi;
#[cfg(feature = "console")]
mod share_taxii;
#[cfg(feature = "cluster")]
mod sql;
mod store;
mod timestamp;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
mod up;
#[cfg(feature = "watch")]
mod watch;
