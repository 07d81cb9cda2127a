//! Attacks on the built program: what each is made of, and how the program is judged that meets it.
//!
//! Nothing here knows the insides of the program. It is started as anybody would start it, under bounds of memory and time, and what
//! it leaves is looked at.

mod bomb;
mod bombs;
mod kills;
mod logs;
mod mutation;
mod outcome;
mod planted;
mod process;
mod random;
mod results;
mod scenes;
mod sides;
mod tables;
mod tree;

pub use logs::attack_logs;
pub use logs::attack_with_bombs;
pub use logs::attack_with_secrets;
pub use outcome::Outcome;
pub use process::Ended;
pub use process::Limits;
pub use process::Program;
pub use scenes::attack_with_kills;
pub use sides::attack_data_dir;
pub use sides::attack_sides;
pub use sides::attack_sides_with_bombs;
