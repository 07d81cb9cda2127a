//! Discovery with false discovery control.

/// The hypotheses that e-BH rejects at level `fdr`, as indices in ascending order (Wang and Ramdas, JRSS B 2022).
///
/// *Guarantee:* the expected share of true nulls among the rejected is at most `fdr`, under any dependence of the
/// e-values, as long as each has mean at most one under its null. Rejects the `k` largest for the largest `k` with
/// `e_(k) >= m / (fdr k)`, where `m` is the number of hypotheses.
#[must_use]
pub fn e_benjamini_hochberg(e_values: &[f64], fdr: f64) -> Vec<usize> {
    e_benjamini_hochberg_of(e_values, e_values.len(), fdr)
}

/// The same when only some of `hypotheses` are still asked for: the others were left out for other reasons than their
/// e-values would give, and count all the same. Any set in which each `e >= m / (fdr k)` for its own size `k` is
/// self-consistent, and keeps the guarantee under any dependence.
#[must_use]
pub fn e_benjamini_hochberg_of(e_values: &[f64], hypotheses: usize, fdr: f64) -> Vec<usize> {
    if fdr <= 0.0 {
        return Vec::new();
    }
    let mut order: Vec<(f64, usize)> = e_values.iter().copied().zip(0..).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let m = hypotheses.max(order.len()) as f64;
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
