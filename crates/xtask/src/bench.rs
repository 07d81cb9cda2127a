//! `cargo xtask bench`: the tables of the documentation, made anew.

mod detection;
mod options;
mod recall;
mod speed;
mod table;
mod window;
mod world;

pub use detection::detection;
pub use recall::recall;
pub use speed::speed;
pub use window::window;
