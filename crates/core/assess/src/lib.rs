//! The one judge: who of a population is held to run a campaign.
//!
//! [`assess`] is a pure function of the population and the settings. A hunt, a live engine and a test call it alike, and
//! nothing else decides who is accused. It finds the values that accounts share, forms groups, tests them, and joins
//! those that are one operation. What a campaign is called, how sure it is and how it is told in words is decided after
//! it, by `campaign`.

mod assess;
mod ties;

pub use assess::Assessment;
pub use assess::Settings;
pub use assess::Timings;
pub use assess::assess;
pub use assess::honest_groups;
