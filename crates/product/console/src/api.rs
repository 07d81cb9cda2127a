//! The paths of the API.

pub mod appeals;
pub mod budgets;
pub mod cases;
pub mod draft;
pub mod draft_types;
pub mod engine;
pub mod explore;
pub mod found;
pub mod health;
pub mod proof;
pub mod rules;
pub mod saved;
pub mod sessions;
pub mod stream;
pub mod verdicts;
