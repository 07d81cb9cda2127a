//! The paths of the API.

pub mod appeals;
pub mod budgets;
pub mod cases;
pub mod engine;
pub mod explore;
pub mod found;
pub mod health;
pub mod proof;
pub mod rules;
pub mod sessions;
pub mod stream;
pub mod verdicts;
