//! `cargo xtask bench`: the tables of the documentation, made anew.

mod calibration;
mod detection;
mod frontier;
mod options;
mod recall;
mod speed;
mod table;
mod window;
mod world;

pub use calibration::calibration;
pub use detection::detection;
pub use frontier::frontier;
pub use recall::recall;
pub use speed::speed;
pub use window::window;
