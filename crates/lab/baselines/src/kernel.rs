//! The kernel of the published distance test, and the distance.

/// Mean of four radial kernels whose bandwidths are 0.5, 1, 2 and 4 times the median distance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    /// One over 32 times the square of the median distance.
    scale: f32,
}

impl Kernel {
    /// A kernel for vectors whose median distance is this.
    pub(crate) fn of_median(median: f64) -> Self {
        Self { scale: (1.0 / (32.0 * (median * median).max(1e-6))) as f32 }
    }

    /// Its value for two vectors of unit length with this cosine.
    pub(crate) fn of_cosine(self, cosine: f32) -> f32 {
        // exp(-d²/2b²) with b four times the median; the narrower ones are its 4th, 16th and 64th powers.
        let widest = (-(2.0 - 2.0 * cosine).max(0.0) * self.scale).exp();
        let second = widest.powi(4);
        let third = second.powi(4);
        (widest + second + third + third.powi(4)) / 4.0
    }
}

/// The squared distance of two samples from the sums of the kernel inside each (without the diagonal) and across;
/// unbiased, so it can be below zero.
pub(crate) fn distance(inside_a: f64, a: usize, inside_b: f64, b: usize, across: f64) -> f64 {
    let pairs = |count: usize| (count as f64 * count.saturating_sub(1) as f64).max(1.0);
    inside_a / pairs(a) + inside_b / pairs(b) - 2.0 * across / (a as f64 * b as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_bandwidths() {
        let median: f64 = 1.2;
        let cosine = 0.3_f32;
        let squared = 2.0 - 2.0 * 0.3;
        let exact: f64 =
            [0.5, 1.0, 2.0, 4.0].iter().map(|factor| (-squared / (2.0 * (factor * median).powi(2))).exp()).sum();
        assert!((f64::from(Kernel::of_median(median).of_cosine(cosine)) - exact / 4.0).abs() < 1e-5);
        assert!((Kernel::of_median(median).of_cosine(1.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn equal_samples_have_no_distance() {
        assert!(distance(6.0, 3, 2.0, 2, 6.0).abs() < 1e-12);
        assert!(distance(6.0, 3, 2.0, 2, 0.0) > 1.9);
    }
}
