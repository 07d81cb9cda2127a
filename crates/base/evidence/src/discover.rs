//! Discovery with false discovery control.

/// A hypothesis with its evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// Its e-value.
    pub e_value: f64,
    /// Its weight, chosen without a look at any e-value.
    pub weight: f64,
    /// Whether it may be reported. What may not counts as searched all the same.
    pub is_asked: bool,
}

/// The most hypotheses that are weighed up against each other for a report, the strongest first. More are never reported
/// at once; leaving some out only makes the report smaller.
const MAX_REPORTED: usize = 256;

/// The hypotheses that are rejected at false discovery rate `fdr`, as indices in ascending order, by closed e-BH.
///
/// *Guarantee:* the expected share of true nulls among the rejected is at most `fdr`, under any dependence of the
/// e-values, as long as each has mean at most one under its null. A set `R` may be reported if for *every* set `A` of
/// hypotheses that could be the true nulls, the weighted mean of the e-values of `A` is at least the share of `R` that
/// would then be false, over `fdr` (Xu, Fischer and Ramdas, "Bringing closure to false discovery rate control",
/// arXiv 2504.11759; the mean may be weighted with any weights fixed beforehand). It rejects all that weighted e-BH does
/// (Wang and Ramdas, JRSS B 2022), and more, because e-values of the others are not wasted.
/// *Method:* the candidates for `R` are the `k` strongest by weight times e-value, for each `k`. Of all `A` that share
/// `r` hypotheses with `R`, the hardest holds every hypothesis outside whose e-value is below what is needed, and those
/// `r` of `R` that bring least; so it is enough to look at one `A` for each `r`.
#[must_use]
pub fn closed_e_benjamini_hochberg(hypotheses: &[Weighed], fdr: f64) -> Vec<usize> {
    let order = strongest(hypotheses);
    if fdr <= 0.0 {
        return Vec::new();
    }
    let sums = Sums::of(hypotheses);
    let may_report = |k: &usize| is_supported(order.get(..*k).unwrap_or_default(), hypotheses, &sums, fdr);
    let rejected = (1..=order.len()).rev().find(may_report).unwrap_or(0);
    let mut found: Vec<usize> = order.into_iter().take(rejected).collect();
    found.sort_unstable();
    found
}

