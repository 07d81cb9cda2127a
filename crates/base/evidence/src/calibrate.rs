//! From p-values to e-values, and ways to join e-values.

/// The e-value of a p-value: `(1 - p + p ln p) / (p ln² p)`, the mixture over `k` in (0, 1) of the calibrators
/// `k p^(k-1)` (Vovk and Wang 2021, section 2). It has mean one over a uniform `p`, whatever alternative holds.
///
/// `p` outside (0, 1] is taken as 1, whose e-value is one half.
#[must_use]
pub fn p_to_e(p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return 0.5;
    }
    let log = p.ln();
    if log > -1e-4 {
        // Series about p = 1, where the quotient loses its digits.
        return 0.5 - log / 6.0;
    }
    (1.0 - p + p * log) / (p * log * log)
}

/// The mean of e-values of one hypothesis: an e-value under any dependence. One for none: no evidence.
#[must_use]
pub fn average(e_values: &[f64]) -> f64 {
    if e_values.is_empty() { 1.0 } else { e_values.iter().sum::<f64>() / e_values.len() as f64 }
}

/// With two digits after the point, as scores are written: what is read again is the same number.
#[must_use]
pub fn two_digits(number: f64) -> f64 {
    (100.0 * number).round() / 100.0
}

/// What several ratios say without the one that says most: the product of half-bets `(1 + ratio) / 2` on the others. Ratios are
/// given, and it is, as decimal logarithms; it has two digits and is never below zero.
#[must_use]
pub fn without_largest(ratios: &[f64]) -> f64 {
    let half_bets = || ratios.iter().map(|ratio| f64::midpoint(1.0, 10_f64.powf(*ratio)).log10());
    let rest = half_bets().sum::<f64>() - half_bets().fold(0.0, f64::max);
    two_digits(rest.max(0.0))
}

/// The mean of e-values of one hypothesis in an order that was fixed before they were seen, weighed by one over the rank:
/// an e-value under any dependence, as every weighted mean with fixed weights is (Vovk and Wang 2021, section 4). One
/// for none: no evidence.
#[must_use]
pub fn ranked_average(e_values: &[f64]) -> f64 {
    let ranks = || (1..=e_values.len()).map(|rank| 1.0 / rank as f64);
    let sum: f64 = ranks().zip(e_values).map(|(weight, e_value)| weight * e_value).sum();
    if e_values.is_empty() { 1.0 } else { sum / ranks().sum::<f64>() }
}
