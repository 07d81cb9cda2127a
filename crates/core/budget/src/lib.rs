//! Budgets that follow the actor: how many requests, tokens and units of privacy an account, an organisation, a pool or a
//! whole campaign may still draw.
//!
//! A request reserves an estimate on every budget that it draws on when it is admitted ([`Budgets::reserve`]), and settles
//! what it really used at its end ([`Budgets::settle`]). What is never settled is spent at its estimate. All accounts of a
//! campaign draw on one budget, so that more accounts bring a campaign nothing.
//!
//! How budgets stand is told with [`Budgets::most_used`] and [`Budgets::of_actor`].
//!
//! On several machines [`SharedBudgets`] leases parts of a budget from a server, and goes on with a share of it when the
//! server is gone: all machines together admit at most the limit. [`NodeBudgets`] is either, for a gate that need not know.
//!
//! Knows neither policies nor verdicts: a gate links it without either.

mod amounts;
mod budgets;
mod error;
mod key;
mod lease;
mod listed;
mod node;
#[cfg(feature = "redis")]
mod redis;
mod server;
mod shared;

pub use amounts::Amounts;
pub use amounts::MAX_AMOUNT;
pub use amounts::Unit;
pub use budgets::Bounds;
pub use budgets::Budgets;
pub use budgets::Receipt;
pub use error::Error;
pub use error::ErrorKind;
pub use key::Draw;
pub use key::Key;
pub use key::Limit;
pub use key::Scope;
pub use lease::LeaseError;
pub use lease::LeaseRequest;
pub use lease::LeaseServer;
pub use lease::Nodes;
pub use lease::UrlError;
pub use listed::Part;
pub use listed::Past;
pub use listed::Place;
pub use listed::Standing;
pub use node::AnyShared;
pub use node::NodeBudgets;
#[cfg(feature = "redis")]
pub use redis::RedisServer;
pub use server::lease_server;
pub use shared::Refill;
pub use shared::SharedBudgets;
