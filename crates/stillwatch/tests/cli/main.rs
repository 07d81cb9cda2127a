//! The real binary, from outside.

mod bad_input;
mod common;
mod contract;
