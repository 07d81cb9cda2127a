//! Small statistics.

/// Shapiro and Wilk's statistic of normality, with the weights of Royston's approximation (Applied Statistics 44,
/// 1995, algorithm AS R94). From 0 to 1, where 1 is as normal as can be; `None` for fewer than three values or if all
/// are equal.
#[must_use]
pub fn shapiro_wilk(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len();
    if count < 3 || sorted.first()? == sorted.last()? {
        return None;
    }
    let weights = weights(count);
    let mean = sorted.iter().sum::<f64>() / count as f64;
    let spread: f64 = sorted.iter().map(|value| (value - mean).powi(2)).sum();
    let line: f64 = sorted.iter().zip(&weights).map(|(value, weight)| value * weight).sum();
    (spread > 0.0).then(|| (line * line / spread).min(1.0))
}

/// Weights of the sorted values, from the lowest to the highest; their squares sum to one.
fn weights(count: usize) -> Vec<f64> {
    let size = count as f64;
    if count == 3 {
        let root = 0.5_f64.sqrt();
        return vec![-root, 0.0, root];
    }
    let scores: Vec<f64> = (1..=count).map(|at| normal_quantile((at as f64 - 0.375) / (size + 0.25))).collect();
    let norm: f64 = scores.iter().map(|score| score * score).sum();
    let scale = norm.sqrt();
    let from_top = |back: usize| scores.iter().rev().nth(back).copied().unwrap_or(0.0);
    let u = 1.0 / size.sqrt();
    let polynomial = |terms: [f64; 6]| terms.iter().rev().fold(0.0, |sum, term| sum * u + term);
    let last = polynomial([from_top(0) / scale, 0.221_157, -0.147_981, -2.071_190, 4.434_685, -2.706_056]);
    let (second, rest) = if count > 5 {
        let second = polynomial([from_top(1) / scale, 0.042_981, -0.293_762, -1.752_461, 5.682_633, -3.582_633]);
        let above = norm - 2.0 * from_top(0).powi(2) - 2.0 * from_top(1).powi(2);
        (Some(second), above / (1.0 - 2.0 * last * last - 2.0 * second * second))
    } else {
        (None, (norm - 2.0 * from_top(0).powi(2)) / (1.0 - 2.0 * last * last))
    };
    let divisor = rest.sqrt();
    scores
        .iter()
        .enumerate()
        .map(|(at, score)| match (at.min(count - 1 - at), second) {
            (0, _) => last.copysign(*score),
            (1, Some(second)) => second.copysign(*score),
            _ => score / divisor,
        })
        .collect()
}

/// The value below which a standard normal variable is with this probability (Acklam's rational approximation,
/// relative error below 1.2e-9).
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];
    const TAIL: f64 = 0.024_25;
    let ratio = |up: &[f64], down: &[f64], x: f64| {
        let horner = |terms: &[f64]| terms.iter().fold(0.0, |sum, term| sum * x + term);
        horner(up) / horner(down)
    };
    if probability <= 0.0 {
        f64::NEG_INFINITY
    } else if probability >= 1.0 {
        f64::INFINITY
    } else if probability < TAIL {
        ratio(&C, &D, (-2.0 * probability.ln()).sqrt())
    } else if probability > 1.0 - TAIL {
        -ratio(&C, &D, (-2.0 * (1.0 - probability).ln()).sqrt())
    } else {
        let q = probability - 0.5;
        q * ratio(&A, &B, q * q)
    }
}

/// The value that a share of the values does not exceed, between two by straight line; zero of none.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = share.clamp(0.0, 1.0) * sorted.len().saturating_sub(1) as f64;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    let (low, high) = (at(place.floor() as usize), at(place.ceil() as usize));
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapiro_wilk_of_published_samples() {
        // The weights of eleven men, from the paper of 1965 (0.79 there); R gives 0.78881.
        let men = [148.0, 154.0, 158.0, 160.0, 161.0, 162.0, 166.0, 170.0, 182.0, 195.0, 236.0];
        assert!((shapiro_wilk(&men).unwrap() - 0.78881).abs() < 2e-4, "{:?}", shapiro_wilk(&men));
        // R's data set `women`: heights 0.96359, weights 0.96036.
        let heights: Vec<f64> = (58..=72).map(f64::from).collect();
        assert!((shapiro_wilk(&heights).unwrap() - 0.96359).abs() < 2e-4, "{:?}", shapiro_wilk(&heights));
        let weights =
            [115.0, 117.0, 120.0, 123.0, 126.0, 129.0, 132.0, 135.0, 139.0, 142.0, 146.0, 150.0, 154.0, 159.0, 164.0];
        assert!((shapiro_wilk(&weights).unwrap() - 0.96036).abs() < 2e-4, "{:?}", shapiro_wilk(&weights));
        assert_eq!(shapiro_wilk(&[1.0, 1.0, 1.0]), None);
        assert_eq!(shapiro_wilk(&[1.0, 2.0]), None);
    }

    #[test]
    fn normal_quantiles() {
        assert!((normal_quantile(0.975) - 1.959_963_985).abs() < 1e-7);
        assert!((normal_quantile(0.01) + 2.326_347_874).abs() < 1e-7);
        assert!(normal_quantile(0.5).abs() < 1e-12);
    }

    #[test]
    fn quantiles() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&[0.0, 10.0], 0.95), 9.5);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
