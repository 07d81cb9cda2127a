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

/// Half a bet: `(1 + e) / 2`. An e-value whenever `e` is one, and never below one half, so that a family with
/// nothing to say costs a product at most a factor of two.
#[must_use]
pub fn hedge(e_value: f64) -> f64 {
    f64::midpoint(1.0, e_value)
}
