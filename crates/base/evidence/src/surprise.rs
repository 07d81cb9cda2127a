//! How far a count is above what was expected.

/// How many standard deviations a count lies above its expectation: the signed root of the deviance of a Poisson count
/// (McCullagh and Nelder, Generalized Linear Models, 1989, section 2.3). Zero for as many as expected or fewer, and for an
/// expectation that is no positive number. A single coincidence of something rare is worth little more than one of
/// something common, which a likelihood ratio does not see.
#[must_use]
pub fn surprise(count: f64, expected: f64) -> f64 {
    if !(expected > 0.0 && count > expected) {
        return 0.0;
    }
    (2.0 * (count * (count / expected).ln() - (count - expected))).max(0.0).sqrt()
}
