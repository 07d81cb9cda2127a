//! Threads, progress and stopping: what every long computation needs, in one place.
//!
//! [`parallel_map`] and [`try_parallel_map`] apply a function to each item of a slice on several threads and return the
//! results in the order of the items. [`Progress`] is told how far the work is and carries the stop flag.

mod parallel;
mod progress;

pub use parallel::available;
pub use parallel::parallel_map;
pub use parallel::try_parallel_map;
pub use progress::Interrupted;
pub use progress::Phase;
pub use progress::Progress;
pub use progress::Silent;
pub use progress::check;
