//! The claims of this crate, shown by simulation under their nulls.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use evidence::Counted;
use evidence::NullRate;
use evidence::RankedScores;
use evidence::Reference;
use evidence::Weighed;
use evidence::average;
use evidence::benjamini_hochberg;
use evidence::closed_e_benjamini_hochberg;
use evidence::count_e_value;
use evidence::p_to_e;
use evidence::ranked_average;
use proptest::prelude::*;

/// SplitMix64: a seeded stream of uniform numbers, so that every run simulates the same worlds.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Gamma(shape) by Marsaglia and Tsang, boosted below one.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = self.next().max(1e-300).powf(1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = (-2.0 * self.next().max(1e-300).ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos();
            let v = (1.0 + c * z).powi(3);
            if v > 0.0 && self.next().max(1e-300).ln() < 0.5 * z * z + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    fn beta_binomial(&mut self, members: u64, null: NullRate) -> u64 {
        let size = (1.0 - null.correlation) / null.correlation;
        let (a, b) = (self.gamma(null.rate * size), self.gamma((1.0 - null.rate) * size));
        let rate = a / (a + b);
        (0..members).filter(|_| self.next() < rate).count() as u64
    }
}

#[test]
fn calibrated_p_values_have_mean_at_most_one_under_the_null() {
    // The integral of the calibrator over (0, 1) by the midpoint rule on a logarithmic grid.
    let steps = 200_000;
    let (mut sum, low) = (0.0, 1e-12_f64.ln());
    for step in 0..steps {
        let edge = |i: i32| (low * f64::from(i) / f64::from(steps)).exp();
        sum += p_to_e(f64::midpoint(edge(step), edge(step + 1))) * (edge(step) - edge(step + 1));
    }
    // Of the mass below 1e-12, 1/ln(1e12) = 0.036 is left out.
    assert!((0.94..=1.0).contains(&sum), "{sum}");
}

#[test]
fn conformal_p_values_are_valid_at_every_level() {
    let mut uniform = Uniform(1);
    let (mut below, worlds) = ([0_u32; 3], 20_000);
    for _ in 0..worlds {
        let reference = Reference::new((0..99).map(|_| (0, uniform.next())));
        let p = reference.p_value(0, uniform.next());
        for (count, level) in below.iter_mut().zip([0.01, 0.05, 0.2]) {
            *count += u32::from(p <= level);
        }
    }
    for (count, level) in below.into_iter().zip([0.01, 0.05, 0.2]) {
        let rate = f64::from(count) / f64::from(worlds);
        let error = 4.0 * (level * (1.0 - level) / f64::from(worlds)).sqrt();
        assert!(rate <= level + error, "{rate} at {level}");
        assert!(rate >= 0.8 * level, "{rate} at {level} wastes power");
    }
}

#[test]
fn count_e_values_have_mean_at_most_one_under_their_null_and_below_it() {
    let mut uniform = Uniform(2);
    for (rate, spread, members) in [(0.05, 0.05, 12), (0.1, 0.3, 60), (0.4, 0.1, 200), (0.02, 0.6, 30)] {
        let null = NullRate { rate, correlation: spread };
        for true_rate in [rate, rate / 2.0] {
            let truth = NullRate { rate: true_rate, correlation: spread };
            let worlds = 20_000;
            let values: Vec<f64> = (0..worlds)
                .map(|_| count_e_value(Counted { with: uniform.beta_binomial(members, truth), members }, null))
                .collect();
            let mean = average(&values);
            let variance = values.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / f64::from(worlds);
            assert!(mean <= 1.0 + 4.0 * (variance / f64::from(worlds)).sqrt(), "{mean} for {rate} {spread} {members}");
            let large = values.iter().filter(|e| **e >= 20.0).count() as f64 / f64::from(worlds);
            assert!(large <= 0.05, "{large} of null groups reach 20");
        }
    }
}

#[test]
fn a_group_that_is_all_alike_is_evidence_and_a_common_habit_is_not() {
    let null = NullRate { rate: 0.05, correlation: 0.1 };
    assert!(count_e_value(Counted { with: 190, members: 200 }, null) > 1e6);
    assert!(count_e_value(Counted { with: 10, members: 200 }, null) < 2.0);
    assert!(count_e_value(Counted { with: 0, members: 200 }, null) < 1.0);
    let alike = NullRate { rate: 0.05, correlation: 0.9 };
    assert!(count_e_value(Counted { with: 200, members: 200 }, alike) < 20.0, "groups of one kind are the null");
}

/// What is true of honest groups, which no score knows: how alike their members are, and how far their families go together.
#[derive(Debug, Clone, Copy)]
struct Truth {
    correlation: f64,
    coupling: f64,
}

thread_local! {
    /// The score of each count of forty.
    static SCORES: Vec<f64> = (0..=40)
        .map(|with| count_e_value(Counted { with, members: 40 }, NullRate { rate: 0.05, correlation: 0.2 }))
        .collect();
}

