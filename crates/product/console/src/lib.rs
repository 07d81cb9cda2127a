//! The public HTTP API: what was found, what is decided, cases, and the ledger.
//!
//! [`router`] makes it of a [`State`]; [`Server`] listens for it with bounds and TLS. An engine that runs beside gives its own
//! routes to [`router_with`], which puts them behind the same tokens, limits and counts. `docs/api.md` is the reference for
//! people, `openapi.json` the one for programs.

mod api;
mod backtest;
mod changes;
mod cookie;
mod decided;
mod deployment;
mod draft;
mod entity;
mod error;
mod extract;
mod facts;
mod folder;
mod found;
mod guard;
mod kept;
mod metrics;
mod page;
mod password;
mod problem;
mod revision;
mod router;
mod saved;
mod server;
mod session;
mod site;
mod state;
mod suggestion;
mod throttle;
mod token;
mod totp;
mod trial;
mod types;
mod user;

pub use backtest::Backtested;
pub use backtest::Backtests;
pub use error::Error;
pub use error::ErrorKind;
pub use page::MOST as MAX_PAGE;
pub use problem::Problem;
pub use router::openapi;
pub use router::router;
pub use router::router_with;
pub use server::Listening;
pub use server::Server;
pub use server::Tls;
pub use state::LiveBudgets;
pub use state::Options;
pub use state::State;
pub use state::Verdicts;
pub use token::Caller;
pub use token::Role;
pub use token::Token;
pub use token::Tokens;
pub use user::User;
pub use user::Users;
