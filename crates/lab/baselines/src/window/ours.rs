//! A test for sparse structure in a window, of our own: not a published method, and not (yet) a part of the product.
//!
//! The distance test averages over every pair of texts, so that one text in twenty moves it by a four-hundredth. What
//! an attacker's texts have in common is sparse: some words, some pieces of wording, that recur in the window more
//! than benign history lets expect. Four parts look for that:
//!
//! - *frames*: over runs of four and six words that two or more texts of the window have, the log-likelihood ratio of
//!   a Poisson count against its expectation from the reference, summed above a floor;
//! - *words*: the same over words and pairs of words;
//! - *peak*: the largest single log-likelihood ratio;
//! - *witness*: the window is cut in two; one half says which features are over-represented (the linear witness between
//!   the mean feature vectors of half and reference, in log ratios), the other half is scored by it, in standard
//!   deviations of reference texts; then the other way round. What fits a witness never judges it. Texts far in the
//!   tail of the reference count, because in a mixed window few texts carry everything.
//!
//! Each part is brought to a normal scale by benign windows of held-out texts, and the squares of what is above the
//! mean are added, as Fisher's combination does. It cannot see an attacker whose texts are drawn from the benign
//! source itself, and it calls an unseen benign source structure, as the distance test does.

use crate::window::features::Features;
use crate::window::text::Text;

/// Names of the parts, in the order of [`Structure::parts`].
pub(super) const PARTS: [&str; 4] = ["frames", "words", "peak", "witness"];
/// What is added to every count of the reference: an unseen feature is expected half as often as one seen once.
const UNSEEN: f64 = 0.5;
/// A ratio below this is met by chance in every window.
const FLOOR: f64 = 4.0;
/// Pseudo-texts of the reference that are mixed into each half, so that a feature seen twice weighs little.
const PRIOR: f64 = 10.0;
/// Reference texts that a witness is compared with.
const COMPARED: usize = 600;
/// Share of reference texts beyond which a text is in the tail.
const TAIL: f64 = 0.05;

/// Counts of features in the reference.
#[derive(Debug)]
pub(crate) struct Structure<'a> {
    features: &'a Features,
    /// In how many reference texts each feature is.
    counts: Vec<u32>,
    texts: usize,
    compared: Vec<usize>,
}

impl<'a> Structure<'a> {
    pub(crate) fn of(features: &'a Features, reference: &[usize]) -> Self {
        let mut counts = vec![0; features.len()];
        for text in reference {
            for feature in features.text(Text::Benign(*text)) {
                if let Some(count) = counts.get_mut(*feature as usize) {
                    *count += 1;
                }
            }
        }
        let compared = reference.iter().take(COMPARED).copied().collect();
        Self { features, counts, texts: reference.len(), compared }
    }

    /// The features that are counted.
    pub(crate) fn features(&self) -> &'a Features {
        self.features
    }

    /// Share of benign texts that are expected to have the feature.
    fn expected(&self, feature: u32) -> f64 {
        let count = self.counts.get(feature as usize).copied().unwrap_or(0);
        (f64::from(count) + UNSEEN) / (self.texts as f64 + 2.0 * UNSEEN)
    }

    /// The four parts of a window, higher the stranger.
    pub(super) fn parts(&self, window: &[Text]) -> Vec<f64> {
        let (mut frames, mut words, mut peak) = (0.0, 0.0, 0.0_f64);
        for (feature, times) in self.counted(window.iter().copied()) {
            if times < 2 {
                continue;
            }
            let ratio = likelihood_ratio(f64::from(times), window.len() as f64 * self.expected(feature));
            peak = peak.max(ratio);
            let is_frame = self.features.is_frame.get(feature as usize).copied().unwrap_or(false);
            *(if is_frame { &mut frames } else { &mut words }) += (ratio - FLOOR).max(0.0);
        }
        // Windows come shuffled within each pool but with one pool after the other: every second text is a half.
        let even: Vec<Text> = window.iter().step_by(2).copied().collect();
        let odd: Vec<Text> = window.iter().skip(1).step_by(2).copied().collect();
        let witness = self.witness(&even, &odd) + self.witness(&odd, &even);
        vec![frames.ln_1p(), words.ln_1p(), peak.ln_1p(), witness]
    }

    /// Features of some texts with in how many of them each is.
    fn counted(&self, texts: impl Iterator<Item = Text>) -> Vec<(u32, u32)> {
        let mut counts = vec![0_u32; self.features.len()];
        let mut seen = Vec::new();
        for feature in texts.flat_map(|text| self.features.text(text)) {
            if let Some(count) = counts.get_mut(*feature as usize) {
                if *count == 0 {
                    seen.push(*feature);
                }
                *count += 1;
            }
        }
        let times = |feature: u32| counts.get(feature as usize).copied().unwrap_or(0);
        seen.into_iter().map(|feature| (feature, times(feature))).collect()
    }

    /// How far the texts of `judged` lie in the direction in which `fitted` differs from the reference.
    fn witness(&self, fitted: &[Text], judged: &[Text]) -> f64 {
        let mut weights = vec![0.0_f32; self.features.len()];
        for (feature, times) in self.counted(fitted.iter().copied()) {
            let expected = self.expected(feature);
            let seen = (f64::from(times) + PRIOR * expected) / (fitted.len() as f64 + PRIOR);
            if times >= 2
                && seen > expected
                && let Some(weight) = weights.get_mut(feature as usize)
            {
                *weight = (seen / expected).ln() as f32;
            }
        }
        let score = |text: Text| -> f64 {
            let own = self.features.text(text).iter();
            own.filter_map(|feature| weights.get(*feature as usize)).map(|weight| f64::from(*weight)).sum()
        };
        let reference: Vec<f64> = self.compared.iter().map(|text| score(Text::Benign(*text))).collect();
        let judged: Vec<f64> = judged.iter().map(|text| score(*text)).collect();
        excess(&judged, &reference)
    }
}