/// Four families' shares of a group of forty, of which a property is shown with a rate of one in twenty: beta-distributed
/// over groups, and coupled over families by one number that all share with a probability of `coupling`.
fn score_of_honest(truth: Truth, dice: &mut Uniform) -> f64 {
    let size = (1.0 - truth.correlation) / truth.correlation;
    let (a, b) = (0.05 * size, 0.95 * size);
    let share = |dice: &mut Uniform| {
        let (x, y) = (dice.gamma(a), dice.gamma(b));
        x / (x + y)
    };
    let common = share(dice);
    let families: Vec<f64> = (0..4)
        .map(|_| {
            let own = share(dice);
            let rate = if dice.next() < truth.coupling { common } else { own };
            let with = (0..40).filter(|_| dice.next() < rate).count();
            SCORES.with(|scores| scores[with])
        })
        .collect();
    // The product of half-bets, as candidates are scored.
    families.iter().map(|score| f64::midpoint(1.0, score.max(1.0))).product()
}

/// Groups are the densest that a search finds: of three, the one that scores most.
fn selected_by_density(truth: Truth, dice: &mut Uniform) -> f64 {
    (0..3).map(|_| score_of_honest(truth, dice)).fold(0.0, f64::max)
}

#[test]
fn scores_are_no_e_values_and_ranks_among_honest_groups_are() {
    let truth = Truth { correlation: 0.3, coupling: 0.3 };
    let mut dice = Uniform(101);
    let (mut scores, mut ranks) = (0.0, 0.0);
    let (logs, groups) = (60, 68);
    for _ in 0..logs {
        let bank = RankedScores::new((0..300).map(|_| selected_by_density(truth, &mut dice)), 300);
        for _ in 0..groups {
            let score = selected_by_density(truth, &mut dice);
            scores += score;
            ranks += bank.e_value(score);
        }
    }
    let all = f64::from(logs * groups);
    assert!(scores / all > 2.0, "the mean score of honest groups is {}: this test shows nothing", scores / all);
    assert!(ranks / all < 1.25, "the mean e-value of honest groups is {}", ranks / all);
}

/// Share of false ones among what is found, and share of campaigns that are found, over many logs.
fn found_in(truth: Truth, fdr: f64, bank: usize, logs: u32, seed: u64) -> (f64, f64) {
    let mut dice = Uniform(seed);
    let (mut wrong, mut right) = (0.0, 0.0);
    for _ in 0..logs {
        let bank = RankedScores::new((0..bank).map(|_| selected_by_density(truth, &mut dice)), bank);
        let honest = (0..60).map(|_| (1.0, selected_by_density(truth, &mut dice)));
        let hostile = (0..5).map(|_| (10.0, 1e300));
        let all: Vec<(f64, f64)> = honest.collect::<Vec<_>>().into_iter().chain(hostile).collect();
        let asked: Vec<Weighed> = all
            .iter()
            .map(|(weight, score)| Weighed { e_value: bank.e_value(*score), weight: *weight, is_asked: true })
            .collect();
        let found = closed_e_benjamini_hochberg(&asked, fdr);
        let false_ones = found.iter().filter(|at| **at < 60).count();
        wrong += false_ones as f64 / found.len().max(1) as f64;
        right += (found.len() - false_ones) as f64 / 5.0;
    }
    (wrong / f64::from(logs), right / f64::from(logs))
}

#[test]
fn the_false_discovery_rate_holds_when_families_depend_on_each_other() {
    for (truth, seed) in [(0.2, 0.0), (0.3, 0.3), (0.5, 0.6)].into_iter().zip(1..) {
        let truth = Truth { correlation: truth.0, coupling: truth.1 };
        for (fdr, bank) in [(0.01, 600), (0.05, 200), (0.1, 100)] {
            let (wrong, right) = found_in(truth, fdr, bank, 200, seed);
            // Five standard errors of a share that is hardly ever more than a sixth.
            let error = 5.0 * (fdr / 6.0 / 200.0_f64).sqrt();
            assert!(wrong <= fdr + error, "{wrong} at {fdr} ({truth:?})");
            assert!(right >= 0.9, "only {right} are found at {fdr} ({truth:?}): this test shows nothing");
        }
    }
}

#[test]
fn a_bank_says_no_more_than_its_size_supports() {
    let bank = RankedScores::new((1..99).map(f64::from), 99);
    assert!((bank.largest_e_value() - (60.0 + 25.0 / 3.0 + 1.5)).abs() < 1e-9);
    assert_eq!(bank.e_value(98.0).to_bits(), (25.0_f64 / 3.0 + 1.5).to_bits(), "an equal score is not above");
    assert!(bank.e_value(50.0).abs() < 1e-12);
    assert!(RankedScores::default().e_value(1e300) <= 1.0, "nothing is known, and nothing is claimed");
    assert_eq!((bank.above(97.5), bank.quantile(0.5)), (1, Some(49.0)));
}