/// The hypotheses that are rejected at false discovery rate `fdr`, as indices in ascending order (Benjamini and Hochberg,
/// JRSS B 1995): the `k` with the smallest p-values for the largest `k` with `p_(k) <= fdr k / m`.
///
/// *Guarantee:* under independence, and under the positive dependence of conformal p-values of one reference.
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64], fdr: f64) -> Vec<usize> {
    let mut order: Vec<(f64, usize)> = p_values.iter().copied().zip(0..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let m = order.len() as f64;
    let passes = |(rank, (p, _)): &(usize, &(f64, usize))| *p <= fdr * (*rank + 1) as f64 / m;
    let rejected = order.iter().enumerate().rev().find(passes).map_or(0, |(rank, _)| rank + 1);
    let mut found: Vec<usize> = order.into_iter().take(rejected).map(|(_, at)| at).collect();
    found.sort_unstable();
    found
}

/// The hypotheses that may be reported, the strongest first.
fn strongest(hypotheses: &[Weighed]) -> Vec<usize> {
    let strength = |at: &usize| hypotheses.get(*at).map_or(0.0, |one| one.weight * one.e_value);
    let asked = hypotheses.iter().enumerate().filter(|(_, one)| one.is_asked && one.e_value > 1.0 && one.weight > 0.0);
    let mut order: Vec<usize> = asked.map(|(at, _)| at).collect();
    order.sort_by(|a, b| strength(b).total_cmp(&strength(a)).then(a.cmp(b)));
    order.truncate(MAX_REPORTED);
    order
}

/// All hypotheses by e-value, with sums of weights and of weighted e-values, so that what lies below a bound is looked up.
struct Sums {
    e_values: Vec<f64>,
    weights: Vec<f64>,
    weighted: Vec<f64>,
}

impl Sums {
    fn of(hypotheses: &[Weighed]) -> Self {
        let mut ascending: Vec<&Weighed> = hypotheses.iter().filter(|one| one.weight > 0.0).collect();
        ascending.sort_unstable_by(|a, b| a.e_value.total_cmp(&b.e_value).then(a.weight.total_cmp(&b.weight)));
        let (mut weight, mut weighted) = (0.0, 0.0);
        let mut sums = Self { e_values: Vec::new(), weights: vec![0.0], weighted: vec![0.0] };
        for one in ascending {
            weight += one.weight;
            weighted += one.weight * one.e_value;
            sums.e_values.push(one.e_value);
            sums.weights.push(weight);
            sums.weighted.push(weighted);
        }
        sums
    }

    /// The sum of `weight × (e - bound)` over hypotheses with e-values below a bound: never positive.
    fn shortfall(&self, bound: f64) -> f64 {
        let below = self.e_values.partition_point(|e_value| *e_value < bound);
        let at = |sums: &[f64]| sums.get(below).copied().unwrap_or(0.0);
        at(&self.weighted) - bound * at(&self.weights)
    }
}

fn is_supported(reported: &[usize], hypotheses: &[Weighed], sums: &Sums, fdr: f64) -> bool {
    let own: Vec<&Weighed> = reported.iter().filter_map(|at| hypotheses.get(*at)).collect();
    let mut gains: Vec<f64> = Vec::with_capacity(own.len());
    (1..=own.len()).all(|false_ones| {
        let needed = false_ones as f64 / (fdr * own.len() as f64);
        gains.clear();
        gains.extend(own.iter().map(|one| one.weight * (one.e_value - needed)));
        // The sums hold the reported ones too; what they count of them is taken off.
        let counted: f64 = gains.iter().filter(|gain| **gain < 0.0).sum();
        gains.sort_unstable_by(f64::total_cmp);
        let least: f64 = gains.iter().take(false_ones).sum();
        sums.shortfall(needed) - counted + least >= 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every set of true nulls, one after the other.
    fn is_supported_by_hand(reported: &[usize], all: &[Weighed], fdr: f64) -> bool {
        (1_u32..1 << all.len()).all(|set| {
            let inside = |at: &usize| set >> at & 1 == 1;
            let (mut weight, mut weighted) = (0.0, 0.0);
            for one in all.iter().enumerate().filter(|(at, _)| inside(at)).map(|(_, one)| one) {
                weight += one.weight;
                weighted += one.weight * one.e_value;
            }
            let wrong = reported.iter().filter(|at| inside(at)).count() as f64;
            weighted + 1e-9 >= weight * wrong / (fdr * reported.len() as f64)
        })
    }

    #[test]
    fn the_hardest_set_of_nulls_decides() {
        let mut state = 7_u64;
        let mut die = move |sides: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % sides
        };
        let (mut reported, mut refused) = (0, 0);
        for _ in 0..400 {
            let all: Vec<Weighed> = (0..7)
                .map(|_| Weighed {
                    e_value: [0.0, 0.5, 2.0, 9.0, 40.0, 300.0][die(6) as usize],
                    weight: [1.0, 2.0, 5.0][die(3) as usize],
                    is_asked: die(4) > 0,
                })
                .collect();
            let order = strongest(&all);
            let sums = Sums::of(&all);
            for k in 1..=order.len() {
                let fast = is_supported(&order[..k], &all, &sums, 0.1);
                assert_eq!(fast, is_supported_by_hand(&order[..k], &all, 0.1), "{all:?} {k}");
                reported += u32::from(fast);
                refused += u32::from(!fast);
            }
        }
        assert!(reported > 50 && refused > 50, "{reported} {refused}");
    }

    #[test]
    fn junk_of_no_weight_costs_nothing() {
        let strong = Weighed { e_value: 150.0, weight: 10.0, is_asked: true };
        let junk = |weight: f64| vec![Weighed { e_value: 0.5, weight, is_asked: true }; 1000];
        let found = |junk: Vec<Weighed>| closed_e_benjamini_hochberg(&[vec![strong], junk].concat(), 0.01);
        assert_eq!(found(junk(0.001)), [0]);
        assert!(found(junk(1.0)).is_empty());
    }
}
