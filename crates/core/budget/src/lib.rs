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
//! server is gone: all machines together admit at most the limit.
//!
//! Knows neither policies nor verdicts: a gate links it without either.

mod amounts;
mod budgets;
mod error;
mod key;
mod listed;
#[cfg(feature = "redis")]
mod redis;
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
pub use listed::Past;
pub use listed::Place;
pub use listed::Standing;
#[cfg(feature = "redis")]
pub use redis::RedisServer;
pub use shared::LeaseError;
pub use shared::LeaseRequest;
pub use shared::LeaseServer;
pub use shared::Nodes;
pub use shared::SharedBudgets;
