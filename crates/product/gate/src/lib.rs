//! The gate: a reverse proxy before the APIs of model providers, which decides on each request and writes down what passed.
//!
//! It forwards the bytes that it received, in both directions and as they come. Who asks is found by the key; what is done
//! about it by the rules of `policy`, a verdict snapshot and budgets, all in memory. What passed is handed to one thread that
//! writes native exchanges; nothing on the way of a request waits for it.
//!
//! It judges nobody, and knows no detector.

mod admin;
mod answer;
mod asked;
mod caller;
mod config;
mod config_budgets;
mod config_doors;
mod config_raw;
mod dialect;
mod door;
mod doors;
mod edit;
mod error;
mod gate;
mod head;
mod headers;
mod hops;
mod idle;
mod judge;
mod keys;
mod leases;
mod live;
mod members;
mod metrics;
mod mode;
mod proxy;
mod records;
mod refusal;
mod room;
mod sent;
mod serve;
mod shared;
mod spool;
mod tap;
mod tls;
mod traffic;
mod unfold;
mod upstream;
mod writer;

pub use config::Accounts;
pub use config::Config;
pub use config::Hops;
pub use config::Limits;
pub use config::Route;
pub use config::SpoolConfig;
pub use config_budgets::BudgetSharing;
pub use config_budgets::ServerUrl;
pub use config_budgets::fault_of_toml;
pub use config_doors::Doors;
pub use door::Door;
pub use doors::question_text_bytes;
pub use edit::limited_body;
pub use error::Error;
pub use error::ErrorKind;
pub use gate::Gate;
pub use gate::Stop;
pub use gate::check;
pub use keys::key_line;
pub use leases::set_up_budgets;
pub use mode::Caps;
pub use mode::FailureMode;
pub use mode::GateMode;
