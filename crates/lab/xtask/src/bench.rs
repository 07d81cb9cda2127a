//! `cargo xtask bench`: the tables of the documentation, made anew.

mod calibration;
mod client;
mod cluster;
mod detection;
mod frontier;
mod options;
mod recall;
mod scale;
mod sources;
mod speed;
mod table;
mod verdicts;
mod window;
mod world;

pub use calibration::calibration;
pub use client::client;
pub use cluster::cluster;
pub use detection::detection;
pub use frontier::frontier;
pub use recall::recall;
pub use scale::scale;
pub use sources::sources;
pub use speed::speed;
pub use window::window;