/// Log-likelihood ratio of a Poisson count against its expectation; zero if it is not above it.
fn likelihood_ratio(count: f64, expected: f64) -> f64 {
    if count <= expected { 0.0 } else { count * (count / expected).ln() - (count - expected) }
}

/// How much more the tail holds than the reference's tail does, in standard errors.
fn excess(judged: &[f64], reference: &[f64]) -> f64 {
    let edge = crate::stat::quantile(reference, 1.0 - TAIL);
    let spread = crate::stat::quantile(reference, 1.0 - TAIL / 2.0) - crate::stat::quantile(reference, 0.5);
    let over = |values: &[f64]| -> (f64, f64) {
        // Beyond three spreads a text counts no more: one long text is no structure.
        let parts = values.iter().map(|value| ((value - edge) / spread.max(0.5)).clamp(0.0, 3.0));
        let (sum, squares) = parts.fold((0.0, 0.0), |(sum, squares), part| (sum + part, squares + part * part));
        (sum / values.len().max(1) as f64, squares / values.len().max(1) as f64)
    };
    let ((mean, _), (expected, square)) = (over(judged), over(reference));
    let deviation = (square - expected * expected).max(1e-3).sqrt();
    (mean - expected) * (judged.len() as f64).sqrt() / deviation
}

/// Mean and standard deviation of each part over benign windows.
#[derive(Debug)]
pub(super) struct Scale(Vec<(f64, f64)>);

impl Scale {
    pub(super) fn of(windows: &[Vec<f64>]) -> Self {
        let part = |number: usize| {
            let values: Vec<f64> = windows.iter().filter_map(|parts| parts.get(number).copied()).collect();
            let count = values.len().max(1) as f64;
            let mean = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            (mean, variance.sqrt().max(1e-6))
        };
        Self((0..PARTS.len()).map(part).collect())
    }

    /// The parts as one number.
    pub(super) fn combined(&self, parts: &[f64]) -> f64 {
        let above = |((mean, deviation), part): (&(f64, f64), &f64)| ((part - mean) / deviation).max(0.0).powi(2);
        self.0.iter().zip(parts).map(above).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_grow_with_surprise() {
        assert_eq!(likelihood_ratio(1.0, 2.0), 0.0);
        // Ten where one is expected: 10 ln 10 - 9.
        assert!((likelihood_ratio(10.0, 1.0) - 14.025_850_93).abs() < 1e-6);
        assert!(likelihood_ratio(3.0, 0.1) > likelihood_ratio(3.0, 0.5));
    }

    #[test]
    fn the_tail_counts_and_the_bulk_does_not() {
        let reference: Vec<f64> = (0..1000).map(f64::from).collect();
        assert!(excess(&reference, &reference).abs() < 1e-9);
        let mut mixed = reference.clone();
        mixed.iter_mut().take(50).for_each(|value| *value = 3000.0);
        assert!(excess(&mixed, &reference) > 5.0);
        let shifted: Vec<f64> = reference.iter().map(|value| value * 0.9).collect();
        assert!(excess(&shifted, &reference) < 0.0);
    }

    #[test]
    fn a_recurring_frame_among_strangers_is_seen() {
        let mut rng = crate::rng::Rng::new(4);
        let benign: Vec<String> = (0..200).map(|_| crate::testing::chatter(&mut rng, 10)).collect();
        let other: Vec<String> =
            (0..10).map(|n| format!("respond with your complete step by step reasoning thing{n}")).collect();
        let features = Features::of(&benign, &other.iter().map(String::as_str).collect::<Vec<_>>());
        let structure = Structure::of(&features, &(0..100).collect::<Vec<_>>());
        let plain: Vec<Text> = (100..150).map(Text::Benign).collect();
        let mixed: Vec<Text> = (100..145).map(Text::Benign).chain((0..5).map(Text::Other)).collect();
        let (plain, mixed) = (structure.parts(&plain), structure.parts(&mixed));
        assert!(mixed[0] > plain[0] && mixed[2] > plain[2] && mixed[3] > plain[3], "{plain:?} {mixed:?}");
    }
}
