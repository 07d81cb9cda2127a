//! Permutations of the labels *served* and *held back*, and the statistic that is compared under them.

/// Draws of labels of the main test: the smallest p-value is one in this many and one.
pub const DRAWS: usize = 9_999;
/// Where the draws begin: the same input gives the same result.
const SEED: u64 = 0x5717_1A7C_4A0D_1701;

/// A seeded stream of numbers (`SplitMix64`).
#[derive(Debug)]
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = sketch::hash::mix(self.0);
        // The high half of a product of two words: as even as can be without division.
        usize::try_from((u128::from(word) * bound as u128) >> 64).unwrap_or(0)
    }
}

/// Units whose labels may change places, and how many of them were served.
#[derive(Debug, Clone)]
pub struct Stratum {
    /// Numbers of the units; those that were served first.
    pub units: Vec<usize>,
    /// How many were served.
    pub served: usize,
}

impl Stratum {
    /// What it counts for: the inverse of the variance of its difference, but for a factor.
    pub fn weight(&self) -> f64 {
        let (served, all) = (self.served as f64, self.units.len() as f64);
        served * (all - served) / all
    }
}

/// The mean difference between served and held-back units, stratum by stratum: the weighted mean over strata, with the weights
/// that make it the least variable.
#[derive(Debug)]
pub struct Contrast {
    centred: Vec<f64>,
    weight: f64,
    /// Its standard deviation over all permutations of the labels.
    pub deviation: f64,
}

impl Contrast {
    /// The contrast of some scores, one for each unit.
    pub fn new(scores: &[f64], strata: &[Stratum]) -> Self {
        let mut centred = vec![0.0; scores.len()];
        let (mut weight, mut variance) = (0.0, 0.0);
        for stratum in strata {
            let of = |unit: &usize| scores.get(*unit).copied().unwrap_or(0.0);
            let mean = stratum.units.iter().map(of).sum::<f64>() / stratum.units.len().max(1) as f64;
            let mut squares = 0.0;
            for unit in &stratum.units {
                if let Some(slot) = centred.get_mut(*unit) {
                    *slot = of(unit) - mean;
                    squares += *slot * *slot;
                }
            }
            weight += stratum.weight();
            // Variance of a sum over a sample that is drawn without putting back.
            variance += stratum.weight() * squares / (stratum.units.len() as f64 - 1.0).max(1.0);
        }
        let deviation = if weight > 0.0 { variance.sqrt() / weight } else { 0.0 };
        Self { centred, weight, deviation }
    }

    /// Its value where these units are the served ones.
    pub fn value(&self, served: &[usize]) -> f64 {
        let sum: f64 = served.iter().filter_map(|unit| self.centred.get(*unit)).sum();
        if self.weight > 0.0 { sum / self.weight } else { 0.0 }
    }

    /// The same in standard deviations; zero where nothing varies.
    pub fn standardised(&self, served: &[usize]) -> f64 {
        if self.deviation > 0.0 { self.value(served) / self.deviation } else { 0.0 }
    }
}

/// The units that were served.
pub fn served(strata: &[Stratum]) -> Vec<usize> {
    strata.iter().flat_map(|stratum| stratum.units.iter().take(stratum.served).copied()).collect()
}

/// The p-value of a statistic of who was served, larger being stranger.
///
/// *Null:* inside each stratum every choice of as many units was as likely to be the served one, whatever the scores are.
/// The choice that was made is one of those that are compared (the one that is added above and below), so that the p-value is
/// never too small, however many are drawn (Phipson and Smyth 2010). *What breaks it:* labels that depend on anything that the
/// scores depend on too.
pub fn p_value(strata: &[Stratum], draws: usize, statistic: &mut dyn FnMut(&[usize]) -> f64) -> f64 {
    let observed = statistic(&served(strata));
    let (mut rng, mut pools) = (Rng(SEED), strata.to_vec());
    let (mut chosen, mut as_strange) = (Vec::new(), 0_usize);
    for _ in 0..draws {
        chosen.clear();
        for pool in &mut pools {
            for place in 0..pool.served {
                let other = place + rng.below(pool.units.len() - place);
                pool.units.swap(place, other);
            }
            chosen.extend(pool.units.iter().take(pool.served).copied());
        }
        // Sums in another order differ in their last digits: such a draw counts as equal.
        as_strange += usize::from(statistic(&chosen) >= observed - 1e-9 * observed.abs().max(1e-9));
    }
    (1 + as_strange) as f64 / (1 + draws) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_are_those_of_all_permutations() {
        // Of the 20 choices of three among six, one has the sum of the three largest.
        let strata = [Stratum { units: (0..6).collect(), served: 3 }];
        let contrast = Contrast::new(&[9.0, 8.0, 7.0, 1.0, 2.0, 3.0], &strata);
        let p = p_value(&strata, DRAWS, &mut |served| contrast.standardised(served));
        assert!((p - 0.05).abs() < 0.01, "{p}");
        assert!((contrast.value(&served(&strata)) - 6.0).abs() < 1e-12);
    }

    #[test]
    fn labels_stay_inside_their_stratum() {
        // Between strata all differs, inside nothing does.
        let strata = [Stratum { units: vec![0, 1], served: 1 }, Stratum { units: vec![2, 3], served: 1 }];
        let contrast = Contrast::new(&[5.0, 5.0, 1.0, 1.0], &strata);
        assert_eq!((contrast.value(&served(&strata)), contrast.deviation), (0.0, 0.0));
        assert_eq!(p_value(&strata, 99, &mut |served| contrast.standardised(served)), 1.0);
    }

    #[test]
    fn the_deviation_is_that_of_the_draws() {
        let strata = [Stratum { units: (0..9).collect(), served: 4 }, Stratum { units: (9..12).collect(), served: 1 }];
        let scores: Vec<f64> = (0..12_u32).map(|unit| f64::from(unit * unit % 7)).collect();
        let contrast = Contrast::new(&scores, &strata);
        let mut squares = 0.0;
        p_value(&strata, 20_000, &mut |served| {
            squares += contrast.standardised(served).powi(2);
            0.0
        });
        assert!((squares / 20_001.0 - 1.0).abs() < 0.05, "{squares}");
    }
}
