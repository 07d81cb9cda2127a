//! Counting members of a group that show a property: an e-value with room for dependence inside benign groups.
//!
//! The pooled test of a group counts how many of its members show a property that a benign account shows with a
//! known rate. Members of a benign group (a company, a class, the users of one tool) are alike, so their number is
//! spread far wider than a binomial; the null is therefore *beta-binomial*, with an intra-class correlation that is given.

use statrs::function::beta::beta_reg;
use statrs::function::beta::ln_beta;
use statrs::function::gamma::ln_gamma;

/// A group's count: `with` of `members` show the property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Members that show it.
    pub with: u64,
    /// Members on whom it could be seen.
    pub members: u64,
}

/// How often the property is shown by members of benign groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NullRate {
    /// Mean rate in (0, 1).
    pub rate: f64,
    /// Intra-class correlation in (0, 1): 0 is independent members, 1 is groups all of one kind.
    pub correlation: f64,
}

/// The least correlation ever assumed, however alike reference groups look.
const MIN_CORRELATION: f64 = 0.02;

/// E-value of a count against a beta-binomial null.
///
/// *Null:* the number of members with the property is beta-binomial with mean rate at most `null.rate` and that
/// correlation. *Alternative:* the group's own rate is uniform between `null.rate` and one. The value is the ratio
/// of the two probabilities, made monotone by taking the smallest ratio at this count or any larger one, which only
/// lowers it; monotone, it stays an e-value for every null that is stochastically smaller.
/// *What breaks it:* a kind of benign group that is all alike and was not in the reference.
#[must_use]
pub fn count_e_value(counted: Counted, null: NullRate) -> f64 {
    let Counted { with, members } = counted;
    if members == 0 || with > members {
        return 1.0;
    }
    let rate = null.rate.clamp(1e-6, 1.0 - 1e-6);
    let correlation = null.correlation.clamp(MIN_CORRELATION, 0.999);
    let size = (1.0 - correlation) / correlation;
    let (alpha, beta) = (rate * size, (1.0 - rate) * size);
    let log_ratio = |k: u64| {
        let (k, n) = (k as f64, members as f64);
        let log_choose = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
        let log_null = log_choose + ln_beta(k + alpha, n - k + beta) - ln_beta(alpha, beta);
        let above = (1.0 - beta_reg(k + 1.0, n - k + 1.0, rate)).max(1e-300);
        let log_alternative = above.ln() - (1.0 - rate).ln() - (n + 1.0).ln();
        log_alternative - log_null
    };
    (with..=members).map(log_ratio).fold(f64::INFINITY, f64::min).min(700.0).exp()
}
