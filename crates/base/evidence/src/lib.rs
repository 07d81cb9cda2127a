//! E-values, conformal calibration, false discovery control and match weights.
//!
//! An *e-value* is a number that is at most one on average when the null hypothesis is true (Vovk and Wang, Annals
//! of Statistics 2021). Twenty is "this or more happens at most once in twenty when nothing is there", by Markov's
//! inequality. Unlike p-values, e-values can be averaged whatever their dependence, and discoveries made from them
//! by e-BH keep their false discovery rate whatever their dependence. That is why every verdict rests on them:
//! signals of one family are strongly dependent and nobody knows how.
//!
//! This crate knows numbers. It knows nothing of what is tested.

mod bank;
mod betabinomial;
mod calibrate;
mod conformal;
mod discover;
mod surprise;
mod weight;

pub use bank::RankedScores;
pub use betabinomial::Counted;
pub use betabinomial::NullRate;
pub use betabinomial::count_e_value;
pub use calibrate::average;
pub use calibrate::p_to_e;
pub use calibrate::ranked_average;
pub use calibrate::two_digits;
pub use calibrate::without_largest;
pub use conformal::Reference;
pub use discover::Weighed;
pub use discover::benjamini_hochberg;
pub use discover::closed_e_benjamini_hochberg;
pub use surprise::surprise;
pub use weight::frequency_bits;
