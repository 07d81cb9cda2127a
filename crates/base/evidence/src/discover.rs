//! Discovery with false discovery control.

/// The hypotheses that e-BH rejects at level `fdr`, as indices in ascending order (Wang and Ramdas, JRSS B 2022).
///
/// *Guarantee:* the expected share of true nulls among the rejected is at most `fdr`, under any dependence of the
/// e-values, as long as each has mean at most one under its null. Rejects the `k` largest for the largest `k` with
/// `e_(k) >= m / (fdr k)`, where `m` is the number of hypotheses.
#[must_use]
pub fn e_benjamini_hochberg(e_values: &[f64], fdr: f64) -> Vec<usize> {
    if fdr <= 0.0 {
        return Vec::new();
    }
    let mut order: Vec<(f64, usize)> = e_values.iter().copied().zip(0..).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let m = order.len() as f64;
    let rejected = order
        .iter()
        .zip(1_u32..)
        .filter(|((e, _), k)| *e >= m / (fdr * f64::from(*k)))
        .map(|(_, k)| k as usize)
        .last()
        .unwrap_or(0);
    let mut found: Vec<usize> = order.into_iter().take(rejected).map(|(_, index)| index).collect();
    found.sort_unstable();
    found
}

/// A hypothesis that is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// Its e-value.
    pub e_value: f64,
    /// Its weight, chosen without a look at any e-value.
    pub weight: f64,
}

/// The same with weights, when only some of the hypotheses are still asked for: the others were left out for other
/// reasons than their e-values would give, and count all the same. `total_weight` is that of all hypotheses.
///
/// Rejects the `k` with the largest `weight × e` for the largest `k` with `weight × e >= total_weight / (fdr k)`.
/// *Guarantee:* as above. Weights scaled to a mean of one leave the sum of the nulls' e-values at most at its bound, and
/// any set in which each weighted e-value passes the bar for the set's own size is self-consistent (Wang and Ramdas
/// 2022; Ignatiadis, Wang and Ramdas, "E-values as unnormalized weights in multiple testing", Biometrika 2024).
#[must_use]
pub fn weighted_e_benjamini_hochberg(asked: &[Weighed], total_weight: f64, fdr: f64) -> Vec<usize> {
    let total = total_weight.max(asked.iter().map(|one| one.weight).sum());
    if fdr <= 0.0 || total <= 0.0 {
        return Vec::new();
    }
    // Scaled so that the plain procedure on as many hypotheses is the weighted one.
    let m = asked.len() as f64;
    let scaled: Vec<f64> = asked.iter().map(|one| one.e_value * one.weight * m / total).collect();
    e_benjamini_hochberg(&scaled, fdr)
}