/// Among `G + 1` exchangeable groups each rank is equally likely, so the mean over all ranks is the mean under the null.
#[test]
fn both_e_values_have_a_mean_of_one_at_most_whatever_the_size_of_the_bank() {
    for groups in [1, 9, 10, 39, 40, 99, 400, 2_999] {
        let bank = RankedScores::new((1..=groups).map(f64::from), groups as usize);
        let ranks = || (0..=groups).map(|rank| f64::from(rank) + 0.5);
        let mean = |of: &dyn Fn(f64) -> f64| ranks().map(of).sum::<f64>() / f64::from(groups + 1);
        let (all, family) = (mean(&|score| bank.e_value(score)), mean(&|score| bank.family_e_value(score)));
        assert!(all <= 1.0 + 1e-9 && family <= 1.0 + 1e-9, "{groups}: {all}, {family}");
    }
}

#[test]
fn a_family_above_all_but_one_in_forty_is_worth_twenty_however_large_the_bank() {
    for groups in [39, 399, 3_999, 39_999] {
        let bank = RankedScores::new((1..=groups).map(f64::from), groups as usize);
        let at_rank = |above: i32| bank.family_e_value(f64::from(groups - above) + 0.5);
        let apart = (groups + 1) / 40;
        assert!(at_rank(apart - 1) >= 20.0, "{groups}: {}", at_rank(apart - 1));
        assert!(at_rank(apart.max(10)) < 20.0, "{groups}: {}", at_rank(apart.max(10)));
    }
}

#[test]
fn dependence_of_e_values_does_not_break_the_closed_procedure() {
    let mut uniform = Uniform(4);
    for fdr in [0.01, 0.05, 0.1] {
        let (mut share, worlds) = (0.0, 4_000);
        for _ in 0..worlds {
            // Forty true nulls that all move together, ten real effects.
            let common = uniform.next();
            let e_value = |at: u32, own: f64| if at < 40 { p_to_e(common.max(1e-9)) } else { p_to_e(own.max(1e-12)) };
            let asked: Vec<Weighed> = (0..50)
                .map(|at| Weighed { e_value: e_value(at, uniform.next() * 1e-5), weight: 1.0, is_asked: true })
                .collect();
            let found = closed_e_benjamini_hochberg(&asked, fdr);
            let false_ones = found.iter().filter(|index| **index < 40).count();
            share += if found.is_empty() { 0.0 } else { false_ones as f64 / found.len() as f64 };
        }
        assert!(share / f64::from(worlds) <= fdr, "{} at {fdr}", share / f64::from(worlds));
    }
}

proptest! {
    #[test]
    fn the_closed_procedure_finds_all_that_e_bh_does(
        e_values in proptest::collection::vec(0.0..5_000.0_f64, 0..40),
        fdr in 0.001..0.5_f64,
    ) {
        let m = e_values.len() as f64;
        let at_least = |k: usize| e_values.iter().filter(|e| **e >= m / (fdr * k as f64)).count() >= k;
        let plain = (1..=e_values.len()).filter(|k| at_least(*k)).max().unwrap_or(0);
        let asked: Vec<Weighed> =
            e_values.iter().map(|e_value| Weighed { e_value: *e_value, weight: 1.0, is_asked: true }).collect();
        prop_assert!(closed_e_benjamini_hochberg(&asked, fdr).len() >= plain);
    }

    #[test]
    fn benjamini_hochberg_agrees_with_its_definition(
        p_values in proptest::collection::vec(0.0..1.0_f64, 0..40),
        fdr in 0.001..0.5_f64,
    ) {
        let m = p_values.len() as f64;
        let at_most = |k: usize| p_values.iter().filter(|p| **p <= fdr * k as f64 / m).count() >= k;
        let expected = (1..=p_values.len()).filter(|k| at_most(*k)).max().unwrap_or(0);
        prop_assert_eq!(benjamini_hochberg(&p_values, fdr).len(), expected);
    }

    #[test]
    fn a_larger_count_is_never_weaker_evidence(members in 1_u64..80, rate in 0.001..0.9_f64, spread in 0.0..0.95_f64) {
        let null = NullRate { rate, correlation: spread };
        let values: Vec<f64> = (0..=members).map(|with| count_e_value(Counted { with, members }, null)).collect();
        prop_assert!(values.is_sorted());
        prop_assert!(values.iter().all(|e| e.is_finite() && *e >= 0.0));
    }

    #[test]
    fn smaller_p_values_have_larger_e_values(a in 1e-12..1.0_f64, b in 1e-12..1.0_f64) {
        prop_assert!((a < b) == (p_to_e(a) > p_to_e(b)) || (p_to_e(a) - p_to_e(b)).abs() < 1e-9);
    }
}

#[test]
fn an_order_fixed_beforehand_keeps_the_mean_at_one() {
    let mut uniform = Uniform(79);
    let rounds = 100_000;
    // One draw for all: the strongest dependence.
    let mean =
        (0..rounds).map(|_| ranked_average(&[p_to_e(uniform.next()); 7]).min(1e4)).sum::<f64>() / f64::from(rounds);
    assert!(mean <= 1.05, "{mean}");
    assert!(ranked_average(&[100.0, 0.0, 0.0]) > ranked_average(&[0.0, 0.0, 100.0]));
}
